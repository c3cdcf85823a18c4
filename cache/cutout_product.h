// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cache/download.h"
#include "cache/query_pool.h"
#include "cache/range_hosts.h"
#include "cache/stored_product.h"
#include "vo/fits_source.h"

namespace platefs::cache {

/// The FITS knowledge that cutouts need, given in by who links it.
struct CutoutTools {
  /// A whole FITS file that shows `region` of the plate in `source`. Throws Error.
  std::function<std::vector<std::byte>(vo::FitsSource& source, const vo::Cone& region,
                                       const vo::Plate& plate, const std::string& source_url)>
      cut;
  /// Throws Error with the reason when `answer` is no FITS image that shows `target`.
  std::function<void(vo::FitsSource& answer, const vo::IcrsPosition& target)> check;
};

/// cutout.fits: made by the archive's SODA service, or here from the plate's FITS; the first way that
/// succeeds wins, and what the others said is told when none does. Made on a query thread, visible only
/// when it is whole and shows the target.
class CutoutProduct final : public StoredProduct {
 public:
  CutoutProduct(ProductServices services, ProductId id, QueryPool& pool, const CutoutTools& tools,
                RangeHosts& hosts);

 protected:
  void bring() override;
  void trim() override;
  ProductFacts expected() const override;
  bool can_refill() const override { return false; }

 private:
  struct Made {
    ObjectId object = 0;
    ObjectFacts facts;
  };
  class SodaArrival;

  struct Making {
    bool is_under_way = false;
    std::stop_source giving_up;
  };

  using Links = vo::Outcome<std::shared_ptr<const LinksAnswer>>;
  void make(const Links& links, const std::stop_token& stop);
  void ended(const std::optional<vo::Error>& error);  ///< writer thread
  Made first_success(const LinksAnswer& links, const std::stop_token& stop);
  Made by_soda(const vo::ServiceDescriptor& service, const std::stop_token& stop);
  Made by_cutting(ProductId plate_file, const vo::Link& link, const std::stop_token& stop);
  void check_answer(ObjectId object, std::uint64_t size) const;
  Made stage_made_here(const std::vector<std::byte>& bytes, const std::string& url);
  void publish(const Made& made);
  void discard(ObjectId object);
  std::shared_ptr<CutoutProduct> self();

  QueryPool& pool_;
  const CutoutTools& tools_;
  RangeHosts& hosts_;
  Guarded<Making> making_;
};

}  // namespace platefs::cache
