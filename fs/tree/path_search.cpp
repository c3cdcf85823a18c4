// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/path_search.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

namespace platefs::fs {
namespace {

constexpr int kMostLinks = 8;

std::vector<std::string> names_in(std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) names.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return names;
}

/// One path on its way; it lives in the completion of the question that it waits for.
class PathSearch : public std::enable_shared_from_this<PathSearch> {
 public:
  PathSearch(const Tree& tree, std::vector<std::string> names, vo::Completion<FoundPath> done)
      : tree_(tree),
        left_(std::make_move_iterator(names.begin()), std::make_move_iterator(names.end())),
        done_(std::move(done)) {}

  void go_on() {
    while (!left_.empty()) {
      auto name = std::move(left_.front());
      left_.pop_front();
      if (name == "..") {
        if (nodes_.size() > 1) nodes_.pop_back(), found_.names.pop_back();
        continue;
      }
      if (!nodes_.back().is_directory()) return done_(FoundPath{});
      auto known = tree_.find(nodes_.back(), name);
      if (auto* child = std::get_if<Tree::Child>(&known)) {
        if (!enter(std::move(*child), std::move(name))) return;
        continue;
      }
      return std::get<Tree::Question>(known)(
          [self = shared_from_this(), name = std::move(name)](vo::Outcome<Tree::Child> told) mutable {
            if (!told) return self->done_(told.error());
            if (self->enter(std::move(told).value(), std::move(name))) self->go_on();
          });
    }
    found_.node = std::move(nodes_.back());
    done_(std::move(found_));
  }

 private:
  /// False: the search is over.
  bool enter(Tree::Child child, std::string name) {
    if (!child || (child->kind == NodeKind::Symlink && ++links_ > kMostLinks)) return done_(FoundPath{}), false;
    if (child->kind == NodeKind::Symlink) {
      found_.has_links = true;
      auto names = names_in(child->link);
      left_.insert(left_.begin(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
      return true;
    }
    nodes_.push_back(std::move(*child));
    found_.names.push_back(std::move(name));
    return true;
  }

  const Tree& tree_;
  std::deque<std::string> left_;
  std::vector<Node> nodes_{Tree::root()};
  FoundPath found_;
  int links_ = 0;
  vo::Completion<FoundPath> done_;
};

}  // namespace

void find_path(const Tree& tree, std::vector<std::string> names, vo::Completion<FoundPath> done) {
  std::make_shared<PathSearch>(tree, std::move(names), std::move(done))->go_on();
}

}  // namespace platefs::fs
