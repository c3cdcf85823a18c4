// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cache/files/cached_file.h"
#include "cache/files/origin.h"
#include "cache/files/recipe.h"

namespace platefs::cache {

/// The origin of a file that is made here: its recipe runs on a worker, what comes of it is staged and becomes the
/// present version when it is whole. What is missing of one that was made cannot be brought alone: it is made anew.
class MadeOrigin final : public Origin {
 public:
  struct How {
    std::string doing;  ///< "making cutout.fits", for messages
    Recipe recipe;
    /// What it reads that is made here itself: is made before, so that no worker waits for the work of another.
    std::optional<ProductKind> from = {};
  };
  /// `failed`: whom to tell of a failure; the file itself if nobody else.
  MadeOrigin(CachedFile& file, How how, Failed failed = {});

  void update(const Demand& demand, Tasks& tasks) override;
  Standing standing() const override { return {.is_under_way = is_under_way_}; }

 private:
  using Links = vo::Outcome<std::shared_ptr<const LinksAnswer>>;
  using Result = std::shared_ptr<Made>;
  using Opened = std::shared_ptr<OpenFile>;
  void start(const std::stop_source& giving_up);
  void open_first(ProductKind kind, const Links& links, const std::stop_source& giving_up);
  void run(const Links& links, const std::stop_source& giving_up, Opened from);
  void finish(const vo::Outcome<Result>& result);
  Result made(const Links& links, const std::stop_token& stop);
  void keep(Store& store, const vo::Outcome<Result>& result);
  void ended(const std::optional<vo::Error>& error);

  const ProductServices& services() const { return file_.services(); }
  /// Keeps the file alive.
  std::shared_ptr<MadeOrigin> self() { return {file_.shared_from_this(), this}; }

  CachedFile& file_;
  How how_;
  Failed failed_;
  // Guarded by the file's lock:
  bool is_under_way_ = false;
  bool was_made_ = false;  ///< and whoever waited for it has been looked for
  int in_vain_ = 0;        ///< how often in a row what was made could not be kept
  std::stop_source giving_up_;
  Withdraw withdraw_ = [] {};  ///< of the file that is made before
};

}  // namespace platefs::cache
