// SPDX-License-Identifier: BSD-3-Clause
// Tree: all names of a directory.
#include <set>
#include <string>
#include <utility>

#include "cache/files/file_kinds.h"
#include "fs/tree/failed_files.h"
#include "fs/tree/fixed_names.h"
#include "fs/tree/tree.h"

namespace platefs::fs {

using cache::ProductKind;

void Tree::list(const Node& directory, vo::Completion<std::vector<NamedNode>> done) const {
  if (directory.kind == NodeKind::Plate || directory.kind == NodeKind::Links) {
    return library_.links_of(
        directory.plate->ref,
        [this, directory, done = std::move(done)](const vo::Outcome<Links>&) mutable { done(children(directory)); });
  }
  if (!directory.target || !directory.is_directory()) return done(children(directory));
  ask_for_plates(directory, [this, directory, done = std::move(done)](const vo::Outcome<bool>& asked) mutable {
    if (!asked) return done(asked.error());
    done(children(directory));
  });
}

std::vector<NamedNode> Tree::children(const Node& directory) const {
  std::vector<NamedNode> list;
  switch (directory.kind) {
    case NodeKind::Root:
      list_root(list);
      break;
    case NodeKind::Control:
      for (const auto& [name, kind] : control_documents()) {
        list.push_back({std::string{name}, document(directory, kind, name)});
      }
      break;
    case NodeKind::Target:
      list_target(directory, list);
      break;
    case NodeKind::Cutouts:
    case NodeKind::Previews:
    case NodeKind::Stamps:
    case NodeKind::Aligned:
      list_folder(directory, list);
      break;
    case NodeKind::TimeSeries:
      list_time_series(directory, list);
      break;
    case NodeKind::Unsolved:
      list_unsolved(directory, list);
      break;
    case NodeKind::Grouped:
      list_groups(directory, list);
      break;
    case NodeKind::Group:
      list_group(directory, list);
      break;
    case NodeKind::Plate:
      list_plate(directory, list);
      break;
    case NodeKind::Links:
      if (const auto links = library_.known_links(directory.plate->ref)) {
        for (const auto& [name, link] : links->files.others) {
          list.push_back({name, file(directory, directory.plate, ProductKind::Link, name)});
        }
      }
      break;
    case NodeKind::Document:
    case NodeKind::File:
    case NodeKind::Symlink:
      break;
  }
  return list;
}

void Tree::list_root(std::vector<NamedNode>& list) const {
  std::set<std::string> listed;
  for (const auto& name : library_.targets(cache::Library::TargetOrder::ByName)) {
    // What is not known any more (an object whose name was forgotten) is no entry.
    const auto found = find_in_root(name);
    const auto* child = std::get_if<Child>(&found);
    if (child == nullptr || !*child) continue;
    // One entry for an object, however its name was written.
    const auto& place = (*child)->target->target();
    if (!listed.insert((place.object.empty() ? "place " : "object ") + (*child)->target->view()).second) continue;
    auto shown = place.directory_name();
    auto node = target(place, shown);
    list.push_back({std::move(shown), std::move(node)});
  }
  list.push_back({"README.txt", document(root(), DocumentKind::Readme, "README.txt")});
  list.push_back({"index.html", document(root(), DocumentKind::TargetsPage, "index.html")});
  list.push_back({".platefs", control()});
}

void Tree::list_target(const Node& target, std::vector<NamedNode>& list) const {
  const auto snapshot = target.target->known();
  if (!snapshot) return;
  list.reserve(snapshot->plates.size() + 20);
  for (const auto& entry : snapshot->plates) list.push_back({entry->name, plate(target, entry)});
  for (const auto& folder : plates_folders()) {
    list.push_back({std::string{folder.name}, directory(folder.kind, target, folder.name)});
  }
  if (!snapshot->unsolved.empty()) {
    list.push_back({std::string{kUnsolved}, directory(NodeKind::Unsolved, target, kUnsolved)});
  }
  if (library_.knows_time_series_at(target.target->target().position)) {
    list.push_back({std::string{kTimeSeries}, time_series(target)});
  }
  for (const auto grouping : kGroupings) {
    list.push_back({std::string{folder_of(grouping)}, grouped(target, grouping)});
  }
  for (const auto& named : albums()) {
    if (!snapshot->plates.empty()) list.push_back({std::string{named.name}, album(target, *snapshot, named)});
  }
  for (const auto& [name, kind] : target_documents()) {
    list.push_back({std::string{name}, document(target, kind, name)});
  }
  if (has_sequence(target)) {
    list.push_back({std::string{kSequence}, document(target, DocumentKind::Sequence, kSequence)});
  }
  if (has_catalogue(target)) list.push_back({std::string{kCatalogue}, catalogue(target)});
  if (has_errors_(*target.target)) list.push_back({"errors.txt", document(target, DocumentKind::Errors, "errors.txt")});
}

/// What is known to fail is not listed, so that whoever opens all that is there meets good files.
void Tree::list_folder(const Node& directory, std::vector<NamedNode>& list) const {
  const auto snapshot = directory.target->known();
  if (!snapshot) return;
  const auto& folder = *plates_folder_of(directory.kind);
  const FailedFiles failed{library_.failures()};
  list.reserve(snapshot->plates.size());
  for (const auto& entry : snapshot->plates) {
    if (!is_listed(entry->ref, folder.product, failed)) continue;
    auto name = entry->name;
    list.push_back({name.append(folder.suffix), file(directory, entry, folder.product)});
  }
}

void Tree::list_time_series(const Node& directory, std::vector<NamedNode>& list) const {
  const auto snapshot = directory.target->known();
  if (!snapshot) return;
  for (const auto& entry : snapshot->plates) {
    list.push_back({time_series_name(entry->name, entry->plate()), file(directory, entry, ProductKind::TimeSeries)});
  }
  for (const auto& [name, kind] : time_series_documents()) {
    list.push_back({std::string{name}, document(directory, kind, name)});
  }
  if (has_errors_(*directory.target)) {
    list.push_back({"errors.txt", document(directory, DocumentKind::Errors, "errors.txt")});
  }
}

void Tree::list_unsolved(const Node& directory, std::vector<NamedNode>& list) const {
  const auto snapshot = directory.target->known();
  if (!snapshot) return;
  for (const auto& entry : snapshot->unsolved) {
    list.push_back({entry->name + std::string{kUnsolvedSuffix}, unsolved(directory, entry)});
  }
}

void Tree::list_groups(const Node& directory, std::vector<NamedNode>& list) const {
  const auto snapshot = directory.target->known();
  if (!snapshot) return;
  std::set<std::string> names;
  for (const auto& entry : snapshot->plates) names.insert(group_of(directory.grouping, entry->plate()));
  for (const auto& name : names) list.push_back({name, group(directory, name)});
}

void Tree::list_group(const Node& directory, std::vector<NamedNode>& list) const {
  const auto snapshot = directory.target->known();
  if (!snapshot) return;
  for (const auto& entry : snapshot->plates) {
    if (group_of(directory.grouping, entry->plate()) != directory.link) continue;
    list.push_back({entry->name, link_to(directory, entry)});
  }
}

void Tree::list_plate(const Node& plate, std::vector<NamedNode>& list) const {
  for (const auto kind : kFilesOfAPlate) {
    if (kind == ProductKind::Full && !cache::has_files(plate.plate->ref)) continue;
    list.push_back({std::string{file_name_of(kind)}, file(plate, plate.plate, kind)});
  }
  list.push_back({"plate.json", document(plate, DocumentKind::PlateJson, "plate.json")});
  const auto links = library_.known_links(plate.plate->ref);
  if (!links) return;
  list.push_back({"links", directory(NodeKind::Links, plate, "links")});
  if (!links->served.empty()) list.push_back({"datalink.vot", document(plate, DocumentKind::Datalink, "datalink.vot")});
}

}  // namespace platefs::fs
