// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cache_command.h"

#include <fmt/core.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <system_error>
#include <vector>

#include "tools/cli/configuration.h"
#include "tools/cli/log.h"
#include "tools/cli/reporting.h"
#include "tools/commands/cache_report.h"
#include "tools/commands/cache_selector.h"
#include "tools/commands/cached_files.h"
#include "tools/commands/known_targets.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using Ids = std::vector<cache::ObjectId>;
using vo::Error;
using vo::ErrorKind;

std::atomic<bool> interrupted{false};

Ids meant(const cache::Store& store, const CacheCommand& command) {
  return selected_files(store, command.selectors, command.what);
}

void need_selector(const CacheCommand& command) {
  const bool changes_some =
      command.action == "pin" || command.action == "unpin" || command.action == "evict" || command.action == "forget";
  if (!changes_some || !command.selectors.empty() || !command.what.empty()) return;
  throw Error{ErrorKind::Rejected,
              fmt::format("say which files to {0}: platefs cache {0} 156.011+48.148, or --what full; "
                          "`platefs cache list` shows them",
                          command.action)};
}

/// Opening a store makes one, and none is wanted where a directory to be looked after was mistyped.
void need_cache_in(const std::filesystem::path& directory) {
  std::error_code problem;
  const bool is_there = std::filesystem::exists(directory / "index.mdb", problem);
  if (is_there || problem) return;  // opening it tells the problem
  throw Error{ErrorKind::NotFound,
              fmt::format("there is no cache in {}: a mount, `platefs query` or `platefs fetch` begins one there",
                          directory.string())};
}

/// Takes targets off the list of those that were used; their files and answers stay.
int forget(cache::Store& store, const CacheCommand& command) {
  const KnownTargets known{store};
  int code = kDone;
  for (const auto& word : command.selectors) {
    const auto names = known.names_of(word);
    if (names.empty()) {
      message("{} is not on the list; `platefs cache list --targets` shows it", word);
      code = kFailed;
    }
    for (const auto& name : names) store.remove_document(std::string{kTargetPrefix} + name);
    if (!names.empty() && !command.common.quiet) message("forgot {}; its files stay", names.front());
  }
  store.commit();
  return code;
}

int list(const cache::Store& store, const CacheCommand& command) {
  if (command.targets_only) return write_out(targets_report(store, command.as_json)) ? kDone : kFailed;
  return write_files(store, meant(store, command), command.as_json) ? kDone : kFailed;
}

int set_pinned(cache::Store& store, const CacheCommand& command, bool pinned) {
  const auto files = meant(store, command);
  store.set_pinned(files, pinned);
  ChangeReport report{pinned ? "pinned" : "unpinned", command.as_json};
  store.for_each_object(files, [&](const cache::ObjectInfo& file) { report.add(file); });
  return report.finish() ? kDone : kFailed;
}

/// Evicts what may go; the rest is told.
int drop(cache::Store& store, const Ids& files, const CacheCommand& command, bool pinned_too) {
  ChangeReport report{"evicted", command.as_json};
  Ids dropped;
  store.for_each_object(files, [&](const cache::ObjectInfo& file) {
    const char* why = file.pinned && !pinned_too ? "pinned" : !store.is_idle(file.id) ? "being read" : nullptr;
    if (why != nullptr) return report.keep(file, why);
    dropped.push_back(file.id);
    report.add(file);
  });
  store.evict(dropped);
  if (!report.finish()) return kFailed;
  return report.has_kept() ? kDoneInPart : kDone;
}

int clear(cache::Store& store, const CacheCommand& command) {
  const bool keeps_pinned = !command.pinned_too && store.pinned_usage().number > 0;
  Ids files;
  store.for_each_object(store.object_ids(), [&](const cache::ObjectInfo& file) {
    if (!keeps_pinned || !file.pinned) files.push_back(file.id);
  });
  const int code = drop(store, files, command, command.pinned_too);
  // Pinned files are of no use without the answers that lead to them.
  if (keeps_pinned) {
    message("pinned files stay, and the answers that lead to them; --pinned clears them, too");
  } else {
    for (const auto& key : store.document_keys("")) store.remove_document(key);
    std::error_code is_in_the_way;  // what is made again from the tables is no loss
    std::filesystem::remove_all(cache_directory(command.common) / "tables", is_in_the_way);
    store.commit();
    if (store.is_refused()) throw Error{ErrorKind::LocalIo, "the answers of archives could not be cleared"};
  }
  return code;
}

int verify(cache::Store& store, const CacheCommand& command) {
  interrupted = false;
  ::signal(SIGINT, [](int) { interrupted = true; });
  const auto files = meant(store, command);
  VerifyReport report;
  store.for_each_object(files, [&](const cache::ObjectInfo& file) {
    if (!interrupted) report.add(cached_file(file), store.verify(file.id));
  });
  if (!interrupted) report.add_orphans(store.remove_orphans());
  ::signal(SIGINT, SIG_DFL);
  if (!write_out(report.text(command.as_json))) return kFailed;
  if (interrupted) return kInterrupted;
  return report.all_good() ? kDone : kFailed;
}

int obey(cache::Store& store, const CacheCommand& command) {
  if (command.action == "status") {
    return write_out(status_report(store, cache_directory(command.common), command.as_json)) ? kDone : kFailed;
  }
  if (command.action == "list") return list(store, command);
  if (command.action == "pin") return set_pinned(store, command, true);
  if (command.action == "unpin") return set_pinned(store, command, false);
  if (command.action == "forget") return forget(store, command);
  if (command.action == "verify") return verify(store, command);
  if (command.action == "clear") return clear(store, command);
  return drop(store, meant(store, command), command, false);
}

}  // namespace

int run_cache(const CacheCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    need_selector(command);
    need_cache_in(cache_directory(command.common));
    const bool looks = command.action == "status" || command.action == "list";
    using Access = cache::StoreOptions::Access;
    // A target that only a base lists is forgotten here all the same.
    const auto store =
        open_store(command.common, Log::to_stderr("warning"), looks ? Access::ReadOnly : Access::ReadWrite,
                   command.action == "forget" ? WithBases::Yes : WithBases::No);
    return obey(*store, command);
  });
}

}  // namespace platefs::tools
