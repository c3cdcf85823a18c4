// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "cache/files/cutout_product.h"
#include "cache/files/file_product.h"

namespace platefs::cache {

/// preview.jpg: the archive's own where its DataLink names one and it is there; else rendered here on a query
/// thread from the smallest FITS on offer.
class PreviewProduct final : public FileProduct {
 public:
  PreviewProduct(ProductServices services, ProductId id, vo::WorkerPool& pool, const CutoutTools& tools,
                 RangeHosts& hosts)
      : FileProduct(std::move(services), std::move(id)), pool_(pool), tools_(tools), hosts_(hosts) {}

 protected:
  void bring() override;
  void trim() override;
  bool is_under_way() const override { return making_.lock()->is_under_way || FileProduct::is_under_way(); }
  ProductFacts expected() const override;
  bool comes_otherwise(const vo::Error& error) override;

 private:
  struct Making {
    bool is_under_way = false;         ///< the links are asked for, or it is being rendered
    bool is_served = false;            ///< by the archive
    std::optional<vo::Error> refusal;  ///< why the archive's own is not served
    std::stop_source giving_up;
  };

  void choose(const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links);
  void render(const std::shared_ptr<const LinksAnswer>& links);
  CutoutTools::File rendered(const LinksAnswer& links, const std::stop_token& stop, std::string& url) const;
  void publish(Store& store, const CutoutTools::File& bytes, const std::string& url);
  void ended(const std::optional<vo::Error>& error);  ///< writer thread
  std::shared_ptr<PreviewProduct> me() { return std::static_pointer_cast<PreviewProduct>(shared_from_this()); }

  vo::WorkerPool& pool_;
  const CutoutTools& tools_;
  RangeHosts& hosts_;
  vo::Guarded<Making> making_;
};

}  // namespace platefs::cache
