// SPDX-License-Identifier: BSD-3-Clause
// What one answer brings into a file.

#include <fmt/core.h>
#include <xxhash.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cache/fetch/download.h"
#include "cache/files/download_origin.h"
#include "cache/store/staged_object.h"

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

/// Carries what one request brings into the file. Whatever part of the file an answer begins
/// with, it is a part of the version that its validators name: the present one goes on or the next
/// begins, so two never mix. All calls on the writer thread.
class DownloadOrigin::Arrival final : public DownloadListener {
 public:
  Arrival(std::shared_ptr<DownloadOrigin> origin, FetchNumber number) : origin_(std::move(origin)), number_(number) {}

  ObjectId on_begin(Store& store, const BodyStart& start, const std::string& url) override;
  void on_unusable_range() override { origin_->forgo_ranges(); }
  void on_stored(ObjectId object, vo::ByteRange range) override;
  void on_done(Store& store, vo::Outcome<BodyWriter::Total> outcome) override;

 private:
  CachedFile& file() const { return origin_->file_; }
  void take_whole(const std::string& url);
  ObjectId version_of(Store& store);
  std::optional<vo::Error> error_in(const vo::Outcome<BodyWriter::Total>& outcome) const;
  std::optional<vo::Error> settle_staged(Store& store, const vo::Outcome<BodyWriter::Total>& outcome);

  std::shared_ptr<DownloadOrigin> origin_;
  FetchNumber number_;
  ObjectFacts facts_;
  StagedObject staged_;  ///< of a file whose size its end will tell
  bool size_known_ = true;
  bool is_part_ = false;
  bool has_beginning_ = false;
  Progress progress_ = Progress::None;
};

namespace {

/// Two files may be as long as each other and say nothing of their versions: what stands in for the best file is
/// marked, so that neither passes for the other.
std::uint64_t mark_of(const ObjectFacts& facts) {
  if (facts.source != kNextBest) return 0;
  const auto said = fmt::format("{}\n{}\n{}", facts.url, facts.validators.etag, facts.validators.last_modified);
  return XXH3_64bits(said.data(), said.size()) | 1;
}

}  // namespace

std::shared_ptr<DownloadListener> DownloadOrigin::arrival(FetchNumber number) {
  return std::make_shared<Arrival>(self(), number);
}

ObjectId DownloadOrigin::Arrival::on_begin(Store& store, const BodyStart& start, const std::string& url) {
  progress_ = Progress::Begun;
  if (!start.file_size && start.end != UINT64_MAX) {
    origin_->forgo_ranges();
    throw Error{ErrorKind::Unavailable, fmt::format("{} sends a part and hides the file's size", url)};
  }
  is_part_ = start.is_part;
  has_beginning_ = start.offset == 0;
  if (is_part_) {
    origin_->begin_part(number_, start);
  } else {
    take_whole(url);
  }
  size_known_ = start.file_size.has_value();
  facts_ = {.size = start.file_size.value_or(0),
            .validators = start.validators,
            .url = url,
            .source = origin_->way_.source,
            .media_type = start.media_type,
            .fetched_at = file().services().now()};
  facts_.validators.content_hash = mark_of(facts_);
  if (size_known_) return version_of(store);
  staged_ = StagedObject{file().services().writer, store, file().key()};
  return staged_.id();
}

void DownloadOrigin::Arrival::on_stored(ObjectId object, vo::ByteRange range) {
  progress_ = Progress::Stored;
  origin_->stored(number_, object, range, size_known_);
}

void DownloadOrigin::Arrival::on_done(Store& store, vo::Outcome<BodyWriter::Total> outcome) {
  if (!is_part_) origin_->arrives_whole(0);
  const auto error = size_known_ ? error_in(outcome) : settle_staged(store, outcome);
  staged_ = {};
  origin_->ended(number_, error, progress_);
}

void DownloadOrigin::Arrival::take_whole(const std::string& url) {
  if (origin_->begin_whole(number_)) return;
  throw Error{ErrorKind::Cancelled, fmt::format("{} is on its way in another request", url)};
}

// A server that names an ETag once and leaves it out the next time has not changed the file.
ObjectId DownloadOrigin::Arrival::version_of(Store& store) {
  const auto present = store.object(file().key());
  const bool is_of_this_way = present && present->facts.source == facts_.source;
  const bool is_held = is_of_this_way && present->facts.size == facts_.size &&
                       same_version(present->facts.validators, facts_.validators);
  if (is_held) {
    facts_.validators = present->facts.validators;
  } else if (is_of_this_way && origin_->is_to_be_doubted(number_)) {
    throw Error{ErrorKind::Changed, fmt::format("{} brings another version than what is held", facts_.url)};
  }
  // Not the store's present object: another process may have begun the version anew since we saw it.
  const auto known = file().current();
  const auto info = store.create(file().key(), facts_);
  if (is_of_this_way && present->version != info.version) origin_->note_replaced();
  if (!is_part_) origin_->arrives_whole(info.id);
  if (known != info.id) file().began(info, has_beginning_);
  return info.id;
}

// An answer in good order that holds less than a granule would be asked for again and again.
std::optional<Error> DownloadOrigin::Arrival::error_in(const vo::Outcome<BodyWriter::Total>& outcome) const {
  if (!outcome) return outcome.error();
  if (!is_part_ || progress_ == Progress::Stored) return std::nullopt;
  return Error{ErrorKind::Unavailable, fmt::format("{} sends parts too small to be of use", facts_.url)};
}

std::optional<Error> DownloadOrigin::Arrival::settle_staged(Store& store,
                                                            const vo::Outcome<BodyWriter::Total>& outcome) {
  if (!outcome) return outcome.error();
  try {
    facts_.size = outcome.value().bytes;
    facts_.validators.content_hash = outcome.value().hash;
    file().began(staged_.publish(store, facts_));
    return std::nullopt;
  } catch (...) {
    return vo::current_error("keeping the file in the cache");
  }
}

}  // namespace platefs::cache
