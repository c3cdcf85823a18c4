// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/tree.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cache/files/album.h"
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
           std::function<void(std::string_view)> log, Look look, NoteOf note_of)
    : library_(library),
      has_errors_(std::move(has_errors)),
      default_radius_(default_radius),
      log_(std::move(log)),
      look_(std::move(look)),
      note_of_(std::move(note_of)) {}

std::string Look::variant_of(ProductKind kind) const {
  if (kind == ProductKind::Stamp || kind == ProductKind::Chart) return pictures;
  return kind == ProductKind::Aligned ? aligned : std::string();
}

std::shared_ptr<const Sequence> Look::sequence_of(const Target& target) const {
  return sequences ? sequences->of(target) : nullptr;
}

std::shared_ptr<const vo::SkyMarks> Look::marks_of(ProductKind kind, const Target& target) const {
  if (kind != ProductKind::Stamp && kind != ProductKind::Chart) return nullptr;
  const auto sequence = sequence_of(target);
  return sequence ? sequence->marks : nullptr;
}

Node Tree::root() { return directory_node(NodeKind::Root, "root"); }

Node Tree::control() { return directory_node(NodeKind::Control, "root/.platefs"); }

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

/// Each spelling is a directory of its own: the kernel allows a directory no second name.
Node Tree::target(const Target& target, std::string_view name) const {
  auto state = state_of(target);
  Node node = directory_node(NodeKind::Target, fmt::format("{} as {}", state->identity(), name));
  node.target = std::move(state);
  return node;
}

Node Tree::directory(NodeKind kind, const Node& parent, std::string_view name) {
  Node node = directory_node(kind, fmt::format("{}/{}", parent.identity, name));
  node.target = parent.target;
  node.plate = parent.plate;
  return node;
}

Node Tree::time_series(const Node& target) {
  Node node = directory(NodeKind::TimeSeries, target, kTimeSeries);
  node.target = target.target->time_series();
  return node;
}

Node Tree::plate(const Node& target, std::shared_ptr<const PlateEntry> entry) {
  Node node = directory(NodeKind::Plate, target, entry->name);
  node.plate = std::move(entry);
  return node;
}

Node Tree::grouped(const Node& target, Grouping grouping) {
  Node node = directory(NodeKind::Grouped, target, folder_of(grouping));
  node.grouping = grouping;
  return node;
}

Node Tree::group(const Node& grouped, std::string_view name) {
  Node node = directory(NodeKind::Group, grouped, name);
  node.grouping = grouped.grouping;
  node.link = name;
  return node;
}

Node Tree::link_to(const Node& group, std::shared_ptr<const PlateEntry> entry) {
  Node node = directory(NodeKind::Symlink, group, entry->name);
  node.link = "../../" + entry->name;
  node.plate = std::move(entry);
  return node;
}

Node Tree::document(const Node& parent, DocumentKind kind, std::string_view name) const {
  Node node = directory_node(NodeKind::Document, fmt::format("{}/{}", parent.identity, name));
  node.target = parent.target;
  node.plate = parent.plate;
  node.document = kind;
  renewed_.apply_to(node);
  return node;
}

Node Tree::unsolved(const Node& folder, std::shared_ptr<const PlateEntry> plate) const {
  Node parent = folder;
  parent.plate = std::move(plate);
  return document(parent, DocumentKind::Unsolved, parent.plate->name + std::string{kUnsolvedSuffix});
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
  node.variant = look_.variant_of(kind);
  const auto& target = node.target->target();
  node.marks = look_.marks_of(kind, target);
  node.product =
      library_.product({node.plate->ref, kind, {target.position, target.radius}, link, node.variant, node.marks});
  node.version = node.product->facts().version;
  // Pictures with other marks are other files.
  node.identity = fmt::format("{}/{}/{}{}{}@{}", node.target->identity(), node.plate->name, file_name_of(kind), link,
                              node.marks ? " " + node.marks->key : "", node.version);
  return node;
}

bool Tree::has_sequence(const Node& target) const {
  const auto sequence = look_.sequence_of(target.target->target());
  return sequence && !sequence->stars.empty();
}

/// Where the user gave no sequence.
bool Tree::has_catalogue(const Node& target) const {
  return !library_.catalogue_title().empty() && !has_sequence(target);
}

Node Tree::catalogue(const Node& target) const {
  const auto& place = target.target->target();
  Node node;
  node.kind = NodeKind::File;
  node.target = target.target;
  node.product = library_.catalogue({place.position, place.radius});
  node.version = node.product->facts().version;
  node.identity = fmt::format("{}/{}@{}", target.target->identity(), kCatalogue, node.version);
  return node;
}

