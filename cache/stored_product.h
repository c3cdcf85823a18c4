// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/guarded.h"
#include "cache/library.h"
#include "cache/range_set.h"
#include "cache/writer.h"
#include "vo/transport.h"

namespace platefs::cache {

/// What every product needs of the house; outlives all products.
struct ProductServices {
  Store& store;
  Writer& writer;
  vo::Transport& transport;
  Library& library;
  std::function<std::int64_t()> now;                 ///< Unix seconds
  std::function<void(const Failure&)> report;        ///< for errors.txt
  std::function<void(const std::string& did, const std::string& file)> clear_report;
};

/// The part of a product that is the same however its bytes come: who waits for what, which version is
/// present, which bytes are held. A derived class brings bytes when told that somebody waits, one fetch
/// at a time; the fetch belongs to the product and not to the request that caused it.
///
/// State: absent → (fetching) → present with some bytes → present with all bytes. A failure is kept for
/// a few seconds, so that a program which opens a file ten times does not ask ten times.
class StoredProduct : public Product, public std::enable_shared_from_this<StoredProduct> {
 public:
  StoredProduct(ProductServices services, ProductId id);

  ProductFacts facts() const override;
  Withdraw open(vo::Completion<std::shared_ptr<OpenFile>> done) override;

  /// The mount ends: whoever waits is told now, whoever asks later is refused.
  void shut();

 protected:
  /// Somebody waits: bring the file from `first` on (0 when nothing is known yet). Called without a
  /// lock, on any thread; ends with exactly one fetch_ended().
  virtual void begin_fetch(std::uint64_t first) = 0;
  /// Nobody waits any more: give up what is under way (fetch_ended follows all the same).
  virtual void abandon_fetch() = 0;
  /// What the file will be, while nothing is present: estimate of the size, source, url, media type.
  virtual ProductFacts expected() const = 0;
  /// A version whose bytes went away (evicted) can be opened by its remembered size alone.
  virtual bool can_refill() const = 0;

  // What the fetch tells, on the writer thread:
  void have_version(const ObjectInfo& info);
  void have_bytes(ObjectId object, vo::ByteRange range);
  /// `error`: why it ended before all bytes were there. Starts another fetch when readers still wait.
  void fetch_ended(const std::optional<vo::Error>& error);

  std::optional<ObjectInfo> present() const;
  std::string file_name() const;                     ///< "cutout.fits", for messages
  const ProductId& id() const { return id_; }
  const std::string& key() const { return key_; }
  const ProductServices& services() const { return services_; }

 private:
  class Opened;
  struct Opening {
    std::uint64_t number;
    vo::Completion<std::shared_ptr<OpenFile>> done;
  };
  struct Reader {
    ObjectId object;
    std::uint32_t version;
    vo::ByteRange range;
    vo::Completion<Extent> done;
  };
  struct State {
    std::optional<ObjectInfo> present;
    RangeSet held;
    std::vector<Opening> openings;
    std::vector<Reader> readers;
    std::uint64_t next_number = 1;
    int open_files = 0;
    bool fetching = false;
    bool shut = false;
    int fruitless = 0;                               ///< fetches in a row that brought nothing
    bool progressed = false;                         ///< the fetch under way brought something
    std::optional<vo::Error> failure;
    std::int64_t failed_at = 0;
  };

  void load_present(State& state) const;
  bool is_ready(const State& state) const;
  bool failed_lately(const State& state) const;
  /// Marks a fetch as begun if one is needed; where it should start.
  std::optional<std::uint64_t> fetch_needed(State& state) const;
  void withdraw(std::uint64_t opening);
  void released();
  void read(ObjectId object, std::uint32_t version, vo::ByteRange range,
            vo::Completion<Extent> done);
  std::shared_ptr<OpenFile> opened(const ObjectInfo& info);
  bool should_try_again(State& state, const vo::Error& error) const;
  void abandon_if_nobody_waits();

  ProductServices services_;
  ProductId id_;
  std::string key_;
  mutable Guarded<State> state_;
};

}  // namespace platefs::cache
