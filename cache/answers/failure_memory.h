// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cache/answers/answers.h"
#include "cache/store/store.h"
#include "cache/store/writer.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// What failed lately, for errors.txt and so that listings can leave it out. It is kept in the cache, too: what a
/// command has found out, a mount that is up knows. A failure that may pass by itself (a time-out, a server that is
/// down) is remembered for ten minutes, one that lasts (nothing there, no coordinates) for a day, at most 10,000 of
/// them; what could not be asked for, since there is no network by --offline, in this process alone. Thread-safe.
class FailureMemory {
 public:
  /// `store` and `writer` outlive it; `now`: Unix seconds.
  FailureMemory(Store& store, Writer& writer, std::function<std::int64_t()> now);

  void add(const Failure& failure);
  /// That file is well again, whatever its failure said.
  void remove(const Failure& failure);
  std::vector<Failure> all() const;

 private:
  void keep(const Failure& failure);
  std::vector<Failure> kept() const;

  Store& store_;
  Writer& writer_;
  std::function<std::int64_t()> now_;
  mutable vo::Guarded<std::map<std::string, Failure>> here_;
};

/// Names the file that failed: one line each for archive, DID, file, exposure.
std::string subject_of(const Failure& failure);

}  // namespace platefs::cache
