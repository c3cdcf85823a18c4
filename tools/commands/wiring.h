// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"
#include "cache/store/store.h"
#include "fs/tree/activity.h"
#include "tools/cli/log.h"
#include "tools/cli/options.h"
#include "vo/base/error.h"
#include "vo/http/transport.h"

namespace platefs::tools {

/// The application, all parts of it: store, writer, transport, archives, library. The only place where the
/// concrete classes meet. Build it after any fork: neither curl nor LMDB survives one.
class Application {
 public:
  /// A program that lists a directory gets what there is when one archive is slow, and the rest the next time;
  /// a command has no next time and waits for each archive until its deadline; one that brings much at once also waits
  /// for hosts that limit how many requests they answer.
  enum class WaitPolicy { Listings, Commands, Batches };

  Application(const CommonOptions& options, const Log& log, WaitPolicy policy = WaitPolicy::Commands);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  cache::Library& library();
  /// Ends all waits and conversations and writes down what came; when it returns no thread of its own runs any
  /// more. Call before what answers them is torn down; the destructor does it if nobody did. The Error is that of
  /// the last commit: what came lately is not in the cache.
  std::optional<vo::Error> stop() noexcept;
  /// Keeps the files of these keys whatever else needs room; returns when that is written down.
  void pin(const std::vector<std::string>& keys);
  /// Bytes of bodies that came from archives so far.
  std::uint64_t bytes_received() const;
  /// status.json: the mount's process, transfers, archives' health, cache.
  std::string status_json(const std::string& mountpoint, const std::vector<fs::FileInUse>& files) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// For commands that need only a part of it.
std::unique_ptr<vo::Transport> make_transport(const CommonOptions& options, const Log& log);
enum class WithBases { No, Yes };
std::unique_ptr<cache::Store> open_store(const CommonOptions& options, const Log& log,
                                         cache::StoreOptions::Access access, WithBases with_bases = WithBases::No);

std::int64_t unix_now();

}  // namespace platefs::tools
