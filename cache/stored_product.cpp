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

bool overlap(ByteRange a, ByteRange b) { return a.first < b.end && b.first < a.end; }

ByteRange beginning_of(std::uint64_t file_size) { return ByteRange{0, kGranuleSize}.clipped_to(file_size); }

}  // namespace

/// One version held open by a reader.
class StoredProduct::Opened final : public OpenFile {
 public:
  Opened(std::shared_ptr<StoredProduct> product, const ObjectInfo& info, Handle handle, Company company)
      : product_(std::move(product)),
        company_(company),
        handle_(handle),
        object_(info.id),
        version_(info.version),
        size_(info.facts.size),
        hold_(product_->services_.store.hold(info.id)) {}
  ~Opened() override {
    hold_.reset();
    product_->released(handle_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  std::uint64_t size() const override { return size_; }
  std::uint32_t version() const override { return version_; }
  void read(ByteRange range, Completion<Extent> done) override {
    range = range.clipped_to(size_);
    if (range.empty()) return done(Extent{});
    // Who is answered may release this file at once: from `done` on, nothing of it may be touched.
    const auto product = product_;
    const auto handle = handle_;
    product->on_read(handle, range);
    if (product->read(object_, version_, range, std::move(done))) product->look_ahead(handle);
  }
  void read_exactly(ByteRange range, Completion<Extent> done) override {
    range = range.clipped_to(size_);
    if (range.empty()) return done(Extent{});
    const auto product = product_;
    product->read(object_, version_, range, std::move(done));
  }
  std::optional<Extent> first_bytes() const override {
    if (company_ == Company::WithOthers) return std::nullopt;
    return product_->services_.store.read(object_, beginning_of(size_));
  }

 private:
  std::shared_ptr<StoredProduct> product_;
  Company company_;
  Handle handle_;
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
  if (state.present) {
    state.held = RangeSet{services_.store.held(state.present->id)};
  } else if (state.expected_version == 0) {
    state.expected_version = services_.store.version(key_);
  }
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
  facts.version = state->expected_version;
  if (state->present) {
    const auto& present = *state->present;
    // Whatever this process remembers: others may have evicted it.
    facts.held_bytes = services_.store.object(present.id) ? state->held.size() : 0;
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

StoredProduct::Wanted StoredProduct::wanted() const {
  Wanted wanted;
  const auto state = state_.lock();
  wanted.by_opening = !state->openings.empty();
  for (const auto& reader : state->readers) wanted.by_readers.push_back(reader.range);
  wanted.open_files = state->open_files;
  return wanted;
}

RangeSet StoredProduct::held() const { return state_.lock()->held; }

bool StoredProduct::holds(ByteRange range) const { return state_.lock()->held.covers(range); }

Error StoredProduct::replaced() const {
  return {ErrorKind::Changed, fmt::format("{} was replaced by the archive while it was open", file_name())};
}

std::shared_ptr<OpenFile> StoredProduct::opened(const ObjectInfo& info, Handle handle, Company company) {
  return std::make_shared<Opened>(shared_from_this(), info, handle, company);
}

Withdraw StoredProduct::open(Completion<std::shared_ptr<OpenFile>> done) {
  std::optional<ObjectInfo> ready;
  std::optional<Error> failure;
  std::uint64_t number = 0;
  {
    const auto state = state_.lock();
    load_present(*state);
    number = state->next_number++;
    if (is_ready(*state) && !state->beginning_follows) {
      ready = state->present;
      ++state->open_files;
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      state->openings.push_back({number, std::move(done)});
    }
  }
  if (ready) {
    services_.store.touch(ready->id);
    done(opened(*ready, number, Company::WithOthers));
  } else if (failure) {
    done(*failure);
  } else {
    bring();
  }
  return [weak = weak_from_this(), number] {
    if (auto self = weak.lock()) self->withdraw(number);
  };
}

void StoredProduct::withdraw(std::uint64_t opening) {
  Completion<std::shared_ptr<OpenFile>> done;
  {
    const auto state = state_.lock();
    const auto found = std::ranges::find(state->openings, opening, &Opening::number);
    if (found == state->openings.end()) return;
    done = std::move(found->done);
    state->openings.erase(found);
  }
  done(Error{ErrorKind::Cancelled, "the open was given up"});
  trim();
}

void StoredProduct::released(Handle handle) {
  {
    const auto state = state_.lock();
    --state->open_files;
  }
  on_close(handle);
  trim();
}

bool StoredProduct::read(ObjectId object, std::uint32_t version, ByteRange range, Completion<Extent> done) {
  if (auto extent = services_.store.read(object, range)) {
    done(std::move(*extent));
    return true;
  }
  std::optional<Extent> arrived;
  std::optional<Error> failure;
  {
    const auto state = state_.lock();
    const bool is_current = state->present && state->present->version == version;
    if (!is_current) {
      failure = replaced();
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      if (state->held.covers(range)) {
        // It came this moment; or it went: evicted by another process, or failed its checksum.
        state->held = RangeSet{services_.store.held(state->present->id)};
        if (state->held.covers(range)) arrived = services_.store.read(state->present->id, range);
      }
      if (!arrived) state->readers.push_back({version, range, std::move(done)});
    }
  }
  if (arrived) {
    done(std::move(*arrived));
    return true;
  }
  if (failure) {
    done(*failure);
  } else {
    bring();
  }
  return false;
}

/// Takes out the readers whose range is held.
std::vector<StoredProduct::Reader> StoredProduct::take_served(State& state) {
  std::vector<Reader> served;
  std::erase_if(state.readers, [&](Reader& reader) {
    if (!state.held.covers(reader.range)) return false;
    served.push_back(std::move(reader));
    return true;
  });
  return served;
}

void StoredProduct::serve(std::vector<Reader> readers) {
  for (auto& reader : readers) {
    const auto info = present();
    // Through the store once more: it alone knows the file, and a granule lost since is a miss again.
    read(info ? info->id : 0, reader.version, reader.range, std::move(reader.done));
  }
}

void StoredProduct::have_version(const ObjectInfo& info, bool beginning_follows) {
  std::vector<Reader> stranded, served;
  bool is_beginning_here = false;
  {
    const auto state = state_.lock();
    state->present = info;
    state->held = RangeSet{services_.store.held(info.id)};
    if (!state->shut) state->failure.reset();
    std::erase_if(state->readers, [&](Reader& reader) {
      if (reader.version == info.version) return false;
      stranded.push_back(std::move(reader));
      return true;
    });
    served = take_served(*state);
    is_beginning_here = !beginning_follows || state->held.covers(beginning_of(info.facts.size));
    state->beginning_follows = true;                 // until let_in() is through
  }
  services_.clear_report(id_.plate.plate().obs_publisher_did, file_name());
  for (auto& reader : stranded) reader.done(replaced());
  if (is_beginning_here) let_in();
  serve(std::move(served));
}

void StoredProduct::have_bytes(ObjectId object, ByteRange range) {
  std::vector<Reader> served;
  bool has_begun = false;
  {
    const auto state = state_.lock();
    if (!state->present || state->present->id != object) return;
    state->held.add(range);
    served = take_served(*state);
    has_begun = state->beginning_follows && state->held.covers(beginning_of(state->present->facts.size));
  }
  if (has_begun) let_in();
  serve(std::move(served));
}

/// Nothing when nobody waits any more; then newcomers need not wait either.
std::optional<StoredProduct::Opening> StoredProduct::take_first_opening(State& state) {
  state.beginning_follows = is_ready(state) && !state.openings.empty();
  if (!state.beginning_follows) return std::nullopt;
  auto first = std::move(state.openings.front());
  state.openings.erase(state.openings.begin());
  ++state.open_files;
  return first;
}

// One at a time: while the first shows the kernel what has come, no other may have the file open.
void StoredProduct::let_in() {
  while (true) {
    std::optional<Opening> next;
    ObjectInfo info;
    Company company{};
    {
      const auto state = state_.lock();
      company = state->open_files == 0 ? Company::Alone : Company::WithOthers;
      next = take_first_opening(*state);
      if (!next) return;
      info = *state->present;
    }
    next->done(opened(info, next->number, company));
  }
}

void StoredProduct::give_up(const Error& error, ByteRange missing) {
  std::vector<Opening> openings;
  std::vector<Reader> readers;
  bool is_news = error.kind() != ErrorKind::Cancelled;
  {
    const auto state = state_.lock();
    openings.swap(state->openings);
    std::erase_if(state->readers, [&](Reader& reader) {
      if (!overlap(reader.range, missing)) return false;
      readers.push_back(std::move(reader));
      return true;
    });
    is_news = is_news && !state->shut && !(openings.empty() && readers.empty());
    if (is_news) {
      state->failure = error;
      state->failed_at = services_.now();
    }
  }
  if (is_news) {
    services_.report({id_.plate.plate().obs_publisher_did, file_name(), error.message(), services_.now()});
  }
  for (auto& opening : openings) opening.done(error);
  for (auto& reader : readers) reader.done(error);
}

void StoredProduct::shut() {
  std::vector<Opening> openings;
  std::vector<Reader> readers;
  const Error error{ErrorKind::Unavailable, "platefs is being unmounted"};
  {
    const auto state = state_.lock();
    state->shut = true;
    state->failure = error;
    openings.swap(state->openings);
    readers.swap(state->readers);
  }
  for (auto& opening : openings) opening.done(error);
  for (auto& reader : readers) reader.done(error);
  trim();
}

}  // namespace platefs::cache
