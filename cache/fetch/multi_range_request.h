// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cache/fetch/multi_range_plan.h"
#include "cache/store/range_set.h"
#include "cache/store/store.h"
#include "vo/base/mailbox.h"
#include "vo/http/multipart_byteranges.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// One version of a file at an archive.
struct RemoteVersion {
  vo::Url url;
  std::uint64_t size = 0;
  Validators validators;
  std::optional<vo::Url> service = {};  ///< that named it, see http::Request::on_behalf_of
  bool is_if_range_understood = true;   ///< not of use with servers that take it for something else
  bool is_asked_past_caches = false;    ///< which may keep parts of another version
};

/// What a request for ranges brought.
struct RangeAnswer {
  RangeRequest asked;
  std::vector<std::byte> bytes;    ///< of all ranges asked for, one behind the other
  RangeSet got;                    ///< which of them, as places in the file
  bool ignored_ranges = false;     ///< answered 200, or refused: the host cannot do what was asked
  bool too_much = false;           ///< sent far more than was asked for: worse than another way
  bool misread_if_range = false;   ///< the version is the same, and If-Range kept us from its parts all the same
  std::optional<vo::Error> error;  ///< why not all of it came
  std::optional<vo::Url> from;     ///< where the answer came from, behind redirects
  std::chrono::duration<double> until_head{}, until_end{};  ///< since it was sent
  std::uint64_t body_bytes = 0;
};

/// One GET for some ranges of one version, kept in memory. Every part is checked against the version
/// (total size, ETag, Last-Modified): another one is Error{Changed}. Bytes nobody asked for are dropped.
/// Ranges may come merged, reordered or not at all; `got` says which came.
class MultiRangeRequest final : public vo::TransferHandler, private vo::MultipartByteranges::Listener {
 public:
  using Box = vo::Mailbox<RangeAnswer>;

  struct Running {
    std::shared_ptr<Box> box;  ///< receives the answer, always a value, once
    vo::TransferTicket ticket;
  };
  static Running start(vo::Transport& transport, const RemoteVersion& version, RangeRequest asked);

  MultiRangeRequest(RemoteVersion version, RangeRequest asked, std::shared_ptr<Box> box);

  void on_head(const vo::http::Head& head) override;
  vo::Flow on_body(std::span<const std::byte> bytes) override;
  void on_end(std::optional<vo::Error> error) override;

 private:
  using Clock = std::chrono::steady_clock;

  void judge(const vo::http::Head& head);
  void judge_version(const vo::http::Head& head) const;
  void judge_total(const vo::http::Head& head) const;
  void begin_partial(const vo::http::Head& head);
  bool is_too_much(std::size_t more) const;
  bool is_of_no_use() const { return answer_.ignored_ranges || answer_.misread_if_range; }
  void on_part(const vo::http::ContentRange& part) override;
  void on_bytes(std::uint64_t offset, std::span<const std::byte> bytes) override;

  RemoteVersion version_;
  std::shared_ptr<Box> box_;
  RangeAnswer answer_;
  Clock::time_point answered_ = Clock::now();
  vo::http::Head head_;
  std::optional<vo::MultipartByteranges> parts_;
  bool sent_if_range_ = false;
  std::uint64_t offset_ = 0;  ///< of the next byte of an answer that is one part
  std::uint64_t end_ = 0;
  std::string excerpt_;  ///< of an answer that is a failure
  std::optional<vo::Error> refused_;
};

}  // namespace platefs::cache
