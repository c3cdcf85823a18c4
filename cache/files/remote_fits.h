// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "cache/fetch/host_profiles.h"
#include "cache/fetch/multi_range_request.h"
#include "cache/files/product.h"
#include "vo/base/mailbox.h"
#include "vo/fits/hdu/source.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// A plate at an archive as the cutter reads it: one read is answered with as few bytes and round trips as
/// can be. What the store holds is taken from there. A long stretch is read through the plate's own
/// product, which keeps it; scattered short ones come by multi-range requests and are not kept, being
/// smaller than what the store keeps. A host that cannot do this is asked for single ranges, one that
/// cannot do those streams the file; HostProfiles remembers. Throws Error{Changed} when the archive
/// replaced the plate meanwhile, Error{Cancelled} on `stop`. For one query thread at a time.
class RemoteFitsSource final : public vo::FitsSource {
 public:
  struct Application {
    const Store& store;
    vo::Transport& transport;
    HostProfiles& hosts;
    std::optional<vo::Url> service = {};  ///< that named the plate, see http::Request::on_behalf_of
  };
  /// `plate` is the present version that `file` reads, `url` where ranges of it can be had.
  RemoteFitsSource(Application application, std::shared_ptr<OpenFile> file, const ObjectInfo& plate, vo::Url url,
                   std::stop_token stop);

  std::uint64_t size() override { return file_->size(); }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override;
  bool is_cancelled() const override { return stop_.stop_requested(); }

 private:
  using Ranges = std::vector<vo::ByteRange>;
  using Asked = std::vector<std::shared_ptr<vo::Mailbox<Extent>>>;
  class Assembly;
  class Round;

  Ranges take_from_store(const Ranges& wanted, Assembly& assembly) const;
  void fetch(Ranges missing, Assembly& assembly);
  Ranges shared(const Ranges& ranges) const;
  void read_through_product(const Ranges& ranges, Assembly& assembly);
  Asked ask_product(const Ranges& ranges);
  void take_from_product(const Ranges& ranges, const Asked& asked, Assembly& assembly);
  RangeSet gather(const std::vector<RangeRequest>& requests, RangeWay way, Assembly& assembly);
  std::optional<vo::Error> judge(const std::vector<RangeAnswer>& answers, RangeWay way);

  Application house_;
  std::shared_ptr<OpenFile> file_;
  ObjectId object_;
  RemoteVersion version_;
  vo::Url first_url_;
  std::string origin_;
  std::stop_token stop_;
};

/// A complete object of the store.
class ObjectSource final : public vo::FitsSource {
 public:
  /// Is cancelled on `stop`.
  ObjectSource(const Store& store, ObjectId object, std::uint64_t size, std::stop_token stop)
      : store_(store), object_(object), size_(size), stop_(std::move(stop)) {}

  std::uint64_t size() override { return size_; }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override;
  bool is_cancelled() const override { return stop_.stop_requested(); }

 private:
  Extent extent(vo::ByteRange range) const;

  const Store& store_;
  ObjectId object_;
  std::uint64_t size_;
  std::stop_token stop_;
};

}  // namespace platefs::cache
