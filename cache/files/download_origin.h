// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/fetch/access_pattern.h"
#include "cache/fetch/download.h"
#include "cache/fetch/request_plan.h"
#include "cache/files/cached_file.h"
#include "cache/files/file_kinds.h"
#include "cache/files/origin.h"

namespace platefs::cache {

/// The origin of a file that the archive has ready: full.fits, preview.jpg, what stands in links/. Its URL comes from
/// the plate's DataLink; its parts are fetched by ranged GETs as readers want them and will want them
/// (access_pattern.h, request_plan.h), each byte once, and readers are answered as their bytes arrive. Every
/// answer's validators and total say which version it belongs to, so no If-Range is sent: archives that
/// ignore it (DaCHS) and those that obey are the same to us. A server without ranges is streamed once
/// from the start.
class DownloadOrigin final : public Origin {
 public:
  /// Which of the plate's files it is.
  struct Way {
    std::string source = "download";  ///< ObjectFacts::source of what comes
    std::function<FileLocation(const LinksAnswer&, const ProductId&)> location = file_source;
  };
  /// `failed`: whom to tell of a failure; the file itself unless there is another way.
  explicit DownloadOrigin(CachedFile& file, Failed failed, Way way);
  explicit DownloadOrigin(CachedFile& file, Failed failed = {}) : DownloadOrigin(file, std::move(failed), Way{}) {}

  void update(const Demand& demand, Tasks& tasks) override;
  Standing standing() const override;

 private:
  class Arrival;
  using FetchNumber = std::uint64_t;
  /// One request under way.
  struct Fetch {
    vo::ByteRange asked;                 ///< end is UINT64_MAX until the size is known
    std::uint64_t planned_end = 0;       ///< of `asked`, before the answer said what it brings
    std::uint64_t next = 0;              ///< bytes before it are stored
    bool is_ranged = false;              ///< the request names a range
    std::uint64_t reserved = 0;          ///< of the budget for readahead
    std::shared_ptr<Download> download;  ///< null until started
    bool given_up = false;               ///< nobody wants it: cancel as soon as it is started
    bool is_past_caches = false;         ///< the archive itself answers
    HostProfiles::Share wait;            ///< while a reader waits for it
    HostProfiles::Seconds waited{};      ///< for the answer
    AccessPattern::Clock::time_point began = AccessPattern::Clock::now(), answered = {};

    vo::ByteRange missing() const { return {next, asked.end}; }
  };
  enum class Progress { None, Begun, Stored };  ///< how far one request came

  // With the file's lock held.
  void start_missing(const Demand& demand, Tasks& tasks);
  void cancel_unwanted(const Demand& demand, Tasks& tasks);
  std::vector<PlannedRequest> plan(const Demand& demand) const;
  PlannedRequest first_fetch(const Demand& demand) const;
  void begin(const PlannedRequest& planned, Tasks& tasks);
  bool is_wanted(const Fetch& fetch, const Demand& demand) const;
  bool should_try_again(const Fetch& ended, const vo::Error& error, Progress progress);
  void expect_one_answer();

  bool is_to_be_asked_past_caches(bool was_past_caches, const vo::Error& error);
  bool should_ask_for_links_anew(const Fetch& ended, const vo::Error& error, Progress progress);

  // Without it.
  void find_source();
  void take_source(const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links);
  void start(FetchNumber number, vo::http::Request request);

  std::shared_ptr<DownloadListener> arrival(FetchNumber number);  ///< carries what that request brings into the file

  // What it tells, on the writer thread.
  bool begin_whole(FetchNumber number);
  void begin_part(FetchNumber number, const BodyStart& answer);
  void arrives_whole(ObjectId object);
  bool is_to_be_doubted(FetchNumber number);
  void note_replaced();
  void forgo_ranges();
  void stored(FetchNumber number, ObjectId object, vo::ByteRange range, bool is_visible);
  void ended(FetchNumber number, const std::optional<vo::Error>& error, Progress progress);

  const ProductServices& services() const { return file_.services(); }
  /// Keeps the file alive.
  std::shared_ptr<DownloadOrigin> self() { return {file_.shared_from_this(), this}; }

  CachedFile& file_;
  Failed failed_;
  Way way_;
  // Guarded by the file's lock:
  bool finding_source_ = false;
  std::optional<FileLocation> source_;
  std::int64_t source_told_at_ = 0;    ///< when the archive named it, Unix seconds
  bool is_source_remembered_ = false;  ///< by the store
  /// A URL that was refused, and how: the links that named it are asked for again before that is believed.
  struct Refusal {
    vo::Url url;
    vo::Error error;
    bool was_past_caches = false;  ///< the archive itself answered
  };
  std::optional<Refusal> refusal_;
  std::string host_;  ///< of the source
  std::map<FetchNumber, Fetch> fetches_;
  FetchNumber next_fetch_ = 1;
  bool has_no_ranges_ = false;  ///< the server sends the whole file, whatever is asked
  int fruitless_ = 0;           ///< broken requests in a row that brought nothing
  /// Every answer has another ETag or date: a version is what one answer brings.
  bool comes_from_one_answer_ = false;
  bool is_to_be_cured_ = false;  ///< by one answer, although nobody waits at this moment
  /// An answer was no file or another version: a cache on the way may hold it, and is told to ask the archive.
  bool goes_past_caches_ = false;
  bool stays_past_caches_ = false;  ///< there may be more of what they hold
  ObjectId arriving_whole_ = 0;     ///< the version that an answer under way brings whole
};

}  // namespace platefs::cache
