// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/tree.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "fs/tree/fixed_names.h"

namespace platefs::fs {
namespace {

using cache::ProductKind;

Node directory_node(NodeKind kind, std::string identity) {
  Node node;
  node.kind = kind;
  node.identity = std::move(identity);
  return node;
}

/// The target is there, even where its archive's service is not: no "no such file or directory".
vo::Error of_a_target(const vo::Error& error) {
  if (error.kind() != vo::ErrorKind::NotFound) return error;
  return {vo::ErrorKind::Rejected, error.message()};
}

}  // namespace

Tree::Tree(cache::Library& library, HasErrors has_errors, vo::Angle default_radius,
           std::function<void(std::string_view)> log)
    : library_(library), has_errors_(std::move(has_errors)), default_radius_(default_radius), log_(std::move(log)) {}

Node Tree::root() { return directory_node(NodeKind::Root, "root"); }

bool Tree::needs_preparation(const Node& directory, std::string_view name) const {
  switch (directory.kind) {
    case NodeKind::Target:
      return name != "cutouts" && name != "previews" && !directory.target->known();
    case NodeKind::Cutouts:
    case NodeKind::Previews:
      return !directory.target->known();
    case NodeKind::Plate:
      return (name == "datalink.vot" || name == "links") && !library_.known_links(directory.plate->ref);
    case NodeKind::Links:
      return !library_.known_links(directory.plate->ref);
    case NodeKind::Root: {
      const auto parsed = parse_target(name, default_radius_);
      const auto* object = std::get_if<ObjectName>(&parsed);
      return object != nullptr && !library_.known_object(object->name);
    }
    case NodeKind::Control:
    case NodeKind::Document:
    case NodeKind::File:
      return false;
  }
  return false;
}

void Tree::prepare_root(std::string_view name, vo::Completion<bool> done) const {
  const auto parsed = parse_target(name, default_radius_);
  const auto* object = std::get_if<ObjectName>(&parsed);
  if (object == nullptr) return done(true);
  library_.resolve(object->name,
                   [this, done = std::move(done)](const vo::Outcome<cache::ObjectAnswer>& answer) mutable {
                     if (answer) return done(true);
                     log_(answer.error().what());
                     done(answer.error());
                   });
}

void Tree::prepare(const Node& directory, std::string_view name, vo::Completion<bool> done) const {
  if (directory.kind == NodeKind::Root) return prepare_root(name, std::move(done));
  if (directory.kind == NodeKind::Plate || directory.kind == NodeKind::Links) {
    return library_.links_of(
        directory.plate->ref,
        [done = std::move(done)](const vo::Outcome<std::shared_ptr<const cache::LinksAnswer>>&) mutable {
          done(true);
        });
  }
  if (!directory.target || !directory.is_directory()) return done(true);
  directory.target->ask([this, target = directory.target, done = std::move(done)](
                            const vo::Outcome<std::shared_ptr<const TargetSnapshot>>& snapshot) mutable {
    if (!snapshot) return done(of_a_target(snapshot.error()));
    library_.remember_target(target->target().directory_name());
    done(true);
  });
}

std::shared_ptr<TargetState> Tree::state_of(const Target& target) const {
  auto targets = targets_.lock();
  if (targets->by_name.size() >= targets->prune_at) {
    std::erase_if(targets->by_name, [](const auto& entry) { return entry.second.expired(); });
    targets->prune_at = std::max<std::size_t>(1024, 2 * targets->by_name.size());
  }
  // By name and place: the same place under its object's name shares all but the texts' titles.
  auto& known = targets->by_name[target.directory_name() + "\n" + target.canonical_name()];
  if (auto state = known.lock()) return state;
  auto state = std::make_shared<TargetState>(library_, target);
  known = state;
  return state;
}

Node Tree::document(const Node& parent, DocumentKind kind, std::string_view name) const {
  Node node = directory_node(NodeKind::Document, fmt::format("{}/{}", parent.identity, name));
  node.target = parent.target;
  node.plate = parent.plate;
  node.document = kind;
  renewed_.apply_to(node);
  return node;
}

void Tree::renew(const Node& document) const { renewed_.renew(document); }

Node Tree::file(const Node& parent, std::shared_ptr<const PlateEntry> plate, ProductKind kind,
                const std::string& link) const {
  Node node;
  node.kind = NodeKind::File;
  node.target = parent.target;
  node.plate = std::move(plate);
  node.product_kind = kind;
  node.link = link;
  const auto& target = node.target->target();
  node.product = library_.product({node.plate->ref, kind, {target.position, target.radius}, link});
  node.version = node.product->facts().version;
  node.identity =
      fmt::format("{}/{}/{}{}@{}", node.target->identity(), node.plate->name, file_name_of(kind), link, node.version);
  return node;
}

std::optional<Node> Tree::child(const Node& directory, std::string_view name) const {
  switch (directory.kind) {
    case NodeKind::Root:
      return root_child(name);
    case NodeKind::Control: {
      const auto kind = document_named(control_documents(), name);
      return kind ? std::optional{document(directory, *kind, name)} : std::nullopt;
    }
    case NodeKind::Target:
      return target_child(directory, name);
    case NodeKind::Cutouts:
    case NodeKind::Previews:
      return flat_child(directory, name);
    case NodeKind::Plate:
      return plate_child(directory, name);
    case NodeKind::Links:
      return link_child(directory, name);
    case NodeKind::Document:
    case NodeKind::File:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Node> Tree::root_child(std::string_view name) const {
  if (name == "README.txt") return document(root(), DocumentKind::Readme, name);
  if (name == ".platefs") return directory_node(NodeKind::Control, "root/.platefs");
  const auto target = target_named(name);
  if (!target) return std::nullopt;
  auto state = state_of(*target);
  // Each spelling is a directory of its own: the kernel allows a directory no second name.
  Node node = directory_node(NodeKind::Target, fmt::format("{} as {}", state->identity(), name));
  node.target = std::move(state);
  return node;
}

std::optional<Target> Tree::target_named(std::string_view name) const {
  const auto parsed = parse_target(name, default_radius_);
  if (const auto* target = std::get_if<Target>(&parsed)) return *target;
  if (const auto* object = std::get_if<ObjectName>(&parsed)) {
    const auto answer = library_.known_object(object->name);
    if (answer && answer->position) return object->at(*answer->position);
    if (answer) log_(fmt::format("'{}' is no target: no catalogue knows an object of that name", name));
    return std::nullopt;
  }
  const auto& refused = std::get<NoTarget>(parsed);
  if (refused.worth_logging) log_(fmt::format("'{}' is no target: {}", name, refused.reason));
  return std::nullopt;
}

std::optional<Node> Tree::target_child(const Node& target, std::string_view name) const {
  Node node;
  node.target = target.target;
  node.identity = fmt::format("{}/{}", target.identity, name);
  if (name == "cutouts" || name == "previews") {
    node.kind = name == "cutouts" ? NodeKind::Cutouts : NodeKind::Previews;
    return node;
  }
  // Tells why there is nothing else, too: no snapshot is needed.
  if (name == "errors.txt") {
    if (!has_errors_(*target.target)) return std::nullopt;
    return document(target, DocumentKind::Errors, name);
  }
  const auto snapshot = target.target->known();
  if (!snapshot) return std::nullopt;
  if (const auto kind = document_named(target_documents(), name)) return document(target, *kind, name);
  node.plate = snapshot->find(name);
  if (!node.plate) return std::nullopt;
  node.kind = NodeKind::Plate;
  return node;
}

std::optional<Node> Tree::flat_child(const Node& directory, std::string_view name) const {
  const bool cutouts = directory.kind == NodeKind::Cutouts;
  const auto suffix = cutouts ? kCutoutSuffix : kPreviewSuffix;
  const auto snapshot = directory.target->known();
  if (!snapshot || !name.ends_with(suffix)) return std::nullopt;
  auto plate = snapshot->find(name.substr(0, name.size() - suffix.size()));
  if (!plate) return std::nullopt;
  return file(directory, std::move(plate), cutouts ? ProductKind::Cutout : ProductKind::Preview);
}

std::optional<Node> Tree::plate_child(const Node& plate, std::string_view name) const {
  for (const auto kind : {ProductKind::Cutout, ProductKind::Full, ProductKind::Preview}) {
    if (name == file_name_of(kind)) return file(plate, plate.plate, kind);
  }
  if (name == "plate.json") return document(plate, DocumentKind::PlateJson, name);
  const auto links = library_.known_links(plate.plate->ref);
  if (!links) return std::nullopt;
  if (name == "datalink.vot" && !links->served.empty()) {
    return document(plate, DocumentKind::Datalink, name);
  }
  if (name == "links") {
    Node node = directory_node(NodeKind::Links, fmt::format("{}/links", plate.identity));
    node.target = plate.target;
    node.plate = plate.plate;
    return node;
  }
  return std::nullopt;
}

std::optional<Node> Tree::link_child(const Node& links, std::string_view name) const {
  const auto known = library_.known_links(links.plate->ref);
  if (!known || !known->files.others.contains(std::string{name})) return std::nullopt;
  return file(links, links.plate, ProductKind::Link, std::string{name});
}

std::vector<std::string> Tree::names_in_target(const Node& target) const {
  std::vector<std::string> names;
  const auto snapshot = target.target->known();
  if (!snapshot) return names;
  for (const auto& plate : snapshot->plates) names.push_back(plate->name);
  names.insert(names.end(), {"cutouts", "previews"});
  add_names(names, target_documents());
  if (has_errors_(*target.target)) names.emplace_back("errors.txt");
  return names;
}

std::vector<std::string> Tree::names_in_plate(const Node& plate) const {
  std::vector<std::string> names{"cutout.fits", "full.fits", "preview.jpg", "plate.json"};
  const auto links = library_.known_links(plate.plate->ref);
  if (!links) return names;
  names.emplace_back("links");
  if (!links->served.empty()) names.emplace_back("datalink.vot");
  return names;
}

std::vector<std::string> Tree::names_in(const Node& directory) const {
  std::vector<std::string> names;
  switch (directory.kind) {
    case NodeKind::Root:
      names = library_.targets(cache::Library::TargetOrder::ByName);
      names.insert(names.end(), {"README.txt", ".platefs"});
      return names;
    case NodeKind::Control:
      add_names(names, control_documents());
      return names;
    case NodeKind::Target:
      return names_in_target(directory);
    case NodeKind::Cutouts:
    case NodeKind::Previews:
      if (const auto snapshot = directory.target->known()) {
        const auto suffix = directory.kind == NodeKind::Cutouts ? kCutoutSuffix : kPreviewSuffix;
        for (const auto& plate : snapshot->plates) {
          names.push_back(fmt::format("{}{}", plate->name, suffix));
        }
      }
      return names;
    case NodeKind::Plate:
      return names_in_plate(directory);
    case NodeKind::Links:
      if (const auto links = library_.known_links(directory.plate->ref)) {
        for (const auto& [name, link] : links->files.others) names.push_back(name);
      }
      return names;
    case NodeKind::Document:
    case NodeKind::File:
      return names;
  }
  return names;
}

std::vector<NamedNode> Tree::children(const Node& directory) const {
  std::vector<NamedNode> list;
  for (auto& name : names_in(directory)) {
    if (auto node = child(directory, name)) list.push_back({std::move(name), std::move(*node)});
  }
  return list;
}

}  // namespace platefs::fs
