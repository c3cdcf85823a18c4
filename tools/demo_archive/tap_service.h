// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "tools/demo_archive/http.h"
#include "tools/demo_archive/obscore_table.h"
#include "tools/demo_archive/star_table.h"
#include "tools/demo_archive/tap_jobs.h"
#include "tools/demo_archive/votable_out.h"

namespace platefs::demo {

/// TAP 1.1 over ivoa.ObsCore and a catalogue of stars, demo.stars: /tap/sync, /tap/async, /tap/capabilities,
/// /tap/availability, /tap/tables. As at GAVO, errors of queries are VOTables with status 200, and answers are BINARY
/// unless asked for otherwise. Thread-safe.
class TapService {
 public:
  struct Settings {
    Serialization serialization = Serialization::Binary;  ///< when RESPONSEFORMAT leaves it open
    std::uint64_t max_records = 20000;                    ///< what MAXREC can't exceed
    bool takes_uploads = true;                            ///< of one table, inside of the request
    bool jobs_only = false;                               ///< synchronous queries end with a time-out of the database
  };

  TapService(ObscoreTable table, Settings settings)
      : table_(std::move(table)),
        settings_(settings),
        jobs_([this](const Request& request) { return query(request); }, kLooks) {}

  /// `path` is behind "/tap".
  Answer answer(const Request& request, std::string_view path);
  const ObscoreTable& table() const { return table_; }

 private:
  static constexpr int kLooks = 2;

  Answer query(const Request& request) const;
  Answer capabilities(const Request& request) const;
  Answer tables() const;

  ObscoreTable table_;
  ObscoreTable stars_ = star_table();
  Settings settings_;
  TapJobs jobs_;
};

}  // namespace platefs::demo
