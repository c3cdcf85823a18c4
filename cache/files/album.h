// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cache/files/product.h"
#include "cache/files/recipe.h"
#include "vo/base/guarded.h"
#include "vo/base/worker_pool.h"

namespace platefs::cache {

/// Which of `count` plates an album shows: all, or some hundred of them, the first and the last among them.
std::vector<std::size_t> album_places(AlbumId::Kind kind, std::size_t count);

/// blink.gif, contact.jpg: made of the stamps of many plates when it is opened. The stamps are opened some at a time,
/// by way of the cache, and those that can't be had are left out; then a worker draws. The album itself is kept in
/// memory while somebody knows the file, no longer: it is quickly made of stamps that are cached. One in which plates
/// are missing is made anew when it is opened after a while. Thread-safe; no worker waits.
class Album final : public Product, public std::enable_shared_from_this<Album> {
 public:
  /// `files` and `pool` outlive it; `now`: Unix seconds.
  Album(PlateFiles& files, vo::WorkerPool& pool, std::function<std::int64_t()> now, AlbumId id);

  ProductFacts facts() const override;
  /// Fails with the reason of the first plate when there is a stamp of none.
  Withdraw open(vo::Completion<std::shared_ptr<OpenFile>> done) override;

 private:
  struct Content {
    FileBytes bytes;
    std::uint32_t version = 1;  ///< counts up when the bytes are others
    std::int64_t made_at = 0;
    bool has_all_plates = false;
  };
  using Shared = std::shared_ptr<const Content>;
  class Opened;
  struct Opening {
    std::uint64_t number;
    vo::Completion<std::shared_ptr<OpenFile>> done;
  };
  struct State {
    Shared content;
    std::vector<Opening> openings;
    std::uint64_t next_number = 1;
    bool is_under_way = false;
    std::optional<vo::Error> failure;
  };
  /// One making.
  struct Work;

  bool is_good(const State& state) const;
  void withdraw(std::uint64_t number);
  void start();
  void open_next(const std::shared_ptr<Work>& work);
  void open_stamp(const std::shared_ptr<Work>& work, std::size_t place);
  void read_stamp(const std::shared_ptr<Work>& work, std::size_t place, const std::shared_ptr<OpenFile>& stamp);
  void have_stamp(const std::shared_ptr<Work>& work, std::size_t place, const vo::Outcome<Extent>& stamp);
  void draw(const std::shared_ptr<Work>& work);
  Shared drawn(const Work& work) const;  ///< on a worker
  void finish(vo::Outcome<Shared> made);

  PlateFiles& files_;
  vo::WorkerPool& pool_;
  std::function<std::int64_t()> now_;
  AlbumId id_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
