// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/webdav.h"

#include <fmt/format.h>

#include <array>
#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/iso_utc.h"
#include "vo/base/xml_text.h"

namespace platefs::fs {
namespace {

constexpr std::string_view kDav = "DAV:";
constexpr std::size_t kMostProperties = 100;
constexpr std::string_view kHead = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
constexpr std::array<std::string_view, 8> kProperties{"resourcetype",   "displayname",  "getcontentlength",
                                                      "getcontenttype", "getetag",      "getlastmodified",
                                                      "creationdate",   "supportedlock"};

vo::Error is_no_propfind(std::string_view why) {
  return {vo::ErrorKind::BadUsage, fmt::format("the body of this PROPFIND {}", why)};
}

/// The namespace that the element's prefix stands for.
std::string namespace_of(const pugi::xml_node& element) {
  const std::string_view name = element.name();
  const auto colon = name.find(':');
  const auto declaration =
      colon == std::string_view::npos ? std::string{"xmlns"} : fmt::format("xmlns:{}", name.substr(0, colon));
  for (auto node = element; node; node = node.parent()) {
    if (const auto attribute = node.attribute(declaration.c_str())) return attribute.value();
  }
  return {};
}

bool is_dav(const pugi::xml_node& element, std::string_view name) {
  return vo::local_name(element.name()) == name && namespace_of(element) == kDav;
}

/// The value of a live property, as XML; nothing where the resource does not have it.
std::optional<std::string> value_of(std::string_view property, const Entry& entry) {
  const auto text = [](std::string value) {
    return value.empty() ? std::nullopt : std::optional{vo::xml_escaped(value)};
  };
  if (property == "resourcetype") return entry.is_directory ? "<D:collection/>" : "";
  if (property == "displayname") return vo::xml_escaped(entry.name);
  if (property == "supportedlock") return "";
  if (property == "creationdate") return text(http_date(entry.observed).empty() ? "" : vo::iso_utc(entry.observed));
  if (property == "getlastmodified") {
    return text(entry.validators.modified == 0 ? "" : http_date(entry.validators.modified));
  }
  if (entry.is_directory) return std::nullopt;
  if (property == "getcontentlength") return entry.size ? std::optional{fmt::to_string(*entry.size)} : std::nullopt;
  if (property == "getcontenttype") return text(entry.media_type);
  return property == "getetag" ? text(entry.validators.etag) : std::nullopt;
}

std::string element(std::string_view name, const std::string& value) {
  return value.empty() ? fmt::format("<D:{}/>", name) : fmt::format("<D:{0}>{1}</D:{0}>", name, value);
}

void append_found(std::string& text, const std::string& properties, std::string_view status) {
  if (properties.empty()) return;
  text +=
      fmt::format("<D:propstat><D:prop>{}</D:prop><D:status>HTTP/1.1 {}</D:status></D:propstat>", properties, status);
}

void append_all(std::string& text, const Entry& entry, PropertyRequest::Kind kind) {
  std::string found;
  for (const auto name : kProperties) {
    const auto value = value_of(name, entry);
    if (value) found += element(name, kind == PropertyRequest::Kind::Names ? std::string{} : *value);
  }
  append_found(text, found, "200 OK");
}

void append_these(std::string& text, const Entry& entry, const std::vector<PropertyRequest::Property>& wanted) {
  std::string found, missing;
  for (const auto& property : wanted) {
    const auto value = property.space == kDav ? value_of(property.name, entry) : std::nullopt;
    if (value) {
      found += element(property.name, *value);
    } else if (property.space == kDav) {
      missing += element(property.name, {});
    } else {
      missing += fmt::format("<x:{} xmlns:x=\"{}\"/>", property.name, vo::xml_escaped(property.space));
    }
  }
  append_found(text, found, "200 OK");
  append_found(text, missing, "404 Not Found");
}

/// A name that can be written back as one.
bool is_plain_name(std::string_view name) {
  if (name.empty() || !(vo::is_letter(name.front()) || name.front() == '_')) return false;
  for (const char c : name) {
    if (!vo::is_letter(c) && !vo::is_digit(c) && c != '_' && c != '-' && c != '.') return false;
  }
  return true;
}

}  // namespace

PropertyRequest parse_property_request(std::string_view body) {
  PropertyRequest request;
  if (vo::trimmed(body).empty()) return request;
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size(), pugi::parse_default | pugi::parse_doctype)) {
    throw is_no_propfind("is no XML");
  }
  for (const auto& node : document.children()) {
    if (node.type() == pugi::node_doctype) throw is_no_propfind("has a document type; leave it out");
  }
  const auto root = document.document_element();
  if (!is_dav(root, "propfind")) throw is_no_propfind("is another document");
  for (const auto& child : root.children()) {
    if (is_dav(child, "propname")) request.kind = PropertyRequest::Kind::Names;
    if (!is_dav(child, "prop")) continue;
    request.kind = PropertyRequest::Kind::These;
    for (const auto& property : child.children()) {
      const std::string name{vo::local_name(property.name())};
      if (property.type() != pugi::node_element || !is_plain_name(name)) continue;
      if (request.these.size() == kMostProperties) throw is_no_propfind("names more than 100 properties");
      request.these.push_back({namespace_of(property), name});
    }
  }
  return request;
}

std::optional<int> depth_of(std::string_view header) {
  header = vo::trimmed(header);
  if (header == "0") return 0;
  return header == "1" ? std::optional{1} : std::nullopt;
}

std::string multistatus(const std::vector<ListedResource>& resources, const PropertyRequest& wanted) {
  std::string text{kHead};
  text += "<D:multistatus xmlns:D=\"DAV:\">\n";
  for (const auto& [href, entry] : resources) {
    text += fmt::format("<D:response><D:href>{}</D:href>", vo::xml_escaped(href));
    if (wanted.kind == PropertyRequest::Kind::These) {
      append_these(text, entry, wanted.these);
    } else {
      append_all(text, entry, wanted.kind);
    }
    text += "</D:response>\n";
  }
  return text + "</D:multistatus>\n";
}

std::string finite_depth_error() {
  return std::string{kHead} + "<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/></D:error>\n";
}

}  // namespace platefs::fs
