// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cache/fetch/download.h"
#include "cache/fetch/range_hosts.h"
#include "cache/files/stored_product.h"
#include "cache/store/staged_object.h"
#include "vo/base/worker_pool.h"
#include "vo/fits/hdu/source.h"

namespace platefs::cache {

/// The FITS knowledge that cutouts need, given in by who links it.
struct CutoutTools {
  /// What is wanted of which plate.
  struct Order {
    const vo::Cone& region;
    const PlateRef& row;         ///< of the exposure; its table has the plate's others
    std::string source_url;      ///< without credentials
    bool must_be_whole = false;  ///< what ends before the region does is no answer
  };
  using File = std::vector<std::byte>;
  /// A whole FITS file that shows the region of the plate in `source`; `on_size` hears its size before any
  /// pixel is read. Throws Error.
  std::function<File(vo::FitsSource& source, const Order&, const std::function<void(std::uint64_t)>& on_size)> cut;
  /// What to serve instead of an archive's `answer`: nothing when it is as ordered. Throws Error with the
  /// reason when it is no FITS image that shows the region's centre.
  std::function<std::optional<File>(vo::FitsSource& answer, const Order&)> trim;
  /// What a cutout that was made here says of its exposure: a letter, or "primary"; empty: nothing.
  std::function<std::string(vo::FitsSource& cutout)> exposure = {};
  /// A picture (JPEG) of the image in `source`. Throws Error.
  std::function<File(vo::FitsSource& source)> preview;
};

/// cutout.fits: made by the archive's SODA service, or here from the plate's FITS; the first way that
/// succeeds wins, and what the others said is told when none does. Made on a query thread, visible only
/// when it is whole and shows the target.
class CutoutProduct final : public StoredProduct {
 public:
  CutoutProduct(ProductServices services, ProductId id, vo::WorkerPool& pool, const CutoutTools& tools,
                RangeHosts& hosts);

  std::string exposure() const override;

 protected:
  void bring() override;
  void trim() override;
  bool is_under_way() const override { return making_.lock()->is_under_way; }
  ProductFacts expected() const override;
  bool can_refill(const ObjectInfo&) const override { return false; }

 private:
  struct Made {
    StagedObject object;
    ObjectFacts facts;
  };
  class SodaArrival;

  struct Making {
    bool is_under_way = false;
    int in_vain = 0;                    ///< how often in a row what was made could not be kept
    std::optional<std::uint64_t> size;  ///< of the cutout, once the plate's header was read
    std::stop_source giving_up;
  };

  using Links = vo::Outcome<std::shared_ptr<const LinksAnswer>>;
  void make(const Links& links, const std::stop_token& stop);
  void ended(const std::optional<vo::Error>& error);  ///< writer thread
  void settle();
  Made first_success(const LinksAnswer& links, const std::stop_token& stop);
  Made by_soda(const vo::ServiceDescriptor& service, const std::stop_token& stop);
  Made by_cutting(ProductId plate_file, const vo::Link& link, const std::stop_token& stop);
  std::optional<CutoutTools::File> trimmed(const Made& made, bool must_be_whole, const std::stop_token& stop) const;
  Made stage(const CutoutTools::File& bytes, ObjectFacts facts);
  void publish(Made made);
  std::shared_ptr<CutoutProduct> self();

  vo::WorkerPool& pool_;
  const CutoutTools& tools_;
  RangeHosts& hosts_;
  vo::Guarded<Making> making_;
};

}  // namespace platefs::cache
