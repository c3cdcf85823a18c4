// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/album.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "vo/fits/pictures/album.h"

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::size_t kAtATime = 8;  // stamps that are asked for
constexpr std::uint64_t kTypicalFrame = 200 * 1024;
constexpr std::int64_t kLastsSeconds = 60;  // while plates are missing in it

std::string_view media_type_of(AlbumId::Kind kind) {
  return kind == AlbumId::Kind::Animation ? "image/gif" : "image/jpeg";
}

}  // namespace

std::vector<std::size_t> album_places(AlbumId::Kind kind, std::size_t count) {
  return vo::spread(count, kind == AlbumId::Kind::Animation ? vo::kMostFrames : vo::kMostOnSheet);
}

std::string AlbumId::key() const {
  std::string plates_text;
  for (const auto& plate : plates) {
    plates_text +=
        fmt::format("{}\n{}\n{}\n", plate.table->authority, plate.plate().obs_publisher_did, plate.plate().exposure);
  }
  return fmt::format("album\n{}\n{} {} {}\n{}\n{}\n{}\n{:x}", kind == Kind::Animation ? "blink" : "contact",
                     region.centre.ra.as_degrees(), region.centre.dec.as_degrees(), region.radius.as_degrees(), place,
                     variant, of_plates, XXH3_64bits(plates_text.data(), plates_text.size())) +
         (marks ? "\n" + marks->key : "");
}

/// Keeps the content, and nothing else.
class Album::Opened final : public OpenFile {
 public:
  explicit Opened(Shared content) : content_(std::move(content)) {}

  std::uint64_t size() const override { return content_->bytes.size(); }
  std::uint32_t version() const override { return content_->version; }
  void read(vo::ByteRange range, vo::Completion<Extent> done) override {
    const auto clipped = range.clipped_to(size());
    Extent extent;
    extent.size = clipped.size();
    const std::span bytes{content_->bytes};
    if (clipped.size() > 0) extent.memory = {bytes.subspan(clipped.first, clipped.size())};
    extent.keep = content_;
    done(std::move(extent));
  }

 private:
  Shared content_;
};

struct Album::Work {
  std::vector<std::size_t> plates;            ///< of the id
  std::vector<std::optional<Extent>> stamps;  ///< of each of them; empty: there is none
  std::vector<std::shared_ptr<Product>> files;
  std::vector<std::shared_ptr<OpenFile>> opened;
  std::size_t next = 0, under_way = 0, over = 0;
  std::optional<Error> first_failure;
};

Album::Album(PlateFiles& files, vo::WorkerPool& pool, std::function<std::int64_t()> now, AlbumId id)
    : files_(files), pool_(pool), now_(std::move(now)), id_(std::move(id)) {}

ProductFacts Album::facts() const {
  ProductFacts facts;
  facts.source = "cutout";
  facts.media_type = media_type_of(id_.kind);
  facts.estimate = kTypicalFrame * (id_.plates.size() + 1);
  const auto state = state_.lock();
  if (state->failure) {
    facts.error = state->failure->message();
    facts.state = ProductState::Failed;
  }
  if (!state->content) return facts;
  facts.state = ProductState::Cached;
  facts.version = state->content->version;
  facts.held_bytes = state->content->bytes.size();
  facts.fetched_at = state->content->made_at;
  if (is_good(*state)) facts.size = facts.held_bytes;
  return facts;
}

bool Album::is_good(const State& state) const {
  if (!state.content) return false;
  const auto age = now_() - state.content->made_at;  // below 0: the clock was set back
  return state.content->has_all_plates || (age >= 0 && age < kLastsSeconds);
}

Withdraw Album::open(vo::Completion<std::shared_ptr<OpenFile>> done) {
  Shared ready;
  std::uint64_t number = 0;
  bool is_first = false;
  {
    const auto state = state_.lock();
    if (is_good(*state)) {
      ready = state->content;
    } else {
      number = state->next_number++;
      state->openings.push_back({number, std::move(done)});
      is_first = !std::exchange(state->is_under_way, true);
    }
  }
  if (ready) {
    done(std::shared_ptr<OpenFile>{std::make_shared<Opened>(std::move(ready))});
    return [] {};
  }
  if (is_first) start();
  return [weak = weak_from_this(), number] {
    if (const auto me = weak.lock()) me->withdraw(number);
  };
}

void Album::withdraw(std::uint64_t number) {
  std::vector<Opening> withdrawn;
  {
    const auto state = state_.lock();
    std::erase_if(state->openings, [&](Opening& opening) {
      if (opening.number != number) return false;
      withdrawn.push_back(std::move(opening));
      return true;
    });
  }
  for (auto& opening : withdrawn) opening.done(Error{ErrorKind::Cancelled, "nobody waits for it any more"});
}

