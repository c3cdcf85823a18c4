// SPDX-License-Identifier: BSD-3-Clause
// CachedFile: opening, and waiting to open.
#include <algorithm>
#include <utility>

#include "cache/files/cached_file.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Completion;
using vo::Error;
using vo::ErrorKind;

/// One version held open by a reader.
class CachedFile::Opened final : public OpenFile {
 public:
  Opened(std::shared_ptr<CachedFile> file, const ObjectInfo& info, Handle handle, Company company)
      : file_(std::move(file)),
        company_(company),
        handle_(handle),
        info_(std::make_shared<const ObjectInfo>(info)),
        hold_(file_->services_.store.hold(info.id)) {}
  ~Opened() override {
    hold_.reset();
    file_->released(handle_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  std::uint64_t size() const override { return info_->facts.size; }
  std::uint32_t version() const override { return info_->version; }
  void read(ByteRange range, Completion<Extent> done) override {
    range = range.clipped_to(size());
    if (range.empty()) return done(Extent{});
    // A caller that is answered may release this file at once: from `done` on, nothing of it may be touched.
    const auto file = file_;
    const auto info = info_;
    const auto notes = file->note_read(handle_, info->id, range);
    const bool is_served = file->read(handle_, info, range, notes.holding, std::move(done));
    if (is_served && notes.is_more_wanted) file->ask_again();
  }
  void read_exactly(ByteRange range, Completion<Extent> done) override {
    range = range.clipped_to(size());
    if (range.empty()) return done(Extent{});
    const auto file = file_;
    const auto info = info_;
    file->read(handle_, info, range, Holding::Unknown, std::move(done));
  }
  std::optional<Extent> on_disk(ByteRange range) const override {
    return file_->services_.store.on_disk(info_->id, range);
  }
  void was_replaced() override { file_->replaced(info_.get()); }
  bool comes_whole() const override {
    const auto lock = file_->lock();
    return file_->origin_->standing().comes_whole;
  }
  std::optional<Extent> first_bytes() const override {
    if (company_ == Company::WithOthers) return std::nullopt;
    return file_->services_.store.read(info_->id, beginning_of(size()));
  }

 private:
  std::shared_ptr<CachedFile> file_;
  Company company_;
  Handle handle_;
  std::shared_ptr<const ObjectInfo> info_;
  std::shared_ptr<const void> hold_;
};

std::shared_ptr<OpenFile> CachedFile::opened(const ObjectInfo& info, Handle handle, Company company) {
  return std::make_shared<Opened>(shared_from_this(), info, handle, company);
}

Withdraw CachedFile::begin_open(Completion<std::shared_ptr<OpenFile>> done, bool is_exact) {
  std::optional<ObjectInfo> ready;
  std::optional<Error> failure;
  std::uint64_t number = 0;
  {
    const auto state = state_.lock();
    renew_present(*state);
    look_for_best(*state);
    number = state->next_number++;
    if (is_ready(*state) && !state->beginning_follows) {
      ready = state->present;
      ++state->open_files;
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      state->openings.push_back({number, std::move(done), is_exact});
    }
  }
  if (ready) {
    services_.store.touch(ready->id);
    done(opened(*ready, number, Company::WithOthers));
  } else if (failure) {
    done(*failure);
  } else {
    attend();
  }
  return [weak = weak_from_this(), number] {
    if (auto self = weak.lock()) self->withdraw(number);
  };
}

void CachedFile::withdraw(std::uint64_t opening) {
  Completion<std::shared_ptr<OpenFile>> done;
  {
    const auto state = state_.lock();
    const auto found = std::ranges::find(state->openings, opening, &Opening::number);
    if (found == state->openings.end()) return;
    done = std::move(found->done);
    state->openings.erase(found);
  }
  done(Error{ErrorKind::Cancelled, "the open was given up"});
  hand_down(Demand::Change::Less);
}

void CachedFile::released(Handle handle) {
  std::vector<Reader> left;  // a client that went in the middle of a read wants no more of it
  {
    const auto state = state_.lock();
    --state->open_files;
    state->readings.erase(handle);
    std::erase_if(state->readers, [&](Reader& reader) {
      if (reader.handle != handle) return false;
      left.push_back(std::move(reader));
      return true;
    });
  }
  for (auto& reader : left) reader.done(Error{ErrorKind::Cancelled, "the file was closed"});
  hand_down(Demand::Change::Less);
}

/// Nothing when nobody waits any more; then newcomers need not wait either.
std::optional<CachedFile::Opening> CachedFile::take_first_opening(State& state) {
  state.beginning_follows = is_ready(state) && !state.openings.empty();
  if (!state.beginning_follows) return std::nullopt;
  auto first = std::move(state.openings.front());
  state.openings.erase(state.openings.begin());
  ++state.open_files;
  return first;
}

// One at a time: while the first shows the kernel what has come, no other may have the file open.
void CachedFile::complete_opens() {
  while (true) {
    std::optional<Opening> next;
    ObjectInfo info;
    Company company{};
    {
      const auto state = state_.lock();
      load_present(*state);
      company = state->open_files == 0 ? Company::Alone : Company::WithOthers;
      next = take_first_opening(*state);
      if (!next) return;
      info = *state->present;
    }
    next->done(opened(info, next->number, company));
  }
}

}  // namespace platefs::cache
