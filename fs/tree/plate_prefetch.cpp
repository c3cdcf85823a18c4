// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/plate_prefetch.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace platefs::fs {
namespace {

constexpr std::size_t kSkipped = 3;  // plates that a reader may leave out
constexpr std::size_t kMostRuns = 64;
constexpr auto kPageLoads = std::chrono::seconds{30};
constexpr std::size_t kTimesForPages = 4;  // a screen of stamps

void make_ready(cache::Library& library, const Node& like, const cache::PlateRef& plate) {
  const auto& target = like.target->target();
  const auto product =
      library.product({plate, like.product_kind, {target.position, target.radius}, {}, like.variant, like.marks});
  if (product->facts().state == cache::ProductState::Cached) return;
  // Kept by the product; a failure is told when somebody opens the file.
  product->open([](const vo::Outcome<std::shared_ptr<cache::OpenFile>>&) {});
}

}  // namespace

/// Stamps that a page is going to want. Those whose links are known are made ready at once, and the links of the others
/// are asked for one behind the other: so they come for several plates together, where as many questions at the same
/// time would be as many requests.
class PlatePrefetch::Page : public std::enable_shared_from_this<Page> {
 public:
  Page(cache::Library& library, Node like, std::shared_ptr<const TargetSnapshot> snapshot)
      : library_(library), like_(std::move(like)), snapshot_(std::move(snapshot)) {}

  bool is_of(const std::shared_ptr<const TargetSnapshot>& snapshot) const { return snapshot_ == snapshot; }

  void add(Stretch stretch) {
    {
      const auto waiting = waiting_.lock();
      for (auto i = stretch.first; i < std::min(stretch.end, snapshot_->plates.size()); ++i) {
        waiting->places.push_back(i);
      }
      if (std::exchange(waiting->is_under_way, true)) return;
    }
    go_on();
  }

 private:
  struct Waiting {
    std::deque<std::size_t> places;
    bool is_under_way = false;
  };

  const cache::PlateRef& plate(std::size_t place) const { return snapshot_->plates[place]->ref; }

  /// By the one who has it under way.
  void go_on() {
    for (;;) {
      std::deque<std::size_t> unknown;
      for (const auto place : std::exchange(waiting_.lock()->places, {})) {
        if (library_.known_links(plate(place))) {
          make_ready(library_, like_, plate(place));
        } else {
          unknown.push_back(place);
        }
      }
      if (!unknown.empty()) return ask(std::move(unknown));
      const auto waiting = waiting_.lock();
      waiting->is_under_way = !waiting->places.empty();  // some may have come meanwhile
      if (!waiting->is_under_way) return;
    }
  }

  void ask(std::deque<std::size_t> unknown) {
    const auto first = unknown.front();
    unknown.pop_front();
    {
      const auto waiting = waiting_.lock();
      waiting->places.insert(waiting->places.begin(), unknown.begin(), unknown.end());
    }
    library_.links_of(plate(first), [me = shared_from_this(),
                                     first](const vo::Outcome<std::shared_ptr<const cache::LinksAnswer>>& links) {
      // What ends with the mount asks nothing more.
      if (!links && links.error().kind() == vo::ErrorKind::Cancelled) return;
      make_ready(me->library_, me->like_, me->plate(first));
      me->go_on();
    });
  }

  cache::Library& library_;
  Node like_;
  std::shared_ptr<const TargetSnapshot> snapshot_;
  vo::Guarded<Waiting> waiting_;
};

PlatePrefetch::PlatePrefetch(cache::Library& library, std::size_t ahead) : library_(library), ahead_(ahead) {}

PlatePrefetch::~PlatePrefetch() = default;

/// The places to make ready now.
PlatePrefetch::Stretch PlatePrefetch::note(const std::string& what, std::size_t place, const Eagerness& eagerness) {
  const auto runs = runs_.lock();
  if (runs->size() > kMostRuns && !runs->contains(what)) runs->clear();
  auto& run = (*runs)[what];
  if (place == run.last && run.length != 0) return {};  // the same once more
  const bool goes_on = run.length != 0 && place > run.last && place <= run.last + kSkipped;
  run = {place, goes_on ? run.length + 1 : 1, goes_on ? std::max(run.asked, place + 1) : place + 1};
  if (run.length < eagerness.shortest_run) return {};
  const Stretch stretch{run.asked, std::max(run.asked, place + 1 + eagerness.ahead)};
  run.asked = stretch.end;
  return stretch;
}

void PlatePrefetch::note_page(const std::string& view) {
  const auto pages = pages_.lock();
  if (pages->size() > kMostRuns && !pages->contains(view)) pages->clear();
  (*pages)[view].opened_at = Clock::now();
}

/// Null: no page of the target was opened lately.
std::shared_ptr<PlatePrefetch::Page> PlatePrefetch::page_of(const Node& file,
                                                            const std::shared_ptr<const TargetSnapshot>& snapshot) {
  if (file.product_kind != cache::ProductKind::Stamp) return nullptr;
  const auto pages = pages_.lock();
  const auto found = pages->find(file.target->view());
  if (found == pages->end() || Clock::now() - found->second.opened_at > kPageLoads) return nullptr;
  auto& page = found->second.page;
  if (!page || !page->is_of(snapshot)) {
    auto like = file;
    like.product.reset();  // nobody has it open
    page = std::make_shared<Page>(library_, std::move(like), snapshot);
  }
  return page;
}

void PlatePrefetch::on_open(const Node& node) {
  if (node.kind == NodeKind::Document && node.document == DocumentKind::Gallery) note_page(node.target->view());
  if (ahead_ == 0 || !node.product || node.product_kind == cache::ProductKind::Link || !node.target || !node.plate) {
    return;
  }
  auto snapshot = node.target->known();
  if (!snapshot) return;
  const auto& plates = snapshot->plates;
  const auto place = std::ranges::lower_bound(plates, node.plate->name, {}, [](const auto& p) { return p->name; });
  if (place == plates.end()) return;
  const auto page = page_of(node, snapshot);
  const auto what = fmt::format("{} {}", static_cast<int>(node.product_kind), node.target->view());
  const auto stretch = note(what, static_cast<std::size_t>(place - plates.begin()),
                            page ? Eagerness{1, kTimesForPages * ahead_} : Eagerness{2, ahead_});
  if (page) return page->add(stretch);
  for (auto i = stretch.first; i < std::min(stretch.end, plates.size()); ++i) {
    make_ready(library_, node, plates[i]->ref);
  }
}

}  // namespace platefs::fs