void Album::start() {
  auto work = std::make_shared<Work>();
  work->stamps.resize(id_.plates.size());
  work->files.resize(id_.plates.size());
  work->opened.resize(id_.plates.size());
  open_next(work);
}

/// Asks for stamps up to the number that may be under way; draws when all are over.
void Album::open_next(const std::shared_ptr<Work>& work) {
  for (;;) {
    std::optional<std::size_t> place;
    bool is_over = false, is_abandoned = false;
    {
      const auto state = state_.lock();
      is_abandoned = state->openings.empty();
      const bool may_start = work->next < id_.plates.size() && work->under_way < kAtATime && !is_abandoned;
      if (may_start) {
        place = work->next++;
        ++work->under_way;
      }
      is_over = !place && work->under_way == 0 && (is_abandoned || work->next == id_.plates.size());
      if (is_over && work->over++ > 0) is_over = false;  // seen by another thread
    }
    if (is_over) return is_abandoned ? finish(Error{ErrorKind::Cancelled, "nobody waits for it any more"}) : draw(work);
    if (!place) return;
    open_stamp(work, *place);
  }
}

void Album::open_stamp(const std::shared_ptr<Work>& work, std::size_t place) {
  const auto stamp = files_.product({id_.plates[place], ProductKind::Stamp, id_.region, {}, id_.variant, id_.marks});
  work->files[place] = stamp;
  stamp->open([me = shared_from_this(), work, place](vo::Outcome<std::shared_ptr<OpenFile>> opened) {
    if (!opened) return me->have_stamp(work, place, opened.error());
    me->read_stamp(work, place, opened.value());
  });
}

void Album::read_stamp(const std::shared_ptr<Work>& work, std::size_t place, const std::shared_ptr<OpenFile>& stamp) {
  work->opened[place] = stamp;
  stamp->read_exactly({0, stamp->size()}, [me = shared_from_this(), work, place](vo::Outcome<Extent> read) {
    if (!read) return me->have_stamp(work, place, read.error());
    me->have_stamp(work, place, read.value());
  });
}

void Album::have_stamp(const std::shared_ptr<Work>& work, std::size_t place, const vo::Outcome<Extent>& stamp) {
  {
    const auto state = state_.lock();
    --work->under_way;
    if (stamp) {
      work->stamps[place] = stamp.value();
    } else if (!work->first_failure) {
      work->first_failure = stamp.error();
    }
  }
  open_next(work);
}

void Album::draw(const std::shared_ptr<Work>& work) {
  pool_.run<Shared>(
      "drawing an album", [me = shared_from_this(), work](const std::stop_token&) { return me->drawn(*work); },
      [me = shared_from_this()](const vo::Outcome<Shared>& made) { me->finish(made); });
}

Album::Shared Album::drawn(const Work& work) const {
  vo::StampAlbum album{id_.place, id_.of_plates, {}};
  for (const auto& stamp : work.stamps) {
    if (!stamp) continue;
    FileBytes bytes(stamp->size);
    copy_extent(*stamp, bytes);
    album.stamps.push_back(std::move(bytes));
  }
  if (album.stamps.empty() && work.first_failure) throw *work.first_failure;
  auto content = std::make_shared<Content>();
  const auto tone = id_.variant == "positive" ? vo::Tone::StarsBright : vo::Tone::StarsDark;
  content->bytes = id_.kind == AlbumId::Kind::Animation ? vo::animation_of(album) : vo::contact_sheet_of(album, tone);
  {
    // The first one is what the file was said to be before it was made: its inode stays.
    const auto state = state_.lock();
    const auto& before = state->content;
    content->version = before ? before->version + (before->bytes == content->bytes ? 0u : 1u) : 1u;
  }
  content->made_at = now_();
  content->has_all_plates = album.stamps.size() == id_.plates.size();
  return content;
}

void Album::finish(vo::Outcome<Shared> made) {
  std::vector<Opening> openings;
  bool is_to_start_again = false;
  {
    const auto state = state_.lock();
    const bool was_abandoned = !made && made.error().kind() == ErrorKind::Cancelled;
    is_to_start_again = was_abandoned && !state->openings.empty();  // somebody came meanwhile
    if (!is_to_start_again) {
      state->is_under_way = false;
      openings.swap(state->openings);
    }
    if (made) {
      state->content = made.value();
      state->failure.reset();
    } else if (!was_abandoned) {
      state->failure = made.error();
    }
  }
  if (is_to_start_again) return start();
  for (auto& opening : openings) {
    if (!made) {
      opening.done(made.error());
    } else {
      opening.done(std::shared_ptr<OpenFile>{std::make_shared<Opened>(made.value())});
    }
  }
}

}  // namespace platefs::cache
