// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/indexed_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "vo/base/error.h"
#include "vo/services/plate_search.h"
#include "vo/votable/writer.h"

namespace platefs::vo {
namespace {

template <typename Number>
void append_bytes(std::string& to, Number value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A cell is its form, by its number in VotableValue, and the value.
struct AppendCell {
  std::string& to;
  void operator()(std::monostate) const {}
  void operator()(bool value) const { to += value ? '\1' : '\0'; }
  void operator()(std::int64_t value) const { append_bytes(to, value); }
  void operator()(float value) const { append_bytes(to, value); }
  void operator()(double value) const { append_bytes(to, value); }
  void operator()(std::string_view value) const {
    append_bytes(to, static_cast<std::uint32_t>(value.size()));
    to += value;
  }
};

void append_cell(std::string& to, const CellView& cell) {
  to += static_cast<char>(cell.index());
  std::visit(AppendCell{to}, cell);
}

class RowBytes {
 public:
  explicit RowBytes(std::string_view bytes) : rest_(bytes) {}

  VotableValue cell() {
    switch (taken(1).front()) {
      case 0:
        return {};
      case 1:
        return taken(1).front() != '\0';
      case 2:
        return number<std::int64_t>();
      case 3:
        return number<float>();
      case 4:
        return number<double>();
      case 5:
        return std::string{taken(number<std::uint32_t>())};
      default:
        unreadable();
    }
  }
  bool is_empty() const { return rest_.empty(); }
  [[noreturn]] static void unreadable() {
    throw Error{ErrorKind::Corrupt, "the index of a table is damaged: a row is none"};
  }

 private:
  std::string_view taken(std::size_t size) {
    if (size > rest_.size()) unreadable();
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  template <typename Number>
  Number number() {
    Number value{};
    std::memcpy(&value, taken(sizeof value).data(), sizeof value);
    return value;
  }

  std::string_view rest_;
};

/// As it is where it can't be a URL: the caller that opens it is told why.
std::string in_full(const Url& table, std::string_view reference) {
  try {
    return table.resolve(reference).text();
  } catch (const Error&) {
    return std::string{reference};
  }
}

std::string headings(const FieldList& fields) {
  std::string names;
  for (std::size_t i = 0; i < fields.size() && i < 40; ++i) names += (i == 0 ? "" : ", ") + fields[i].name;
  return names;
}

}  // namespace

RowIndexer::RowIndexer(const ColumnMapping& mapping, Table table, TableIndexBuilder& builder,
                       std::function<void()> after_batch)
    : mapping_(mapping), table_(std::move(table)), builder_(builder), after_batch_(std::move(after_batch)) {}

void RowIndexer::begin(const FieldList& fields) {
  if (mapped_) return;
  mapped_.emplace(mapping_, fields, table_.name);
  Votable named;
  named.fields = mapped_->fields();
  access_url_ = named.column("access_url", "Access.Reference");
  preview_ = named.column("preview");
  region_ = named.column("s_region", "char.spatialaxis.coverage.support.area");
  ra_ = named.column("s_ra");
  dec_ = named.column("s_dec");
  field_ = named.column("s_fov");
  if (access_url_ < 0 && named.column("obs_publisher_did", "Curation.PublisherDID") < 0) {
    throw Error{
        ErrorKind::Rejected,
        fmt::format("{} has neither access_url nor obs_publisher_did; say by 'columns' which of its columns these "
                    "are: {}",
                    table_.name, headings(fields))};
  }
  if (region_ < 0 && (ra_ < 0 || dec_ < 0)) {
    throw Error{ErrorKind::Rejected, fmt::format("{} has neither s_region nor s_ra and s_dec to find plates by; say by "
                                                 "'columns' which of its columns these are: {}",
                                                 table_.name, headings(fields))};
  }
}

void RowIndexer::take(VotableRows rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) add(rows, row);
  after_batch_();
}

void RowIndexer::add(const VotableRows& rows, std::size_t row) {
  const auto place = place_of(rows, row);
  if (!place) return builder_.pass_over();
  row_.clear();
  const auto columns = mapped_->fields().size();
  for (std::size_t i = 0; i < columns; ++i) {
    auto cell = mapped_->cell(rows, row, i);
    const bool is_url = static_cast<int>(i) == access_url_ || static_cast<int>(i) == preview_;
    const auto* reference = std::get_if<std::string_view>(&cell);
    if (is_url && reference != nullptr && !reference->empty()) {
      room_ = in_full(table_.url, *reference);
      cell = std::string_view{room_};
    }
    append_cell(row_, cell);
  }
  builder_.add(place->centre, place->radius, row_);
}

std::optional<double> RowIndexer::number(const VotableRows& rows, std::size_t row, int column) const {
  if (column < 0) return std::nullopt;
  const auto value = number_of(mapped_->cell(rows, row, static_cast<std::size_t>(column)));
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<SkyRegion::Bounds> RowIndexer::place_of(const VotableRows& rows, std::size_t row) const {
  if (region_ >= 0) {
    const auto cell = mapped_->cell(rows, row, static_cast<std::size_t>(region_));
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      if (const auto region = SkyRegion::parse(*text)) {
        if (const auto bounds = region->bounds()) return bounds;
        return SkyRegion::Bounds{IcrsPosition{Angle::degrees(0), Angle::degrees(0)}, Angle::degrees(180)};
      }
    }
  }
  const auto ra = number(rows, row, ra_), dec = number(rows, row, dec_);
  if (!ra || !dec || *ra < 0 || *ra > 360 || std::abs(*dec) > 90) return std::nullopt;
  const auto field = number(rows, row, field_).value_or(kUsualField);
  return SkyRegion::Bounds{IcrsPosition::at(Angle::degrees(*ra < 360 ? *ra : 0), Angle::degrees(*dec)),
                           Angle::degrees((field > 0 ? std::min(field, 360.0) : kUsualField) / 2)};
}

std::string RowIndexer::frame(const Votable& read) const {
  VotableDocument document;
  document.table_name = "plates";
  for (const auto& info : read.infos) {
    // What is said of the whole table holds for no answer.
    if (info.name != "QUERY_STATUS") document.infos.push_back(info);
  }
  document.fields = mapped_->fields();
  document.services = read.services;
  document.keeps_declarations = true;
  return votable_text(document);
}

void append_indexed_row(std::string_view bytes, std::size_t columns, VotableRows& rows) {
  RowBytes from{bytes};
  std::vector<VotableValue> values;
  values.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i) values.push_back(from.cell());
  if (!from.is_empty()) RowBytes::unreadable();
  rows.push_back(values);
}

}  // namespace platefs::vo
