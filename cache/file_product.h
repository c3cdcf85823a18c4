// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>

#include "cache/download.h"
#include "cache/stored_product.h"

namespace platefs::cache {

/// A file that the archive has ready: full.fits, preview.jpg, what stands in links/. Its URL comes from
/// the plate's DataLink; it is fetched by one ranged GET at a time, from the first missing granule that
/// somebody waits for to the end of the file, and readers are answered as their bytes arrive.
class FileProduct final : public StoredProduct {
 public:
  using StoredProduct::StoredProduct;

 protected:
  void begin_fetch(std::uint64_t first) override;
  void abandon_fetch() override;
  ProductFacts expected() const override;
  bool can_refill() const override { return true; }

 private:
  class Arrival;
  struct Source {
    vo::Url url;
    std::optional<std::uint64_t> stated_size;
    std::string media_type;
  };
  struct Fetch {
    std::shared_ptr<Download> download;
    bool abandoned = false;                           ///< nobody waits: whatever comes next may stop
  };

  static std::optional<Source> source_in(const LinksAnswer& links, const ProductId& id);
  Source source_of(const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) const;
  void fetch_from(const Source& source, std::uint64_t first);
  void fail(const vo::Error& error);
  void fetch_over(const std::optional<vo::Error>& error);
  Expected expected_kind() const;

  mutable Guarded<Fetch> fetch_;
};

}  // namespace platefs::cache
