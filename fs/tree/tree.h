// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cache/library.h"
#include "fs/tree/fixed_names.h"
#include "fs/tree/node.h"
#include "fs/tree/renewed_texts.h"
#include "fs/tree/sequences.h"
#include "fs/tree/target.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// How a mount shows what is made of cutouts: ProductId::variant of each kind.
struct Look {
  std::string pictures;                             ///< empty, or "positive"
  std::string aligned;                              ///< empty, or "lanczos3"
  std::shared_ptr<const Sequences> sequences = {};  ///< comparison stars to be marked; null: none

  std::string variant_of(cache::ProductKind kind) const;
  /// Of a Stamp or Chart of the target: what is marked on it; null: nothing.
  std::shared_ptr<const vo::SkyMarks> marks_of(cache::ProductKind kind, const Target& target) const;
  std::shared_ptr<const Sequence> sequence_of(const Target& target) const;
};

struct NamedNode {
  std::string name;
  Node node;
};

/// The shape of the tree: which names a directory has and what they mean. Thread-safe; never waits.
class Tree {
 public:
  /// Is there anything to tell in a target's errors.txt? Called on any thread; asks nobody.
  using HasErrors = std::function<bool(const TargetState&)>;

  /// What is remembered of a target beside its name. The same.
  using NoteOf = std::function<std::string(const TargetSnapshot&)>;

  /// `library` outlives the tree. `log` hears why a name is no target.
  Tree(
      cache::Library& library, HasErrors has_errors, vo::Angle default_radius,
      std::function<void(std::string_view)> log, Look look = {},
      NoteOf note_of = [](const TargetSnapshot&) { return std::string(); });

  static Node root();

  using Child = std::optional<Node>;  ///< nothing: there is no such name
  /// Finds the child once it has been asked for what its directory needs to know (a target's plates, a plate's links,
  /// where an object is). To be called once at most, while the tree lives.
  using Question = std::function<void(vo::Completion<Child>)>;
  /// What `name` means in `directory`, or the question that tells. A plate whose links can't be had has its fixed files
  /// all the same, which tell why when they are opened; a target that can't be asked for has its errors.txt.
  std::variant<Child, Question> find(const Node& directory, std::string_view name) const;
  /// The same, waiting for the answer where there is a question.
  void find(const Node& directory, std::string_view name, vo::Completion<Child> done) const;

  /// What a directory holds, after asking for what it needs to know.
  void list(const Node& directory, vo::Completion<std::vector<NamedNode>> done) const;
  /// The same by what is known.
  std::vector<NamedNode> children(const Node& directory) const;

  /// `document` is in use, and its text is another now: from here on its name means another inode, as the name
  /// of a plate's file does when the archive replaces the file.
  void renew(const Node& document) const;

 private:
  using Links = std::shared_ptr<const cache::LinksAnswer>;

  std::variant<Child, Question> find_in_root(std::string_view name) const;
  std::variant<Child, Question> find_in_target(const Node& target, std::string_view name) const;
  Question after_plates(const Node& directory, std::string_view name) const;
  Question after_links(const Node& directory, std::string_view name) const;

  Child child_of_target(const Node& directory, std::string_view name) const;
  Child child_of_plate(const Node& directory, std::string_view name, const Links& links) const;
  void ask_for_plates(const Node& directory, vo::Completion<bool> done) const;

  void list_root(std::vector<NamedNode>& list) const;
  void list_target(const Node& target, std::vector<NamedNode>& list) const;
  void list_folder(const Node& folder, std::vector<NamedNode>& list) const;
  void list_time_series(const Node& folder, std::vector<NamedNode>& list) const;
  void list_unsolved(const Node& folder, std::vector<NamedNode>& list) const;
  void list_groups(const Node& grouped, std::vector<NamedNode>& list) const;
  void list_group(const Node& group, std::vector<NamedNode>& list) const;
  void list_plate(const Node& plate, std::vector<NamedNode>& list) const;

  Node target(const Target& target, std::string_view name) const;
  static Node control();
  static Node directory(NodeKind kind, const Node& parent, std::string_view name);
  static Node time_series(const Node& target);
  Child child_of_time_series(const Node& folder, std::string_view name, const TargetSnapshot& snapshot) const;
  static Node plate(const Node& target, std::shared_ptr<const PlateEntry> entry);
  static Node grouped(const Node& target, Grouping grouping);
  static Node group(const Node& grouped, std::string_view name);
  static Node link_to(const Node& group, std::shared_ptr<const PlateEntry> entry);
  Node catalogue(const Node& target) const;
  bool has_catalogue(const Node& target) const;
  bool has_sequence(const Node& target) const;
  Node album(const Node& target, const TargetSnapshot& snapshot, const NamedAlbum& named) const;
  Node document(const Node& parent, DocumentKind kind, std::string_view name) const;
  Node unsolved(const Node& folder, std::shared_ptr<const PlateEntry> plate) const;
  Node file(const Node& parent, std::shared_ptr<const PlateEntry> plate, cache::ProductKind kind,
            const std::string& link = {}) const;
  std::shared_ptr<TargetState> state_of(const Target& target) const;

  cache::Library& library_;
  HasErrors has_errors_;
  vo::Angle default_radius_;
  std::function<void(std::string_view)> log_;
  Look look_;
  NoteOf note_of_;
  struct Targets {
    std::map<std::string, std::weak_ptr<TargetState>> by_name;
    std::size_t prune_at = 1024;  ///< twice what lived at the last look: looking costs nothing
  };
  mutable vo::Guarded<Targets> targets_;
  mutable RenewedTexts renewed_;
};

}  // namespace platefs::fs
