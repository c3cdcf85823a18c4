// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/plate_prefetch.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace platefs::fs {
namespace {

constexpr std::size_t kSkipped = 3;  // plates that a reader may leave out
constexpr std::size_t kMostRuns = 64;
constexpr auto kPageLoads = std::chrono::seconds{30};
constexpr std::size_t kTimesForPages = 4;  // a screen of stamps

std::shared_ptr<cache::Product> product_like(cache::Library& library, const Node& like, const cache::PlateRef& plate) {
  const auto& target = like.target->target();
  return library.product({plate, like.product_kind, {target.position, target.radius}, {}, like.variant, like.marks});
}

bool is_cached(const cache::Product& product) { return product.facts().state == cache::ProductState::Cached; }

void make_ready(cache::Library& library, const Node& like, const cache::PlateRef& plate) {
  const auto product = product_like(library, like, plate);
  if (is_cached(*product)) return;
  // Kept by the product; a failure is told when somebody opens the file.
  product->open([](const vo::Outcome<std::shared_ptr<cache::OpenFile>>&) {});
}

}  // namespace

/// Stamps that a page is going to want. Their links are asked for together; stamps whose links are known are made a few
/// at a time, the first on the page first, whichever service answered first.
class PlatePrefetch::Page : public std::enable_shared_from_this<Page> {
 public:
  Page(cache::Library& library, Node like, std::shared_ptr<const TargetSnapshot> snapshot)
      : library_(library), like_(std::move(like)), snapshot_(std::move(snapshot)) {}

  bool is_of(const std::shared_ptr<const TargetSnapshot>& snapshot) const { return snapshot_ == snapshot; }

  void add(Stretch stretch) {
    const auto end = std::min(stretch.end, snapshot_->plates.size());
    std::vector<cache::PlateRef> plates;
    for (auto i = stretch.first; i < end; ++i) plates.push_back(plate(i));
    library_.ask_links_ahead(plates);
    for (auto i = stretch.first; i < end; ++i) {
      library_.links_of(plate(i), [me = shared_from_this(), i](const vo::Outcome<Links>& links) {
        if (has_ended(links)) return;
        me->work_.lock()->ready.insert(i);
        me->make_some();
      });
    }
  }

 private:
  static constexpr std::size_t kMadeAtOnce = 8;

  using Links = std::shared_ptr<const cache::LinksAnswer>;
  struct Work {
    std::set<std::size_t> ready;  ///< places whose links are known
    std::size_t being_made = 0;
  };

  const cache::PlateRef& plate(std::size_t place) const { return snapshot_->plates[place]->ref; }

  /// What ends with the mount asks nothing more.
  template <typename T>
  static bool has_ended(const vo::Outcome<T>& outcome) {
    return !outcome && outcome.error().kind() == vo::ErrorKind::Cancelled;
  }

  void make_some() {
    while (const auto place = next_to_make()) make(*place);
  }

  std::optional<std::size_t> next_to_make() {
    const auto work = work_.lock();
    if (work->ready.empty() || work->being_made >= kMadeAtOnce) return std::nullopt;
    ++work->being_made;
    return work->ready.extract(work->ready.begin()).value();
  }

  void make(std::size_t place) {
    const auto product = product_like(library_, like_, plate(place));
    if (is_cached(*product)) {
      --work_.lock()->being_made;
      return;
    }
    product->open([me = shared_from_this()](const vo::Outcome<std::shared_ptr<cache::OpenFile>>& opened) {
      --me->work_.lock()->being_made;
      if (!has_ended(opened)) me->make_some();
    });
  }

  cache::Library& library_;
  Node like_;
  std::shared_ptr<const TargetSnapshot> snapshot_;
  vo::Guarded<Work> work_;
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
  if (run.length < eagerness.shortest_run || run.asked > place + eagerness.least) return {};
  const Stretch stretch{run.asked, std::max(run.asked, place + 1 + eagerness.ahead)};
  run.asked = stretch.end;
  return stretch;
}

void PlatePrefetch::note_page(const Node& page) {
  const auto& view = page.target->view();
  {
    const auto pages = pages_.lock();
    if (pages->size() > kMostRuns && !pages->contains(view)) pages->clear();
    (*pages)[view].opened_at = Clock::now();
  }
  const auto snapshot = page.target->known();
  if (!snapshot || ahead_ == 0) return;
  std::vector<cache::PlateRef> first;
  for (std::size_t i = 0; i < std::min(kTimesForPages * ahead_, snapshot->plates.size()); ++i) {
    first.push_back(snapshot->plates[i]->ref);
  }
  library_.ask_links_ahead(first);
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
  if (node.kind == NodeKind::Document && node.document == DocumentKind::Gallery) note_page(node);
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
  const auto stretch =
      note(what, static_cast<std::size_t>(place - plates.begin()),
           page ? Eagerness{1, kTimesForPages * ahead_, kTimesForPages * ahead_ / 2} : Eagerness{2, ahead_, ahead_});
  if (page) return page->add(stretch);
  for (auto i = stretch.first; i < std::min(stretch.end, plates.size()); ++i) {
    make_ready(library_, node, plates[i]->ref);
  }
}

}  // namespace platefs::fs
