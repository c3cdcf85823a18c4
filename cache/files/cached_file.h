// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cache/fetch/access_pattern.h"
#include "cache/fetch/host_profiles.h"
#include "cache/files/origin.h"
#include "cache/files/product.h"
#include "cache/files/product_services.h"
#include "cache/store/range_set.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// The state of one file, however its bytes come: who waits for what, which version is present, which bytes are held.
/// Its Origin brings bytes.
///
/// absent → present with some bytes → present with all bytes. A failure is kept for a few seconds, so that a program
/// which opens a file ten times does not ask ten times. One lock, under which nothing is called but the store and the
/// origin's two functions.
class CachedFile final : public Product, public std::enable_shared_from_this<CachedFile> {
 public:
  using MakeOrigin = std::function<std::unique_ptr<Origin>(CachedFile&)>;
  CachedFile(ProductServices services, ProductId id, const MakeOrigin& make_origin);

  ProductFacts facts() const override;
  std::string exposure() const override;
  Withdraw open(vo::Completion<std::shared_ptr<OpenFile>> done) override { return begin_open(std::move(done), false); }
  Withdraw open_exactly(vo::Completion<std::shared_ptr<OpenFile>> done) override {
    return begin_open(std::move(done), true);
  }

  /// The mount ends: whoever waits is told now, whoever asks later is refused.
  void shut();

  /// Of WaitWatch: gives up those who wait when nothing has been under way for them for `deadline`, which is
  /// a fault of platefs. False: nobody waits any more.
  bool look_after(std::chrono::steady_clock::time_point now, std::chrono::steady_clock::duration deadline);

  // -- for its origin
  using Lock = std::unique_lock<std::mutex>;
  /// The one that guards the origin's state as well.
  Lock lock() const { return std::move(state_.lock().lock()); }
  const ProductServices& services() const { return services_; }
  const ProductId& id() const { return id_; }
  const std::string& key() const { return key_; }
  const std::string& name() const { return name_; }  ///< "cutout.fits", for messages
  /// The present version; nothing when it is not known, or known to be outdated.
  std::optional<ObjectId> current() const;

  // What an origin tells, without the lock. On the writer thread:
  /// `beginning_follows`: its first bytes are about to come; callers that wait to open wait for them as well,
  /// since they will want them next.
  void began(const ObjectInfo& info, bool beginning_follows = false);
  void stored(ObjectId object, vo::ByteRange range);
  /// Those who wait for a part of `missing`, and all who wait to open, are told `error`; it is remembered
  /// as the file's failure if there were any.
  void failed(const vo::Error& error, vo::ByteRange missing);
  /// What was under way ended: the first bytes came or will not come now, so a caller that waits to open a version
  /// which is known gets it, and what is still wanted is handed down.
  void ended();
  void complete_opens();
  // On any thread:
  /// What is wanted is handed down once more.
  void ask_again() { hand_down(Demand::Change::More); }
  /// Runs `decide` with the lock held, and the tasks after it.
  void decide(Demand::Change change, const std::function<void(const Demand&, Tasks&)>& decide);
  /// Nothing is brought ahead of a reader before its next read.
  void end_readahead();
  /// The size of the file that is being made.
  void sized(std::uint64_t bytes) { state_.lock()->made_size = bytes; }
  /// The best file can't be had, for that reason: what comes next stands in for it, and says so.
  void does_without_best(const vo::Error& why) { state_.lock()->best_refused = why; }
  /// The best file was asked for once more, and can't be had still. True: the next best is here and is opened on.
  bool keeps_next_best(const vo::Error& why);
  /// The archive has another version than that one (the present one if none is named): it is not opened again before
  /// an answer has shown which.
  void replaced(const ObjectInfo* version = nullptr);

 private:
  using Handle = std::uint64_t;  ///< one for each OpenFile, never used twice
  class Opened;
  struct Opening {
    std::uint64_t number;
    vo::Completion<std::shared_ptr<OpenFile>> done;
    bool is_exact;  ///< it knows what it will read
  };
  struct Reader {
    Handle handle;                             ///< whoever closes it waits no more
    std::shared_ptr<const ObjectInfo> opened;  ///< the version that it reads
    vo::ByteRange range;
    vo::Completion<Extent> done;
  };
  struct Reading {
    AccessPattern pattern;
    vo::ByteRange ahead;
    HostProfiles::Share run;  ///< held while the reader goes on and on
  };
  struct State {
    std::optional<ObjectInfo> present;
    std::uint32_t expected_version = 0;  ///< while nothing is present; 0: not asked yet
    std::optional<std::uint64_t> made_size;
    RangeSet held;
    bool is_outdated = false;        ///< the archive has another version than the present one
    bool beginning_follows = false;  ///< openings wait for it, although the size is known
    std::vector<Opening> openings;
    std::vector<Reader> readers;
    std::map<Handle, Reading> readings;
    std::uint64_t next_number = 1;
    int open_files = 0;
    bool is_watched = false;
    std::chrono::steady_clock::time_point under_way_at;  ///< seen by look_after(), or the first began to wait
    bool shut = false;
    std::optional<vo::Error> failure;
    std::int64_t failed_at = 0;
    std::optional<vo::Error> best_refused;  ///< why the next best stands in
    std::int64_t best_refused_at = 0;
  };

  Failure report_of(const vo::Error& error) const;
  std::optional<vo::Error> told_of_next_best(const State& state) const;
  ProductFacts facts_of(const State& state, ProductFacts facts) const;
  void look_for_best(State& state) const;
  void load_present(State& state) const;
  void renew_present(State& state) const;
  bool is_ready(const State& state) const;
  bool failed_lately(const State& state) const;
  static Demand demand_of(const State& state, Demand::Change change);
  void hand_down(Demand::Change change);
  /// Somebody has begun to wait: it is handed down, and seen to that it does not wait for ever.
  void attend();

  // opening
  Withdraw begin_open(vo::Completion<std::shared_ptr<OpenFile>> done, bool is_exact);
  void withdraw(std::uint64_t opening);
  void released(Handle handle);
  enum class Company { Alone, WithOthers };  ///< whether others may be reading the file
  std::shared_ptr<OpenFile> opened(const ObjectInfo& info, Handle handle, Company company);
  std::optional<Opening> take_first_opening(State& state);
  /// The first bytes that a caller which opens the file will read.
  static vo::ByteRange beginning_of(std::uint64_t file_size) {
    return vo::ByteRange{0, kGranuleSize}.clipped_to(file_size);
  }

  // reading
  enum class Holding { Unknown, Known };  ///< whether the file has noted that it holds the range
  struct ReadNotes {
    Holding holding = Holding::Unknown;
    bool is_more_wanted = false;  ///< ahead of the reader
  };
  ReadNotes note_read(Handle handle, ObjectId object, vo::ByteRange range);
  void note_pattern(State& state, Handle handle, vo::ByteRange range) const;
  /// False: the reader has to wait.
  bool read(Handle handle, const std::shared_ptr<const ObjectInfo>& opened, vo::ByteRange range, Holding holding,
            vo::Completion<Extent> done);
  void note_held(ObjectId object, vo::ByteRange range);
  std::optional<Extent> look_again(State& state, vo::ByteRange range) const;
  void serve(std::vector<Reader> readers);
  static std::vector<Reader> take_served(State& state);
  vo::Error replaced_error() const;

  ProductServices services_;
  ProductId id_;
  std::string key_;
  std::string name_;
  vo::Guarded<State> state_;
  std::unique_ptr<Origin> origin_;  ///< guarded by state_'s lock
};

}  // namespace platefs::cache