Node Tree::album(const Node& target, const TargetSnapshot& snapshot, const NamedAlbum& named) const {
  const auto& place = target.target->target();
  cache::AlbumId id{named.kind,
                    {},
                    snapshot.plates.size(),
                    {place.position, place.radius},
                    place.title(),
                    look_.pictures,
                    look_.marks_of(ProductKind::Stamp, place)};
  for (const auto at : cache::album_places(named.kind, snapshot.plates.size())) {
    id.plates.push_back(snapshot.plates[at]->ref);
  }
  Node node;
  node.kind = NodeKind::File;
  node.target = target.target;
  node.product = library_.album(id);
  node.version = node.product->facts().version;
  node.identity =
      fmt::format("{}/{}{}@{}", target.target->view(), named.name, id.marks ? " " + id.marks->key : "", node.version);
  return node;
}

// -- one name

std::variant<Tree::Child, Tree::Question> Tree::find(const Node& directory, std::string_view name) const {
  switch (directory.kind) {
    case NodeKind::Root:
      return find_in_root(name);
    case NodeKind::Control: {
      const auto kind = document_named(control_documents(), name);
      return kind ? Child{document(directory, *kind, name)} : Child{};
    }
    case NodeKind::Target:
    case NodeKind::Cutouts:
    case NodeKind::Previews:
    case NodeKind::Stamps:
    case NodeKind::Aligned:
    case NodeKind::Unsolved:
    case NodeKind::TimeSeries:
    case NodeKind::Grouped:
    case NodeKind::Group:
      return find_in_target(directory, name);
    case NodeKind::Plate:
    case NodeKind::Links: {
      const bool needs_links = directory.kind == NodeKind::Links || name == "datalink.vot" || name == "links";
      const auto links = needs_links ? library_.known_links(directory.plate->ref) : nullptr;
      if (needs_links && !links) return after_links(directory, name);
      return child_of_plate(directory, name, links);
    }
    case NodeKind::Document:
    case NodeKind::File:
    case NodeKind::Symlink:
      return Child{};
  }
  return Child{};
}

void Tree::find(const Node& directory, std::string_view name, vo::Completion<Child> done) const {
  auto found = find(directory, name);
  if (auto* child = std::get_if<Child>(&found)) return done(std::move(*child));
  std::get<Question>(found)(std::move(done));
}

std::variant<Tree::Child, Tree::Question> Tree::find_in_root(std::string_view name) const {
  if (name == "README.txt") return Child{document(root(), DocumentKind::Readme, name)};
  if (name == "index.html") return Child{document(root(), DocumentKind::TargetsPage, name)};
  if (name == ".platefs") return Child{control()};
  const auto parsed = parse_target(name, default_radius_);
  if (const auto* known = std::get_if<Target>(&parsed)) return Child{target(*known, name)};
  if (const auto* refused = std::get_if<NoTarget>(&parsed)) {
    if (refused->worth_logging) log_(fmt::format("'{}' is no target: {}", name, refused->reason));
    return Child{};
  }
  const auto& object = std::get<ObjectName>(parsed);
  const auto child_at = [this, object, name = std::string{name}](const cache::ObjectAnswer& answer) {
    if (answer.position) return Child{target(object.at(*answer.position), name)};
    log_(fmt::format("'{}' is no target: no catalogue knows an object of that name", name));
    return Child{};
  };
  if (const auto known = library_.known_object(object.name)) return child_at(*known);
  return Question{[this, child_at, object = object.name](vo::Completion<Child> done) {
    library_.resolve(object,
                     [this, child_at, done = std::move(done)](const vo::Outcome<cache::ObjectAnswer>& answer) mutable {
                       if (answer) return done(child_at(answer.value()));
                       log_(answer.error().what());
                       done(answer.error());
                     });
  }};
}

std::variant<Tree::Child, Tree::Question> Tree::find_in_target(const Node& place, std::string_view name) const {
  const auto* const folder = place.kind == NodeKind::Target ? plates_folder_named(name) : nullptr;
  if (folder != nullptr) return Child{directory(folder->kind, place, name)};
  if (place.kind == NodeKind::Target) {
    if (name == kTimeSeries) return Child{time_series(place)};
    for (const auto grouping : kGroupings) {
      if (name == folder_of(grouping)) return Child{grouped(place, grouping)};
    }
  }
  if (!place.target->known()) return after_plates(place, name);
  return child_of_target(place, name);
}

Tree::Question Tree::after_plates(const Node& place, std::string_view name) const {
  return [this, place, name = std::string{name}](vo::Completion<Child> done) {
    ask_for_plates(place, [this, place, name, done = std::move(done)](const vo::Outcome<bool>& asked) mutable {
      // errors.txt tells why the rest is missing, so it can be had without an answer.
      if (!asked && name != "errors.txt") return done(asked.error());
      done(child_of_target(place, name));
    });
  };
}

