// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/table_reader.h"

#include <fmt/core.h>

#include <map>
#include <optional>
#include <pugixml.hpp>
#include <span>
#include <string>
#include <utility>

#include "vo/votable/binary.h"
#include "vo/votable/fits_table.h"
#include "vo/votable/row_receiver.h"
#include "vo/votable/stream.h"
#include "vo/votable/tabledata.h"
#include "vo/votable/xml_nodes.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kMostFields = 10'000;

/// All VALUES of a document that others may refer to (VOTable 1.4 section 4.7), found when the first one does.
class SharedValues {
 public:
  explicit SharedValues(const pugi::xml_node& root) : root_(root) {}

  pugi::xml_node with_id(const std::string& id) {
    if (!is_searched_) search(root_, 0);
    is_searched_ = true;
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? pugi::xml_node{} : found->second;
  }

 private:
  void search(const pugi::xml_node& parent, int depth) {
    if (depth > kDeepestNesting) return;
    for (const auto& node : parent.children()) {
      const auto name = local_name(node);
      if (name == "VALUES" && node.attribute("ID")) by_id_.emplace(node.attribute("ID").value(), node);
      if (name == "RESOURCE" || name == "TABLE" || name == "FIELD" || name == "PARAM" || name == "GROUP") {
        search(node, depth + 1);
      }
    }
  }

  pugi::xml_node root_;
  std::map<std::string, pugi::xml_node> by_id_;
  bool is_searched_ = false;
};

/// Fills fields and rows from a TABLE.
class TableReader {
 public:
  TableReader(Votable& votable, MemoryBudget& budget, const TableSource& source)
      : votable_(votable), budget_(budget), source_(source), shared_(source.root) {}

  void read(const pugi::xml_node& table) {
    votable_.fields = read_fields(table);
    if (budget_.receiver() != nullptr) budget_.receiver()->begin(votable_.fields);
    for (const auto& field : votable_.fields) columns_.push_back(cell_type(field));
    for (const auto& form : child(table, "DATA").children()) read_data(form);
  }

 private:
  std::vector<VotableField> read_fields(const pugi::xml_node& table) {
    std::vector<VotableField> fields;
    for (const auto& node : table.children()) {
      if (!is_element(node, "FIELD")) continue;
      fields.push_back(field_of(node, budget_));
      require_at_most(kMostFields, fields.size(), "FIELDs");
      const std::string ref = child(node, "VALUES").attribute("ref").value();
      if (!ref.empty()) read_values(shared_.with_id(ref), fields.back());
    }
    return fields;
  }

  void read_data(const pugi::xml_node& form) {
    const auto name = local_name(form);
    if (name == "TABLEDATA") return read_rows(form);
    if (name == "BINARY") return read_stream(form, BinaryForm::Binary);
    if (name == "BINARY2") return read_stream(form, BinaryForm::Binary2);
    if (name == "FITS") return read_fits(form);
    if (name == "PARQUET") malformed("a table serialised as PARQUET is not supported");
  }

  /// What the element holds; null: nothing.
  std::optional<XmlCursor> content_of(const pugi::xml_node& element) const {
    const auto section = source_.sections.of_element(static_cast<std::size_t>(element.offset_debug()));
    if (!section) return std::nullopt;
    return XmlCursor{source_.document, section->begin, section->end};
  }

  void read_rows(const pugi::xml_node& tabledata) {
    if (const auto content = content_of(tabledata)) votable_.rows = read_tabledata(*content, columns_, budget_);
  }

  void read_stream(const pugi::xml_node& form, BinaryForm binary) {
    const auto bytes = stream_in(form);
    if (bytes.empty()) return;
    require_readable_cells(votable_.fields, columns_);
    votable_.rows = read_binary_rows(bytes, columns_, binary, budget_);
  }

  /// The file says itself what its cells are; the FIELDs name its columns in their order (VOTable 1.4 section 5.2).
  void read_fits(const pugi::xml_node& form) {
    const auto bytes = stream_in(form);
    const int extension = form.attribute("extnum").as_int(1);
    auto file = read_fits_table(std::as_bytes(std::span{bytes}), extension, budget_);
    if (file.fields.size() != votable_.fields.size()) {
      malformed(fmt::format("the table has {} FIELDs and its FITS file {} columns", votable_.fields.size(),
                            file.fields.size()));
    }
    votable_.rows = std::move(file.rows);
  }

  std::string stream_in(const pugi::xml_node& form) const {
    const auto stream = child(form, "STREAM");
    if (stream.attribute("href")) malformed("a table kept outside its VOTable is not supported");
    auto content = content_of(stream);
    std::string room;
    const auto text = content ? content->characters(room) : std::string_view{};
    if (content && !content->is_at_end()) content->broken("a STREAM holds text alone");
    return stream_bytes(stream.attribute("encoding").value(), text);
  }

  Votable& votable_;
  std::vector<CellType> columns_;
  MemoryBudget& budget_;
  const TableSource& source_;
  SharedValues shared_;
};

}  // namespace

void read_table(const pugi::xml_node& table, const TableSource& source, Votable& votable, MemoryBudget& budget) {
  TableReader{votable, budget, source}.read(table);
}

}  // namespace platefs::vo
