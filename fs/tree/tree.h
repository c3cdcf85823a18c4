// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"
#include "fs/tree/node.h"
#include "fs/tree/renewed_texts.h"
#include "fs/tree/target.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

struct NamedNode {
  std::string name;
  Node node;
};

/// The shape of the tree: which names a directory has and what they mean. Thread-safe.
///
/// Names are resolved in two steps, so that no step waits: `prepare` gets what a directory needs to know
/// (its target's plates, a plate's links), asynchronously; then `child` and `children` answer from that.
class Tree {
 public:
  /// Is there anything to tell in a target's errors.txt? Called on any thread; asks nobody.
  using HasErrors = std::function<bool(const TargetState&)>;

  /// `library` outlives the tree. `log` hears why a name is no target.
  Tree(cache::Library& library, HasErrors has_errors, vo::Angle default_radius,
       std::function<void(std::string_view)> log);

  static Node root();

  /// Does looking up `name` in `directory` need prepare() first?
  bool needs_preparation(const Node& directory, std::string_view name) const;
  /// Completes when child/children can answer; `name` is the child that is wanted, or empty for all. A
  /// plate whose links can't be had is prepared, too: its fixed files are there all the same, and tell
  /// why when they are opened.
  void prepare(const Node& directory, std::string_view name, vo::Completion<bool> done) const;

  std::optional<Node> child(const Node& directory, std::string_view name) const;
  std::vector<NamedNode> children(const Node& directory) const;

  /// `document` is in use, and its text is another now: from here on its name means another inode, as the name
  /// of a plate's file does when the archive replaces the file.
  void renew(const Node& document) const;

 private:
  void prepare_root(std::string_view name, vo::Completion<bool> done) const;
  std::optional<Node> root_child(std::string_view name) const;
  std::optional<Node> target_child(const Node& target, std::string_view name) const;
  std::optional<Node> plate_child(const Node& plate, std::string_view name) const;
  std::optional<Node> flat_child(const Node& directory, std::string_view name) const;
  std::optional<Node> link_child(const Node& links, std::string_view name) const;
  std::vector<std::string> names_in(const Node& directory) const;
  std::vector<std::string> names_in_target(const Node& target) const;
  std::vector<std::string> names_in_plate(const Node& plate) const;
  Node document(const Node& parent, DocumentKind kind, std::string_view name) const;
  Node file(const Node& parent, std::shared_ptr<const PlateEntry> plate, cache::ProductKind kind,
            const std::string& link = {}) const;
  std::optional<Target> target_named(std::string_view name) const;
  std::shared_ptr<TargetState> state_of(const Target& target) const;

  cache::Library& library_;
  HasErrors has_errors_;
  vo::Angle default_radius_;
  std::function<void(std::string_view)> log_;
  struct Targets {
    std::map<std::string, std::weak_ptr<TargetState>> by_name;
    std::size_t prune_at = 1024;  ///< twice what lived at the last look: looking costs nothing
  };
  mutable vo::Guarded<Targets> targets_;
  mutable RenewedTexts renewed_;
};

}  // namespace platefs::fs
