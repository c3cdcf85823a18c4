// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/answers/answers.h"
#include "cache/files/product.h"
#include "cache/store/usage.h"
#include "vo/base/completion.h"
#include "vo/base/sky.h"

namespace platefs::cache {

/// The only thing fs/ knows of archives and storage. Thread-safe; never blocks.
struct Library : PlateFiles {
  /// Held and fresh: answered before this returns. Else one query per archive, shared by all who ask.
  /// The answer holds at least one table, or the whole is the first archive's Error.
  virtual void plates_at(const vo::IcrsPosition& position,
                         vo::Completion<std::shared_ptr<const PlatesAnswer>> done) = 0;
  /// The plates of all these positions will be asked for: brings them by fewer requests where an archive
  /// lets it. Asks for nothing that is held and fresh; fails without a word.
  virtual void query_plates_ahead(const std::vector<vo::IcrsPosition>& positions) = 0;
  /// The same of light curves that archives hold for the place; no archives in the answer where none is asked for any.
  virtual void time_series_at(const vo::IcrsPosition& position,
                              vo::Completion<std::shared_ptr<const PlatesAnswer>> done) = 0;
  /// Some of them are known of; asks nobody.
  virtual bool knows_time_series_at(const vo::IcrsPosition& position) = 0;
  virtual std::vector<Failure> failures() const = 0;

  /// Names that must stay as they were given once, see Store::update_names.
  virtual void update_names(const std::string& group, std::function<void(std::map<std::string, std::string>&)> change,
                            vo::Completion<std::map<std::string, std::string>> done) = 0;
  /// Where an object is: at once when it was asked before, else one question for all who ask.
  virtual void resolve(const std::string& object, vo::Completion<ObjectAnswer> done) = 0;
  /// The answer if it is known already; asks nobody.
  virtual std::optional<ObjectAnswer> known_object(const std::string& object) const = 0;

  enum class TargetOrder { ByName, LatestFirst };
  /// Names of targets that were entered.
  virtual std::vector<std::string> targets(TargetOrder order) const = 0;
  /// `name` was entered now. `note`: what is to be told of it when it is listed, kept with the name.
  virtual void remember_target(const std::string& name, const std::string& note = {}) = 0;
  /// The latest note beside the name; empty for none.
  virtual std::string note_on_target(const std::string& name) const = 0;
  virtual StoreUsage usage() const = 0;

  /// Stars of the catalogue around a place, as a table (vo::sequence_csv), asked for when it is opened; null without a
  /// catalogue.
  virtual std::shared_ptr<Product> catalogue(const vo::Cone& /*cone*/) { return nullptr; }
  /// The same if it is known already; null: it is not. Asks nobody.
  virtual std::shared_ptr<const std::string> known_catalogue(const vo::Cone& /*cone*/) const { return nullptr; }
  /// For people; empty without a catalogue.
  virtual std::string catalogue_title() const { return {}; }
};

}  // namespace platefs::cache
