// SPDX-License-Identifier: BSD-3-Clause
// Exchange: pages of directories, and what WebDAV tells of them.
#include <fmt/core.h>

#include "fs/http/directory_page.h"
#include "fs/http/exchange.h"
#include "fs/http/webdav.h"

namespace platefs::fs {
namespace {

constexpr const char* kXml = "application/xml; charset=utf-8";

}  // namespace

Entry Exchange::entry(std::string name, const Node& node) const {
  return entry_of(std::move(name), node, service_.documents, service_.attributes.time_of(node));
}

void Exchange::list() {
  // HEAD asks nobody, as stat of a directory.
  if (is_head()) {
    return sink_.send_content(200, {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-cache"}}, {},
                              nullptr);
  }
  ask<std::vector<NamedNode>>(
      [this](vo::Completion<std::vector<NamedNode>> done) { service_.tree.list(*found_.node, std::move(done)); },
      [this](std::vector<NamedNode> children) { listed(std::move(children)); });
}

void Exchange::listed(std::vector<NamedNode> children) {
  std::vector<Entry> entries;
  entries.reserve(children.size());
  for (auto& child : children) entries.push_back(entry(std::move(child.name), child.node));
  std::string title;
  for (const auto& name : found_.names) title += "/" + name;
  sink_.send_text(200, {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-cache"}},
                  directory_page(title.empty() ? "/" : title, entries));
}

void Exchange::find_properties() {
  const auto depth = depth_of(request_.header("Depth"));
  if (!depth) return sink_.send_text(403, {{"Content-Type", kXml}}, finite_depth_error());
  if (*depth == 0 || !found_.node->is_directory()) return send_properties({});
  ask<std::vector<NamedNode>>(
      [this](vo::Completion<std::vector<NamedNode>> done) { service_.tree.list(*found_.node, std::move(done)); },
      [this](std::vector<NamedNode> children) { send_properties(std::move(children)); });
}

void Exchange::send_properties(std::vector<NamedNode> children) {
  PropertyRequest wanted;
  try {
    wanted = parse_property_request(request_.body);
  } catch (const vo::Error& error) {
    return refuse(400, error.message());
  }
  // By the path that was asked for, as it was written: clients compare it with theirs (neon, of davfs2 and cadaver).
  auto self = path_.text;
  if (found_.node->is_directory() && !path_.is_directory) self += '/';
  std::vector<ListedResource> resources;
  resources.reserve(children.size() + 1);
  resources.push_back({self, entry(path_.names.empty() ? "platefs" : path_.names.back(), *found_.node)});
  for (auto& child : children) {
    auto listed = entry(std::move(child.name), child.node);
    auto href = self + encoded_path({listed.name}, listed.is_directory).substr(1);
    resources.push_back({std::move(href), std::move(listed)});
  }
  sink_.send_text(207, {{"Content-Type", kXml}}, multistatus(resources, wanted));
}

}  // namespace platefs::fs
