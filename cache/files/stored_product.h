// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/fetch/readahead.h"
#include "cache/files/product.h"
#include "cache/files/wait_watch.h"
#include "cache/store/range_set.h"
#include "cache/store/replacements.h"
#include "cache/store/writer.h"
#include "vo/base/guarded.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// What every product needs of the house; outlives all products.
struct ProductServices {
  Store& store;
  Writer& writer;
  vo::Transport& transport;
  PlateFiles& files;
  Readahead& readahead;
  std::function<std::int64_t()> now;                 ///< Unix seconds
  std::function<void(const Failure&)> report;        ///< for errors.txt
  std::function<void(const Failure&)> clear_report;  ///< whatever that failure's message and time
  WaitWatch* watch = nullptr;                        ///< of those who wait; none in some tests
  std::shared_ptr<Replacements> replacements = std::make_shared<Replacements>();
};

/// The part of a product that is the same however its bytes come: who waits for what, which version is
/// present, which bytes are held. A derived class brings bytes when told that somebody waits; what it
/// has under way belongs to the product and not to the request that caused it.
///
/// State: absent → present with some bytes → present with all bytes. A failure is kept for a few
/// seconds, so that a program which opens a file ten times does not ask ten times.
class StoredProduct : public Product, public std::enable_shared_from_this<StoredProduct> {
 public:
  StoredProduct(ProductServices services, ProductId id);

  ProductFacts facts() const override;
  Withdraw open(vo::Completion<std::shared_ptr<OpenFile>> done) override;

  /// The mount ends: whoever waits is told now, whoever asks later is refused.
  void shut();

  /// Of WaitWatch: gives up those who wait when nothing has been under way for them for `deadline`, which is
  /// a fault of platefs. False: nobody waits any more.
  bool look_after(std::chrono::steady_clock::time_point now, std::chrono::steady_clock::duration deadline);

 protected:
  using Handle = std::uint64_t;  ///< one for each OpenFile, never used twice

  // What a derived class does. Called without a lock held, on any thread:
  /// Somebody waits for what is not here: see wanted(). Ends in have_version, have_bytes or give_up.
  virtual void bring() = 0;
  /// Fewer wait than before: what is under way for nobody may end.
  virtual void trim() = 0;
  /// Something is under way that will end in one of have_version, have_bytes and give_up.
  virtual bool is_under_way() const = 0;
  /// A reader wants `range`, clipped to the size; it is looked up next.
  virtual void on_read(Handle, vo::ByteRange) {}
  /// It was here, and the reader has it: time to bring what will be wanted next.
  virtual void look_ahead(Handle) {}
  virtual void on_close(Handle) {}
  /// What the file will be, while nothing is present: estimate of the size, source, url, media type.
  virtual ProductFacts expected() const = 0;
  /// What is missing of `present` (evicted, or not here yet) can be brought: it can be opened by its remembered size
  /// alone. Called with the state locked.
  virtual bool can_refill(const ObjectInfo& present) const = 0;
  /// The archive answered from another version than the present one. Called without a lock.
  virtual void on_replaced() {}
  /// What OpenFile::comes_whole says.
  virtual bool comes_whole() const { return false; }

  struct Wanted {
    bool by_opening = false;                ///< somebody waits for the size, or for all of it
    std::vector<vo::ByteRange> by_readers;  ///< of the present version
    int open_files = 0;

    bool nothing() const { return !by_opening && by_readers.empty(); }
  };
  Wanted wanted() const;
  RangeSet held() const;
  bool holds(vo::ByteRange range) const;
  std::optional<ObjectInfo> present() const;
  /// The present version is said to be replaced, and no answer has shown yet by which one.
  bool is_outdated() const { return state_.lock()->is_outdated; }

  // What it tells, on the writer thread:
  /// `beginning_follows`: its first bytes are about to come; who waits to open waits for them as well,
  /// since it will want them next.
  void have_version(const ObjectInfo& info, bool beginning_follows = false);
  void have_bytes(ObjectId object, vo::ByteRange range);
  /// The archive has another version than that one: it is not opened again before an answer has shown which. Any
  /// thread.
  void was_replaced(std::uint32_t version);
  /// Those who wait for a part of `missing`, and all who wait to open, are told `error`; it is remembered
  /// as the file's failure if there were any.
  void give_up(const vo::Error& error, vo::ByteRange missing);
  /// The first bytes came, or will not come now: who waits to open a version that is known gets it.
  void complete_opens();

  std::string file_name() const;  ///< "cutout.fits", for messages
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
    std::uint32_t version;
    vo::ByteRange range;
    vo::Completion<Extent> done;
  };
  struct State {
    std::optional<ObjectInfo> present;
    std::uint32_t expected_version = 0;  ///< while nothing is present; 0: not asked yet
    RangeSet held;
    bool is_outdated = false;        ///< the archive has another version than the present one
    bool beginning_follows = false;  ///< openings wait for it, although the size is known
    std::vector<Opening> openings;
    std::vector<Reader> readers;
    std::uint64_t next_number = 1;
    int open_files = 0;
    bool is_watched = false;
    std::chrono::steady_clock::time_point under_way_at;  ///< seen by look_after(), or the first began to wait
    bool shut = false;
    std::optional<vo::Error> failure;
    std::int64_t failed_at = 0;
  };

  Failure report_of(const std::string& message) const;
  void load_present(State& state) const;
  bool is_ready(const State& state) const;
  bool failed_lately(const State& state) const;
  /// Somebody has begun to wait: bring() what it waits for, and see to it that it does not wait for ever.
  void attend();
  void note_held(ObjectId object, vo::ByteRange range);
  std::optional<Extent> look_again(State& state, vo::ByteRange range) const;
  void withdraw(std::uint64_t opening);
  void released(Handle handle);
  /// False: the reader has to wait.
  bool read(ObjectId object, std::uint32_t version, vo::ByteRange range, vo::Completion<Extent> done);
  void serve(std::vector<Reader> readers);
  static std::vector<Reader> take_served(State& state);
  enum class Company { Alone, WithOthers };  ///< whether others may be reading the file
  std::shared_ptr<OpenFile> opened(const ObjectInfo& info, Handle handle, Company company);
  std::optional<Opening> take_first_opening(State& state);
  /// What who opens a file reads first.
  static vo::ByteRange beginning_of(std::uint64_t file_size) {
    return vo::ByteRange{0, kGranuleSize}.clipped_to(file_size);
  }
  vo::Error replaced() const;

  ProductServices services_;
  ProductId id_;
  std::string key_;
  mutable vo::Guarded<State> state_;
};

}  // namespace platefs::cache
