// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/fits_table.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/fits/hdu/hdu.h"
#include "vo/votable/binary.h"
#include "vo/votable/column.h"
#include "vo/votable/row_collector.h"

namespace platefs::vo {
namespace {

using Kind = CellType::Kind;

constexpr std::int64_t kMostFitsColumns = 999;  // FITS 4.0 section 7.3.1
constexpr int kMostHdus = 1000;

/// What TFORMn says: "12E", "1PE(40)".
struct TformCode {
  std::uint64_t count = 1;
  char pointer = 0;  ///< 'P' or 'Q': the cell says where in the heap its elements are
  char code = 0;
};

struct FitsColumn {
  CellType element;          ///< one element; a whole text
  std::uint64_t offset = 0;  ///< in the row
  std::uint64_t count = 1;
  char pointer = 0;
  std::optional<std::int64_t> null;  ///< TNULLn: of integers, before scaling
  double scale = 1, zero = 0;

  bool is_integer() const {
    return element.kind == Kind::UnsignedByte || element.kind == Kind::Short || element.kind == Kind::Int ||
           element.kind == Kind::Long;
  }
  bool is_scaled() const { return scale != 1 || zero != 0; }
  /// Unsigned numbers are written as signed ones with an offset: they stay integers.
  bool is_shifted() const { return is_integer() && scale == 1 && zero == std::floor(zero) && std::abs(zero) < 9e18; }
  bool is_one() const { return pointer == 0 && (count == 1 || element.is_text()); }
};

TformCode tform_of(std::string_view text) {
  TformCode form;
  text = trimmed(text);
  const auto* const end = text.data() + text.size();
  if (const auto [behind, error] = std::from_chars(text.data(), end, form.count); error == std::errc{}) {
    text.remove_prefix(static_cast<std::size_t>(behind - text.data()));
  }
  if (text.starts_with('P') || text.starts_with('Q')) {
    form.pointer = text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) form.code = text.front();
  return form;
}

Kind kind_of_tform(char code) {
  switch (code) {
    case 'L':
      return Kind::Boolean;
    case 'X':
      return Kind::Bit;
    case 'B':
      return Kind::UnsignedByte;
    case 'I':
      return Kind::Short;
    case 'J':
      return Kind::Int;
    case 'K':
      return Kind::Long;
    case 'A':
      return Kind::Char;
    case 'E':
      return Kind::Float;
    case 'D':
      return Kind::Double;
    case 'C':
      return Kind::FloatComplex;
    case 'M':
      return Kind::DoubleComplex;
    default:
      return Kind::Unknown;
  }
}

/// Complex numbers are shown as text.
std::string_view datatype_of_fits(const FitsColumn& column) {
  const auto kind = column.element.kind;
  if (column.element.is_text() || !column.is_one()) return "char";
  if (column.is_scaled()) return column.is_shifted() ? "long" : "double";
  if (kind == Kind::UnicodeChar || kind == Kind::FloatComplex || kind == Kind::DoubleComplex) return "char";
  return datatype_of(kind);
}

/// Reads the table of one HDU.
class BinaryTable {
 public:
  BinaryTable(std::span<const std::byte> file, const Hdu& hdu, MemoryBudget& budget)
      : header_(hdu.header), budget_(budget) {
    const auto axes = shape_of(header_).axes;
    if (axes.size() != 2) throw Error::malformed("a binary table of FITS has two axes");
    row_bytes_ = static_cast<std::uint64_t>(axes[0]);
    rows_ = static_cast<std::uint64_t>(axes[1]);
    const auto table = row_bytes_ * rows_;  // shape_of() has seen to it that this does not overflow
    if (hdu.data.first + table > file.size()) {
      throw Error::malformed(fmt::format("the FITS file ends before the {} rows of its table do", rows_));
    }
    const std::string_view text{reinterpret_cast<const char*>(file.data()), file.size()};
    data_ = text.substr(hdu.data.first, table);
    const auto heap = static_cast<std::uint64_t>(std::max<std::int64_t>(header_.integer("THEAP").value_or(0), 0));
    const auto heap_at = hdu.data.first + std::max(heap, table);
    if (heap_at < file.size()) heap_ = text.substr(heap_at, std::max(hdu.data.end, heap_at) - heap_at);
  }

  Votable read() {
    read_columns();
    if (row_bytes_ == 0 && rows_ > 0) throw Error::malformed("a binary table of FITS whose rows have no bytes");
    Votable table;
    table.has_table = true;
    table.fields = std::move(fields_);
    if (budget_.receiver() != nullptr) budget_.receiver()->begin(table.fields);
    const std::vector<CellType> types(columns_.size());
    RowCollector collected{types, budget_};
    for (std::uint64_t row = 0; row < rows_; ++row) {
      const auto bytes = data_.substr(row * row_bytes_, row_bytes_);
      for (const auto& column : columns_) collected.add_cell(cell(column, bytes));
      collected.end_row();
    }
    table.rows = collected.take();
    return table;
  }

 private:
  void read_columns() {
    const auto count = header_.integer("TFIELDS").value_or(-1);
    if (count < 0 || count > kMostFitsColumns)
      throw Error::malformed(fmt::format("a FITS table with TFIELDS = {}", count));
    std::uint64_t offset = 0;
    for (std::int64_t number = 1; number <= count; ++number) {
      auto column = column_of(number);
      column.offset = offset;
      const auto width = column.pointer != 0
                             ? (column.pointer == 'P' ? 8 : 16) * std::min<std::uint64_t>(column.count, 1)
                             : binary_size(column.element, column.count);
      offset += width;
      if (offset > row_bytes_) {
        throw Error::malformed(fmt::format("the columns of a FITS table take more than its NAXIS1 = {}", row_bytes_));
      }
      fields_.push_back(field_of(number, column));
      columns_.push_back(std::move(column));
    }
  }