void Tree::ask_for_plates(const Node& place, vo::Completion<bool> done) const {
  place.target->ask([this, target = place.target, done = std::move(done)](
                        const vo::Outcome<std::shared_ptr<const TargetSnapshot>>& snapshot) mutable {
    if (!snapshot) return done(of_a_target(snapshot.error()));
    if (target->holding() == Holding::Plates) {
      library_.remember_target(target->target().directory_name(), note_of_(*snapshot.value()));
    }
    done(true);
  });
}

/// Of a target, or of its flat directories.
Tree::Child Tree::child_of_target(const Node& place, std::string_view name) const {
  if ((place.kind == NodeKind::Target || place.kind == NodeKind::TimeSeries) && name == "errors.txt") {
    return has_errors_(*place.target) ? Child{document(place, DocumentKind::Errors, name)} : Child{};
  }
  const auto snapshot = place.target->known();
  if (!snapshot) return std::nullopt;
  if (place.kind == NodeKind::Target) {
    if (const auto kind = document_named(target_documents(), name)) return document(place, *kind, name);
    const auto named = std::ranges::find(albums(), name, &NamedAlbum::name);
    if (named != albums().end()) return snapshot->plates.empty() ? Child{} : Child{album(place, *snapshot, *named)};
    if (name == kSequence) {
      return has_sequence(place) ? Child{document(place, DocumentKind::Sequence, name)} : Child{};
    }
    if (name == kCatalogue) return has_catalogue(place) ? Child{catalogue(place)} : Child{};
    if (name == kUnsolved) {
      return snapshot->unsolved.empty() ? Child{} : Child{directory(NodeKind::Unsolved, place, name)};
    }
    auto entry = snapshot->find(name);
    return entry ? Child{plate(place, std::move(entry))} : Child{};
  }
  if (place.kind == NodeKind::TimeSeries) return child_of_time_series(place, name, *snapshot);
  if (place.kind == NodeKind::Unsolved) {
    const bool is_text = name.ends_with(kUnsolvedSuffix);
    auto entry = is_text ? snapshot->find_unsolved(name.substr(0, name.size() - kUnsolvedSuffix.size())) : nullptr;
    return entry ? Child{unsolved(place, std::move(entry))} : Child{};
  }
  if (place.kind == NodeKind::Grouped) {
    const auto is_in = [&](const auto& entry) { return group_of(place.grouping, entry->plate()) == name; };
    return std::ranges::any_of(snapshot->plates, is_in) ? Child{group(place, name)} : Child{};
  }
  if (place.kind == NodeKind::Group) {
    auto entry = snapshot->find(name);
    return entry && group_of(place.grouping, entry->plate()) == place.link ? Child{link_to(place, std::move(entry))}
                                                                           : Child{};
  }
  const auto& folder = *plates_folder_of(place.kind);
  const auto suffix = folder.suffix;
  auto entry = name.ends_with(suffix) ? snapshot->find(name.substr(0, name.size() - suffix.size())) : nullptr;
  return entry ? Child{file(place, std::move(entry), folder.product)} : Child{};
}

Tree::Child Tree::child_of_time_series(const Node& folder, std::string_view name,
                                       const TargetSnapshot& snapshot) const {
  if (const auto kind = document_named(time_series_documents(), name)) return document(folder, *kind, name);
  auto entry = snapshot.find(name.substr(0, name.rfind('.')));
  const bool is_its_name = entry && time_series_name(entry->name, entry->plate()) == name;
  return is_its_name ? Child{file(folder, std::move(entry), ProductKind::TimeSeries)} : Child{};
}

Tree::Question Tree::after_links(const Node& place, std::string_view name) const {
  return [this, place, name = std::string{name}](vo::Completion<Child> done) {
    library_.links_of(place.plate->ref, [this, place, name, done = std::move(done)](const vo::Outcome<Links>&) mutable {
      done(child_of_plate(place, name, library_.known_links(place.plate->ref)));
    });
  };
}

/// Of a plate, or of its links/.
Tree::Child Tree::child_of_plate(const Node& place, std::string_view name, const Links& links) const {
  if (place.kind == NodeKind::Links) {
    const bool is_there = links && links->files.others.contains(std::string{name});
    return is_there ? Child{file(place, place.plate, ProductKind::Link, std::string{name})} : Child{};
  }
  for (const auto kind : kFilesOfAPlate) {
    if (name == file_name_of(kind)) return file(place, place.plate, kind);
  }
  if (name == "plate.json") return document(place, DocumentKind::PlateJson, name);
  if (name == "datalink.vot" && links && !links->served.empty()) return document(place, DocumentKind::Datalink, name);
  if (name == "links" && links) return directory(NodeKind::Links, place, name);
  return std::nullopt;
}

}  // namespace platefs::fs
