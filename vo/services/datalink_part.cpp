// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/datalink_part.h"

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/xml_text.h"

namespace platefs::vo {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Deeper than any VOTable: what follows goes down by recursion.
constexpr int kDeepestNesting = 100;
/// An element or attribute costs the parser many times the bytes that it has in the document.
constexpr std::ptrdiff_t kMostMarks = 2'000'000;

class WithinDepth final : public pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return depth() <= kDeepestNesting; }
};

bool is_too_deep(pugi::xml_document& xml) {
  WithinDepth walker;
  return !xml.traverse(walker);
}

bool is_too_large(std::string_view document) {
  return std::ranges::count_if(document, [](char c) { return c == '<' || c == '='; }) > kMostMarks;
}

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  return parent.find_child([name](const pugi::xml_node& node) { return local_name(node.name()) == name; });
}

bool has_attribute(const pugi::xml_node& node, const char* name, std::string_view value) {
  return same_ignoring_case(node.attribute(name).value(), value);
}

bool is_service(const pugi::xml_node& node) {
  return local_name(node.name()) == "RESOURCE" && has_attribute(node, "utype", "adhoc:service");
}

/// The table that `read_votable` reads: the first of a RESOURCE of type "results", else the first one that
/// is no part of a description.
class ResultsTable {
 public:
  explicit ResultsTable(const pugi::xml_node& root) { walk(root, false); }
  pugi::xml_node table() const { return of_results_ ? of_results_ : first_; }

 private:
  void walk(const pugi::xml_node& parent, bool is_results) {
    for (const auto& node : parent.children()) {
      if (local_name(node.name()) == "TABLE") note(node, is_results);
      if (local_name(node.name()) == "DEFINITIONS") walk(node, is_results);
      if (local_name(node.name()) != "RESOURCE" || is_service(node) || has_attribute(node, "type", "meta")) continue;
      walk(node, is_results || has_attribute(node, "type", "results"));
    }
  }

  void note(const pugi::xml_node& table, bool is_results) {
    if (!first_) first_ = table;
    if (is_results && !of_results_) of_results_ = table;
  }

  pugi::xml_node first_, of_results_;
};

/// By its name, else its ID, as `read_votable` names it; -1: there is none.
std::ptrdiff_t column_of(const pugi::xml_node& table, std::string_view name) {
  std::ptrdiff_t column = 0;
  for (const auto& field : table.children()) {
    if (local_name(field.name()) != "FIELD") continue;
    const bool has_name = *field.attribute("name").value() != '\0';
    if (has_attribute(field, has_name ? "name" : "ID", name)) return column;
    ++column;
  }
  return -1;
}

std::string text_in(const pugi::xml_node& cell) {
  std::string text;
  for (const auto& piece : cell.children()) {
    if (piece.type() == pugi::node_pcdata || piece.type() == pugi::node_cdata) text += piece.value();
  }
  return std::string(trimmed(text));
}

pugi::xml_node cell(const pugi::xml_node& row, std::ptrdiff_t column) {
  std::ptrdiff_t at = 0;
  for (const auto& node : row.children()) {
    if (local_name(node.name()) == "TD" && at++ == column) return node;
  }
  return {};
}

}  // namespace

struct DatalinkParts::Document {
  /// What the rows of one ID are, and the descriptors that they name.
  struct Part {
    std::vector<pugi::xml_node> rows;
    Names services;
  };

  pugi::xml_document xml;
  pugi::xml_node data;                             ///< DATA, whose TABLEDATA has the rows
  std::map<std::string, Part, std::less<>> parts;  ///< by ID
  Names named;                                     ///< descriptors that any row names

  bool read(std::string_view text) {
    const auto options = pugi::parse_full | pugi::parse_ws_pcdata;
    if (is_too_large(text) || !xml.load_buffer(text.data(), text.size(), options) || is_too_deep(xml)) return false;
    const auto table = ResultsTable{xml.document_element()}.table();
    data = child(table, "DATA");
    const auto id_column = column_of(table, "ID"), service_column = column_of(table, "service_def");
    for (const auto& form : data.children()) {
      if (local_name(form.name()) == "TABLEDATA") sort_rows(form, id_column, service_column);
    }
    return static_cast<bool>(child(data, "TABLEDATA"));
  }

 private:
  void sort_rows(const pugi::xml_node& tabledata, std::ptrdiff_t id_column, std::ptrdiff_t service_column) {
    for (const auto& row : tabledata.children()) {
      const auto id = cell(row, id_column);
      // Whose a row is whose ID is in base64, nobody looks: it is in no part.
      if (local_name(row.name()) != "TR" || id.attribute("encoding")) continue;
      auto& part = parts[text_in(id)];
      part.rows.push_back(row);
      auto service = text_in(cell(row, service_column));
      if (service.empty()) continue;
      named.insert(service);
      part.services.insert(std::move(service));
    }
  }
};

namespace {

/// Copies a document as far as it is about one ID.
class PartCopy {
 public:
  /// `rows` and `services` are the ID's own, `named` the descriptors that any row names. All outlive it.
  PartCopy(const pugi::xml_node& data, const std::vector<pugi::xml_node>& rows, const Names& services,
           const Names& named)
      : data_(data), first_(child(data, "TABLEDATA")), rows_(rows), services_(services), named_(named) {}

  /// True when something of the ID's own is among them.
  bool copy_children(const pugi::xml_node& from, pugi::xml_node to) const {
    bool has_own = false;
    for (const auto& node : from.children()) has_own |= copy(node, to);
    return has_own;
  }

 private:
  bool copy(const pugi::xml_node& node, pugi::xml_node& parent) const {
    if (node.type() != pugi::node_element || local_name(node.name()) == "TR" || local_name(node.name()) == "FIELD") {
      parent.append_copy(node);
      return false;
    }
    auto made = parent.append_child(node.name());
    for (const auto& attribute : node.attributes()) made.append_copy(attribute);
    const bool has_rows = local_name(node.name()) == "TABLEDATA" && node.parent() == data_;
    const bool has_own = has_rows ? node == first_ && copy_rows(made) : copy_children(node, made);
    if (!is_service(node)) return has_own;
    const std::string_view id = node.attribute("ID").value();
    if (has_own || services_.contains(id)) return true;
    if (named_.contains(id)) parent.remove_child(made);
    return false;
  }

  bool copy_rows(pugi::xml_node& to) const {
    for (const auto& row : rows_) to.append_copy(row);
    return true;
  }

  pugi::xml_node data_, first_;
  const std::vector<pugi::xml_node>& rows_;
  const Names& services_;
  const Names& named_;
};

}  // namespace

DatalinkParts::DatalinkParts(std::string_view document) {
  auto read = std::make_unique<Document>();
  if (read->read(document)) document_ = std::move(read);
}

DatalinkParts::~DatalinkParts() = default;

std::optional<std::string> DatalinkParts::of(std::string_view id) const {
  if (!document_) return std::nullopt;
  const auto part = document_->parts.find(id);
  if (part == document_->parts.end()) return std::nullopt;
  pugi::xml_document copy;
  PartCopy{document_->data, part->second.rows, part->second.services, document_->named}.copy_children(document_->xml,
                                                                                                      copy);
  std::ostringstream text;
  copy.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace platefs::vo
