// SPDX-License-Identifier: BSD-3-Clause
#include "vo/datalink_part.h"

#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "vo/ascii.h"

namespace platefs::vo {
namespace {

/// Deeper than any VOTable. pugixml removes nodes by recursion, as deep as they are nested.
constexpr int kDeepestNesting = 100;

class WithinDepth final : public pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return depth() <= kDeepestNesting; }
};

bool is_too_deep(pugi::xml_document& xml) {
  WithinDepth walker;
  return !xml.traverse(walker);
}

bool is_element(const pugi::xml_node& node, std::string_view name) {
  const std::string_view whole = node.name();
  const auto colon = whole.find(':');
  return (colon == std::string_view::npos ? whole : whole.substr(colon + 1)) == name;
}

std::vector<pugi::xml_node> children(const pugi::xml_node& parent, std::string_view name) {
  std::vector<pugi::xml_node> found;
  for (const auto& node : parent.children()) {
    if (is_element(node, name)) found.push_back(node);
  }
  return found;
}

pugi::xml_node first_below(const pugi::xml_node& parent, std::string_view name) {
  return parent.find_node([name](const pugi::xml_node& node) { return is_element(node, name); });
}

std::ptrdiff_t column_of(const pugi::xml_node& table, std::string_view name) {
  const auto fields = children(table, "FIELD");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (same_ignoring_case(fields[i].attribute("name").value(), name)) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

std::string cell(const std::vector<pugi::xml_node>& cells, std::ptrdiff_t column) {
  if (column < 0 || static_cast<std::size_t>(column) >= cells.size()) return {};
  std::string text;
  for (const auto& piece : cells[static_cast<std::size_t>(column)].children()) text += piece.value();
  return std::string(trimmed(text));
}

/// Which descriptors the rows name, and which of those are left.
struct Services {
  std::set<std::string> named, kept;
};

/// Returns how many rows are left.
std::size_t keep_rows_of(const pugi::xml_node& table, std::string_view id, Services& services) {
  const auto id_column = column_of(table, "ID");
  const auto service_column = column_of(table, "service_def");
  auto rows = first_below(table, "TABLEDATA");
  std::size_t kept = 0;
  for (auto& row : children(rows, "TR")) {
    const auto cells = children(row, "TD");
    const auto service = cell(cells, service_column);
    if (!service.empty()) services.named.insert(service);
    if (cell(cells, id_column) == id) {
      services.kept.insert(service);
      ++kept;
    } else {
      rows.remove_child(row);
    }
  }
  return kept;
}

void remove_services_of_others(const pugi::xml_node& root, const Services& services) {
  std::vector<pugi::xml_node> others;
  for (auto node = first_below(root, "RESOURCE"); node;) {
    for (const auto& resource : children(node.parent(), "RESOURCE")) {
      const std::string id = resource.attribute("ID").value();
      if (services.named.contains(id) && !services.kept.contains(id)) others.push_back(resource);
    }
    node = first_below(node, "RESOURCE");            // descriptors may stand inside the results
  }
  for (const auto& other : others) other.parent().remove_child(other);
}

}  // namespace

std::optional<std::string> datalink_part(std::string_view document, std::string_view id) {
  pugi::xml_document xml;
  const auto options = pugi::parse_full | pugi::parse_ws_pcdata;
  if (!xml.load_buffer(document.data(), document.size(), options)) return std::nullopt;
  if (is_too_deep(xml)) return std::nullopt;
  const auto table = first_below(xml, "TABLE");
  if (!first_below(table, "TABLEDATA")) return std::nullopt;
  Services services;
  if (keep_rows_of(table, id, services) == 0) return std::nullopt;
  remove_services_of_others(xml, services);
  std::ostringstream text;
  xml.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace platefs::vo