  FitsColumn column_of(std::int64_t number) const {
    const auto told = header_.text(fmt::format("TFORM{}", number)).value_or("");
    const auto form = tform_of(told);
    FitsColumn column;
    column.element.kind = kind_of_tform(form.code);
    if (column.element.kind == Kind::Unknown || form.count > std::numeric_limits<std::uint32_t>::max()) {
      throw Error::malformed(fmt::format("a FITS table with TFORM{} = '{}'", number, told));
    }
    column.count = form.count;
    column.pointer = form.pointer;
    column.null = header_.integer(fmt::format("TNULL{}", number));
    column.scale = header_.real(fmt::format("TSCAL{}", number)).value_or(1);
    column.zero = header_.real(fmt::format("TZERO{}", number)).value_or(0);
    return column;
  }

  VotableField field_of(std::int64_t number, const FitsColumn& column) const {
    const auto said = [&](std::string_view keyword) {
      return header_.text(fmt::format("{}{}", keyword, number)).value_or("");
    };
    VotableField field;
    field.name = said("TTYPE");
    if (field.name.empty()) field.name = fmt::format("col{}", number);
    field.unit = said("TUNIT");
    field.ucd = said("TUCD");
    field.description = said("TCOMM");
    field.datatype = datatype_of_fits(column);
    if (field.datatype == "char") field.arraysize = "*";
    return field;
  }

  CellView cell(const FitsColumn& column, std::string_view row) {
    const auto here = row.substr(column.offset);
    if (column.pointer != 0) return column.count == 0 ? CellView{} : heap_cell(column, here);
    return elements(column, here, column.count);
  }

  CellView heap_cell(const FitsColumn& column, std::string_view descriptor) {
    CellType pair;
    pair.kind = column.pointer == 'P' ? Kind::Int : Kind::Long;
    const auto width = binary_size(pair, 1);
    const auto count = integer_of(binary_cell(descriptor, pair, room_, budget_)).value_or(0);
    const auto offset = integer_of(binary_cell(descriptor.substr(width), pair, room_, budget_)).value_or(0);
    if (count == 0) return {};
    const auto most = static_cast<std::int64_t>(heap_.size());
    if (count < 0 || offset < 0 || offset > most || count > 8 * (most - offset)) {
      throw Error::malformed("a cell of a FITS table lies outside its heap");
    }
    return elements(column, heap_.substr(static_cast<std::size_t>(offset)), static_cast<std::uint64_t>(count));
  }

  CellView elements(const FitsColumn& column, std::string_view bytes, std::uint64_t count) {
    auto type = column.element;
    if (type.is_text()) {
      type.is_array = true;
      type.count = count;
      return binary_cell(bytes, type, room_, budget_);
    }
    if (count == 1) return scaled(column, binary_cell(bytes, type, room_, budget_));
    if (type.kind == Kind::Bit) {
      type.is_array = true;
      type.count = count;
      return binary_cell(bytes, type, room_, budget_);
    }
    list_.clear();
    const auto width = binary_size(type, 1);
    for (std::uint64_t i = 0; i < count; ++i) {
      budget_.spend(sizeof(double));
      if (i > 0) list_ += ' ';
      if (i * width > bytes.size()) throw Error::malformed("a cell of a FITS table is cut off");
      const auto one = scaled(column, binary_cell(bytes.substr(i * width), type, room_, budget_));
      append_text(list_, std::holds_alternative<std::monostate>(one) ? CellView{"NaN"} : one);
    }
    return count == 0 ? CellView{} : CellView{list_};
  }

  static CellView scaled(const FitsColumn& column, const CellView& stored) {
    if (const auto* integer = std::get_if<std::int64_t>(&stored); integer != nullptr && column.is_integer()) {
      if (column.null && *integer == *column.null) return {};
      if (!column.is_scaled()) return stored;
      std::int64_t sum = 0;
      if (column.is_shifted() && !__builtin_add_overflow(*integer, static_cast<std::int64_t>(column.zero), &sum)) {
        return sum;
      }
      return static_cast<double>(*integer) * column.scale + column.zero;
    }
    const auto number = std::holds_alternative<std::string_view>(stored) ? std::nullopt : number_of(stored);
    const bool is_real = std::holds_alternative<float>(stored) || std::holds_alternative<double>(stored);
    if (!is_real) return stored;
    if (!number) return {};  // NaN
    return column.is_scaled() ? CellView{*number * column.scale + column.zero} : stored;
  }

  const FitsHeader& header_;
  MemoryBudget& budget_;
  std::uint64_t row_bytes_ = 0, rows_ = 0;
  std::string_view data_, heap_;
  std::vector<FitsColumn> columns_;
  std::vector<VotableField> fields_;
  std::string room_, list_;
};

bool is_binary_table(const FitsHeader& header) { return header.text("XTENSION").value_or("") == "BINTABLE"; }

}  // namespace

Votable read_fits_table(std::span<const std::byte> file, std::optional<int> extension, MemoryBudget& budget) {
  MemoryFitsSource source{file};
  std::uint64_t start = 0;
  for (int index = 0; index < kMostHdus; ++index) {
    const auto hdu = read_hdu(source, index, start);
    if (!hdu) break;
    const bool is_wanted = extension ? index == *extension : is_binary_table(hdu->header);
    if (is_wanted && is_binary_table(hdu->header)) return BinaryTable{file, *hdu, budget}.read();
    if (is_wanted) break;
    start = hdu->next;
  }
  throw Error::malformed(extension ? fmt::format("HDU {} of the FITS file is no binary table", *extension)
                                   : "the FITS file holds no binary table");
}

}  // namespace platefs::vo
