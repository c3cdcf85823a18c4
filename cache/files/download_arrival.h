// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cache/fetch/download.h"
#include "cache/files/download_origin.h"
#include "cache/store/staged_object.h"

namespace platefs::cache {

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

}  // namespace platefs::cache
