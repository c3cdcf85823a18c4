// SPDX-License-Identifier: BSD-3-Clause
#include "cache/stored_product.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {

using vo::ByteRange;
using vo::Completion;
using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::int64_t kFailureLastsSeconds = 5;
constexpr int kFruitlessFetches = 3;

bool may_pass_by_itself(ErrorKind kind) { return kind == ErrorKind::Unavailable; }

}  // namespace

/// One version held open by a reader.
class StoredProduct::Opened final : public OpenFile {
 public:
  Opened(std::shared_ptr<StoredProduct> product, const ObjectInfo& info)
      : product_(std::move(product)),
        object_(info.id),
        version_(info.version),
        size_(info.facts.size),
        hold_(product_->services_.store.hold(info.id)) {}
  ~Opened() override {
    hold_.reset();
    product_->released();
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  std::uint64_t size() const override { return size_; }
  std::uint32_t version() const override { return version_; }
  void read(ByteRange range, Completion<Extent> done) override {
    product_->read(object_, version_, range.clipped_to(size_), std::move(done));
  }

 private:
  std::shared_ptr<StoredProduct> product_;
  ObjectId object_;
  std::uint32_t version_;
  std::uint64_t size_;
  std::shared_ptr<const void> hold_;
};

StoredProduct::StoredProduct(ProductServices services, ProductId id)
    : services_(std::move(services)), id_(std::move(id)), key_(id_.key()) {}

std::string StoredProduct::file_name() const {
  switch (id_.kind) {
    case ProductKind::Cutout: return "cutout.fits";
    case ProductKind::Full: return "full.fits";
    case ProductKind::Preview: return "preview.jpg";
    case ProductKind::Link: return "links/" + id_.link;
  }
  return "file";
}

void StoredProduct::load_present(State& state) const {
  if (state.present) return;
  state.present = services_.store.object(key_);
  if (state.present) state.held = RangeSet{services_.store.held(state.present->id)};
}

bool StoredProduct::is_ready(const State& state) const {
  if (!state.present) return false;
  return can_refill() || state.held.covers({0, state.present->facts.size});
}

bool StoredProduct::failed_lately(const State& state) const {
  if (state.shut) return true;
  return state.failure && services_.now() - state.failed_at < kFailureLastsSeconds;
}

ProductFacts StoredProduct::facts() const {
  ProductFacts facts = expected();
  auto state = state_.lock();
  load_present(*state);
  if (state->present) {
    const auto& present = *state->present;
    facts.held_bytes = state->held.size();
    facts.version = present.version;
    if (is_ready(*state)) facts.size = present.facts.size;
    facts.estimate = std::max<std::uint64_t>(present.facts.size, 1);
    facts.source = present.facts.source;
    facts.url = present.facts.url;
    facts.etag = present.facts.validators.etag;
    facts.media_type = present.facts.media_type;
    facts.fetched_at = present.facts.fetched_at;
    const bool is_whole = facts.held_bytes >= present.facts.size;
    facts.state = is_whole             ? ProductState::Cached
                  : facts.held_bytes   ? ProductState::Partial
                                       : ProductState::Remote;
  }
  if (state->failure) {
    facts.error = state->failure->message();
    if (facts.state == ProductState::Remote) facts.state = ProductState::Failed;
  }
  return facts;
}

std::optional<ObjectInfo> StoredProduct::present() const {
  auto state = state_.lock();
  load_present(*state);
  return state->present;
}

std::shared_ptr<OpenFile> StoredProduct::opened(const ObjectInfo& info) {
  return std::make_shared<Opened>(shared_from_this(), info);
}

Withdraw StoredProduct::open(Completion<std::shared_ptr<OpenFile>> done) {
  std::optional<ObjectInfo> ready;
  std::optional<Error> failure;
  std::optional<std::uint64_t> fetch_from;
  std::uint64_t number = 0;
  {
    auto state = state_.lock();
    load_present(*state);
    if (is_ready(*state)) {
      ready = state->present;
      ++state->open_files;
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      number = state->next_number++;
      state->openings.push_back({number, std::move(done)});
      fetch_from = fetch_needed(*state);
    }
  }
  if (ready) {
    services_.store.touch(ready->id);
    done(opened(*ready));
  } else if (failure) {
    done(*failure);
  }
  if (fetch_from) begin_fetch(*fetch_from);
  return [weak = weak_from_this(), number] {
    if (auto self = weak.lock(); self && number != 0) self->withdraw(number);
  };
}

void StoredProduct::withdraw(std::uint64_t opening) {
  Completion<std::shared_ptr<OpenFile>> done;
  {
    auto state = state_.lock();
    const auto found = std::find_if(state->openings.begin(), state->openings.end(),
                                    [opening](const Opening& o) { return o.number == opening; });
    if (found == state->openings.end()) return;
    done = std::move(found->done);
    state->openings.erase(found);
  }
  done(Error{ErrorKind::Cancelled, "the open was given up"});
  abandon_if_nobody_waits();
}

void StoredProduct::released() {
  {
    auto state = state_.lock();
    --state->open_files;
  }
  abandon_if_nobody_waits();
}

void StoredProduct::abandon_if_nobody_waits() {
  {
    auto state = state_.lock();
    if (!state->fetching || state->open_files > 0 || !state->openings.empty()) return;
  }
  abandon_fetch();
}

std::optional<std::uint64_t> StoredProduct::fetch_needed(State& state) const {
  if (state.fetching) return std::nullopt;
  std::uint64_t first = 0;
  if (state.openings.empty()) {
    if (state.readers.empty()) return std::nullopt;
    const auto gap = state.held.first_gap(state.readers.front().range);
    if (gap) first = gap->first / kGranuleSize * kGranuleSize;
  }
  state.fetching = true;
  state.progressed = false;
  return first;
}

void StoredProduct::read(ObjectId object, std::uint32_t version, ByteRange range,
                         Completion<Extent> done) {
  if (range.empty()) return done(Extent{});
  if (auto extent = services_.store.read(object, range)) return done(std::move(*extent));
  std::optional<Extent> arrived;
  std::optional<Error> failure;
  std::optional<std::uint64_t> fetch_from;
  {
    auto state = state_.lock();
    const bool is_current = state->present && state->present->version == version;
    if (!is_current) {
      failure = Error{ErrorKind::Changed,
                      fmt::format("{} was replaced by the archive while it was open", file_name())};
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      // What the store does not give is missing, whatever was held before: evicted by another
      // process, or failed its checksum.
      state->held = RangeSet{services_.store.held(state->present->id)};
      if (state->held.covers(range)) arrived = services_.store.read(state->present->id, range);
      if (!arrived) {
        state->readers.push_back({state->present->id, version, range, std::move(done)});
        fetch_from = fetch_needed(*state);
      }
    }
  }
  if (arrived) return done(std::move(*arrived));
  if (failure) return done(*failure);
  if (fetch_from) begin_fetch(*fetch_from);
}

void StoredProduct::have_version(const ObjectInfo& info) {
  std::vector<Opening> openings;
  std::vector<Reader> stranded;
  {
    auto state = state_.lock();
    state->present = info;
    state->held = RangeSet{services_.store.held(info.id)};
    if (!state->shut) state->failure.reset();
    state->progressed = true;
    std::erase_if(state->readers, [&](Reader& reader) {
      if (reader.version == info.version) {
        reader.object = info.id;
        return false;
      }
      stranded.push_back(std::move(reader));
      return true;
    });
    if (is_ready(*state)) {
      openings = std::move(state->openings);
      state->openings.clear();
      state->open_files += static_cast<int>(openings.size());
    }
  }
  services_.clear_report(id_.plate.plate().obs_publisher_did, file_name());
  const Error changed{ErrorKind::Changed,
                      fmt::format("{} was replaced by the archive while it was open", file_name())};
  for (auto& reader : stranded) reader.done(changed);
  for (auto& opening : openings) opening.done(opened(info));
}

void StoredProduct::have_bytes(ObjectId object, ByteRange range) {
  std::vector<Reader> served;
  {
    auto state = state_.lock();
    if (!state->present || state->present->id != object) return;
    state->held.add(range);
    state->progressed = true;
    std::erase_if(state->readers, [&](Reader& reader) {
      if (!state->held.covers(reader.range)) return false;
      served.push_back(std::move(reader));
      return true;
    });
  }
  for (auto& reader : served) {
    // Through the store once more: it alone knows the file, and a block lost since is a miss again.
    read(object, reader.version, reader.range, std::move(reader.done));
  }
}

void StoredProduct::shut() {
  std::vector<Opening> openings;
  std::vector<Reader> readers;
  const Error error{ErrorKind::Unavailable, "platefs is being unmounted"};
  {
    auto state = state_.lock();
    state->shut = true;
    state->failure = error;
    openings.swap(state->openings);
    readers.swap(state->readers);
  }
  for (auto& opening : openings) opening.done(error);
  for (auto& reader : readers) reader.done(error);
  abandon_fetch();
}

bool StoredProduct::should_try_again(State& state, const Error& error) const {
  if (state.openings.empty() && state.readers.empty()) return false;
  if (error.kind() == ErrorKind::Cancelled) return true;  // somebody came after we had given up
  if (!may_pass_by_itself(error.kind())) return false;
  state.fruitless = state.progressed ? 0 : state.fruitless + 1;
  return state.progressed || (state.present && state.fruitless < kFruitlessFetches);
}

void StoredProduct::fetch_ended(const std::optional<Error>& error) {
  std::vector<Opening> openings;
  std::vector<Reader> readers;
  std::optional<std::uint64_t> fetch_from;
  bool report = false;
  {
    auto state = state_.lock();
    state->fetching = false;
    if (!error || should_try_again(*state, *error)) {
      if (!error) state->fruitless = 0;
      fetch_from = fetch_needed(*state);
    } else {
      state->fruitless = 0;
      openings = std::move(state->openings);
      readers = std::move(state->readers);
      state->openings.clear();
      state->readers.clear();
      report = error->kind() != ErrorKind::Cancelled && !state->shut;
      if (report) {
        state->failure = error;
        state->failed_at = services_.now();
      }
    }
  }
  if (report) {
    services_.report({id_.plate.plate().obs_publisher_did, file_name(), error->message(),
                      services_.now()});
  }
  for (auto& opening : openings) opening.done(*error);
  for (auto& reader : readers) reader.done(*error);
  if (fetch_from) begin_fetch(*fetch_from);
}

}  // namespace platefs::cache
