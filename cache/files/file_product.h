// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/fetch/access_pattern.h"
#include "cache/fetch/download.h"
#include "cache/fetch/request_plan.h"
#include "cache/files/file_location.h"
#include "cache/files/stored_product.h"

namespace platefs::cache {

/// A file that the archive has ready: full.fits, preview.jpg, what stands in links/. Its URL comes from
/// the plate's DataLink; its parts are fetched by ranged GETs as readers want them and will want them
/// (read_pattern.h, fetch_plan.h), each byte once, and readers are answered as their bytes arrive. Every
/// answer's validators and total say which version it belongs to, so no If-Range is sent: archives that
/// ignore it (DaCHS) and those that obey are the same to us. A server without ranges is streamed once
/// from the start.
class FileProduct : public StoredProduct {
 public:
  FileProduct(ProductServices services, ProductId id);

 protected:
  void bring() override { pump(); }
  void trim() override;
  bool is_under_way() const override;
  void on_read(Handle handle, vo::ByteRange range) override;
  void look_ahead(Handle handle) override;
  void on_close(Handle handle) override;
  ProductFacts expected() const override;
  bool can_refill(const ObjectInfo& present) const override;
  void on_replaced() override { note_replaced(); }
  /// The archive does not bring the file. True: it comes another way, which answers who waits. Writer thread.
  virtual bool comes_otherwise(const vo::Error& /*error*/) { return false; }
  bool comes_whole() const override { return fetching_.lock()->has_no_ranges; }

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
    AccessPattern::Clock::time_point began = AccessPattern::Clock::now();

    vo::ByteRange missing() const { return {next, asked.end}; }
  };
  struct Reading {
    AccessPattern pattern;
    vo::ByteRange ahead;
    Readahead::Run run;  ///< held while the reader goes on and on
  };
  /// Locked before the state of StoredProduct, never after it.
  struct Fetching {
    bool finding_source = false;
    std::optional<FileLocation> source;
    std::map<FetchNumber, Fetch> fetches;
    FetchNumber next_fetch = 1;
    std::map<Handle, Reading> readings;
    bool has_no_ranges = false;   ///< the server sends the whole file, whatever is asked
    int fruitless = 0;            ///< broken requests in a row that brought nothing
    bool is_to_be_cured = false;  ///< by one answer, although nobody waits at this moment
  };
  /// Of a file whose every answer has another ETag or date: a version is what one answer brings.
  bool comes_from_one_answer() const { return comes_from_one_answer_; }
  enum class Progress { None, Begun, Stored };  ///< how far one request came
  struct Start {
    FetchNumber number;
    vo::http::Request request;
  };

  // finding the URL
  void find_source();
  void fail(const vo::Error& error);

  // fetching
  void pump();
  std::vector<Start> next_starts(Fetching& fetching);
  std::vector<PlannedRequest> plan(const Fetching& fetching) const;
  std::vector<PlannedRequest> plan_whole(const Fetching& fetching, const Wanted& wanted) const;
  PlannedRequest first_fetch(const FileLocation& source) const;
  std::optional<Start> begin(Fetching& fetching, const PlannedRequest& planned);
  void start(Start what);
  bool is_wanted(const Fetching& fetching, const Fetch& fetch, const Wanted& wanted) const;

  // what an arrival tells, on the writer thread
  bool begin_whole(FetchNumber number);
  void begin_part(FetchNumber number, vo::ByteRange part, std::uint64_t file_size);
  void note_replaced();
  void forgo_ranges();
  void stored(FetchNumber number, ObjectId object, vo::ByteRange range, bool is_visible);
  void ended(FetchNumber number, const std::optional<vo::Error>& error, Progress progress);
  static bool should_try_again(Fetching& fetching, const Fetch& ended, const vo::Error& error, Progress progress);

  std::shared_ptr<FileProduct> self() { return std::static_pointer_cast<FileProduct>(shared_from_this()); }

  mutable vo::Guarded<Fetching> fetching_;
  std::atomic<bool> comes_from_one_answer_ = false;
  std::atomic<ObjectId> arriving_whole_ = 0;  ///< the version that an answer under way brings whole
};

}  // namespace platefs::cache
