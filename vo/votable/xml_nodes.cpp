// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/xml_nodes.h"

#include <fmt/core.h>

#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kMostOptions = 10'000;  // of one FIELD or PARAM
constexpr std::uint64_t kBytesOfMetadata = 4096;

}  // namespace

void malformed(const std::string& message) { throw Error{ErrorKind::Malformed, message}; }

void require_at_most(std::size_t most, std::size_t count, std::string_view what) {
  if (count > most) malformed(fmt::format("the document has more than {} {}", most, what));
}

void spend_on_metadata(MemoryBudget& budget) { budget.spend(kBytesOfMetadata); }

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_element(const pugi::xml_node& node, std::string_view name) { return local_name(node) == name; }

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  for (const auto& node : parent.children()) {
    if (is_element(node, name)) return node;
  }
  return {};
}

/// Text in pieces: the first one is the element's own value (parse_embed_pcdata), others and CDATA
/// are its children.
std::string raw_text(const pugi::xml_node& node) {
  std::string text = node.value();
  for (const auto& piece : node.children()) {
    if (piece.type() == pugi::node_pcdata || piece.type() == pugi::node_cdata) text += piece.value();
  }
  return text;
}

std::string text_in(const pugi::xml_node& node) { return as_utf8(trimmed(raw_text(node))); }

std::string attribute(const pugi::xml_node& node, const char* name) { return as_utf8(node.attribute(name).value()); }

void read_values(const pugi::xml_node& values, VotableField& field) {
  if (const auto null = values.attribute("null")) field.null = as_utf8(trimmed(null.value()));
  if (const auto min = child(values, "MIN")) field.min = attribute(min, "value");
  if (const auto max = child(values, "MAX")) field.max = attribute(max, "value");
  for (const auto& node : values.children()) {
    if (is_element(node, "OPTION")) field.options.push_back(attribute(node, "value"));
    require_at_most(kMostOptions, field.options.size(), "OPTIONs of one VALUES");
  }
}

VotableField field_of(const pugi::xml_node& node, MemoryBudget& budget) {
  spend_on_metadata(budget);
  VotableField field;
  field.id = attribute(node, "ID");
  field.name = attribute(node, "name");
  field.datatype = attribute(node, "datatype");
  field.arraysize = attribute(node, "arraysize");
  field.unit = attribute(node, "unit");
  field.ucd = attribute(node, "ucd");
  field.utype = attribute(node, "utype");
  field.xtype = attribute(node, "xtype");
  field.ref = attribute(node, "ref");
  field.value = attribute(node, "value");
  if (field.name.empty()) field.name = field.id;
  for (const auto& part : node.children()) {
    if (is_element(part, "DESCRIPTION")) field.description = text_in(part);
    if (is_element(part, "VALUES")) read_values(part, field);
  }
  return field;
}

VotableInfo info_of(const pugi::xml_node& node, MemoryBudget& budget) {
  spend_on_metadata(budget);
  VotableInfo info{attribute(node, "name"), attribute(node, "value"), text_in(node)};
  if (info.name.empty()) info.name = attribute(node, "ID");
  return info;
}

}  // namespace platefs::vo
