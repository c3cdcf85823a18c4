// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cache/answers/answer_memory.h"
#include "cache/answers/failure_log.h"
#include "cache/answers/failure_memory.h"
#include "cache/answers/name_queries.h"
#include "cache/answers/plate_queries.h"
#include "cache/answers/star_queries.h"
#include "cache/files/album.h"
#include "cache/files/cached_file.h"
#include "cache/files/catalogue_file.h"
#include "cache/files/wait_watch.h"
#include "cache/library.h"
#include "vo/base/guarded.h"
#include "vo/base/timer.h"

namespace platefs::cache {

class ArchiveFanIn;

/// The Library over a store and any number of archives. Outlived by the store, the writer and the
/// transport it was given; outlives every Product it handed out.
class CachedLibrary final : public Library {
 public:
  struct Archives {
    std::vector<vo::TapService> services;
    Freshness options;
    /// What was made of answers may take in memory, beside what somebody looks at.
    std::uint64_t answer_bytes = 192ull << 20;
    std::size_t jobs_per_host = 4;                    ///< requests under way at one host
    std::optional<vo::Url> resolver = {};             ///< of objects' names; without it none is known
    std::optional<vo::StarCatalogue> catalogue = {};  ///< of comparison stars
    /// With the other archives, once one has answered; nothing: each has its deadline.
    std::optional<std::chrono::milliseconds> patience = {};
    /// For whom nothing is under way, by a fault of ours: how long they wait at most.
    std::chrono::milliseconds deadline = std::chrono::seconds{30};
    FailureLog::Warn warn = {};  ///< a line for the log, whatever thread it comes from
    std::string program = {};    ///< "0.1.0": what files that are made say of who made them
  };
  CachedLibrary(const Archives& archives, vo::Transport& transport, Store& store, Writer& writer);
  ~CachedLibrary() override;

  // The end, in two steps, between which the transport is stopped:
  /// Ends every wait for a file with an error.
  void shut();
  /// Ends every conversation; what is asked afterwards fails. When it returns no thread of its own runs any more;
  /// the last answers are on their way through the writer, which is drained next.
  void stop();

  void plates_at(const vo::IcrsPosition& position, vo::Completion<std::shared_ptr<const PlatesAnswer>> done) override;
  void time_series_at(const vo::IcrsPosition& position,
                      vo::Completion<std::shared_ptr<const PlatesAnswer>> done) override;
  bool knows_time_series_at(const vo::IcrsPosition& position) override;
  void query_plates_ahead(const std::vector<vo::IcrsPosition>& positions) override;
  void links_of(const PlateRef& plate, vo::Completion<std::shared_ptr<const LinksAnswer>> done) override;
  void ask_links_ahead(const std::vector<PlateRef>& plates) override;
  void links_anew(const PlateRef& plate, const LinksDoubt& doubt,
                  vo::Completion<std::shared_ptr<const LinksAnswer>> done) override;
  std::shared_ptr<const LinksAnswer> known_links(const PlateRef& plate) override;
  std::shared_ptr<Product> product(const ProductId& id) override;
  std::shared_ptr<Product> album(const AlbumId& id) override;
  std::vector<Failure> failures() const override;
  void update_names(const std::string& group, std::function<void(std::map<std::string, std::string>&)> change,
                    vo::Completion<std::map<std::string, std::string>> done) override;
  void resolve(const std::string& object, vo::Completion<ObjectAnswer> done) override {
    objects_.resolve(object, std::move(done));
  }
  std::optional<ObjectAnswer> known_object(const std::string& object) const override { return objects_.known(object); }
  std::vector<std::string> targets(TargetOrder order) const override;
  void remember_target(const std::string& name, const std::string& note = {}) override;
  std::string note_on_target(const std::string& name) const override;
  StoreUsage usage() const override { return store_.usage(); }
  std::shared_ptr<Product> catalogue(const vo::Cone& cone) override;
  std::shared_ptr<const std::string> known_catalogue(const vo::Cone& cone) const override { return stars_.known(cone); }
  std::string catalogue_title() const override { return stars_.title(); }

 private:
  /// Archives that are asked one kind of question, and the number of the first of them in the log and in `late_`.
  struct Asked {
    const std::vector<std::unique_ptr<PlateQueries>>& archives;
    std::size_t first_number = 0;
  };
  void ask(const Asked& asked, const vo::IcrsPosition& position,
           vo::Completion<std::shared_ptr<const PlatesAnswer>> done);
  void log_plates(std::size_t archive, const vo::IcrsPosition& position, const vo::Outcome<ArchiveAnswer>& part);
  void limit_wait(const std::shared_ptr<ArchiveFanIn>& fan_in, std::size_t first_number,
                  const vo::IcrsPosition& position);
  PlateQueries& queries_of(const PlateRef& plate);
  std::shared_ptr<CachedFile> make_product(const ProductId& id);
  void report(const Failure& failure);
  void clear_report(const Failure& failure);

  vo::Transport& transport_;
  Store& store_;
  Writer& writer_;
  HostProfiles hosts_;
  std::shared_ptr<Replacements> replacements_ = std::make_shared<Replacements>();
  std::function<std::int64_t()> now_;
  std::string program_;
  std::optional<std::chrono::milliseconds> patience_;
  struct Products {
    std::map<std::string, std::weak_ptr<CachedFile>> by_key;
    std::map<std::string, std::weak_ptr<Album>> albums;
    std::map<vo::Cone, std::weak_ptr<CatalogueFile>> catalogues;
    /// The latest ones live on for a while: the kernel lets go of a file that it is told to look up anew.
    std::deque<std::shared_ptr<Album>> recent_albums;
    std::size_t prune_at = 1024;
  };
  vo::Guarded<Products> products_;
  FailureMemory failures_;
  FailureLog failure_log_;
  /// Archives (by number) that a listing of the position did not wait for, until they answer.
  vo::Guarded<std::set<std::pair<std::size_t, vo::IcrsPosition>>> late_;
  /// When a target was entered last; later ones have later times, even within one second.
  struct EnteredTargets {
    std::string latest;
    std::int64_t at = 0;
    std::map<std::string, std::int64_t> on_their_way;  ///< to the store, by the writer
  };
  std::shared_ptr<vo::Guarded<EnteredTargets>> entered_ = std::make_shared<vo::Guarded<EnteredTargets>>();
  AnswerMemory answers_;
  std::vector<std::unique_ptr<PlateQueries>> plate_queries_;
  std::vector<std::unique_ptr<PlateQueries>> time_series_queries_;  ///< of those whose tables have some
  NameQueries objects_;
  StarQueries stars_;
  WaitWatch watch_;
  vo::Timer timer_;  ///< last: it calls into all of this
};

}  // namespace platefs::cache
