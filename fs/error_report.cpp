// SPDX-License-Identifier: BSD-3-Clause
#include "fs/error_report.h"

#include <fmt/format.h>

#include "vo/time.h"

namespace platefs::fs {
namespace {

std::string moment(std::int64_t unix_time) {
  return vo::iso_datetime(vo::mjd_of_unix(static_cast<double>(unix_time))) + " UTC";
}

std::string_view advice(vo::ErrorKind kind) {
  using vo::ErrorKind;
  switch (kind) {
    case ErrorKind::TimedOut:
    case ErrorKind::Refused:
    case ErrorKind::Unreachable:
    case ErrorKind::Unavailable: return "Try again later; list the directory again to ask again.";
    case ErrorKind::Offline: return "Mount without --offline to ask.";
    case ErrorKind::NotAuthorized: return "The archive wants a login for this.";
    case ErrorKind::NoSpace: return "Make room on the cache disk, or choose another with --cache-dir.";
    case ErrorKind::NotFound:
    case ErrorKind::Cancelled:
    case ErrorKind::Changed:
    case ErrorKind::Rejected:
    case ErrorKind::Malformed:
    case ErrorKind::Corrupt:
    case ErrorKind::LocalIo: break;
  }
  return "If it stays so, tell the archive's operators.";
}

std::string of_archive(const cache::ArchiveAnswer& archive) {
  std::string text;
  if (archive.failure) {
    text += fmt::format("The archive {} did not answer: {}. {}\n", archive.archive, archive.failure->message(),
                        advice(archive.failure->kind()));
    if (archive.table) {
      text += fmt::format("  Its plates below are from an older answer, of {}.\n", moment(archive.fetched_at));
    }
  }
  if (archive.table && archive.table->truncated) {
    text += fmt::format(
        "The archive {} cut its list short after {} rows (MAXREC): there are more plates than are shown. "
        "Mount with --where to ask for fewer, for example --where \"t_min < 20000\".\n",
        archive.archive, archive.table->plates.size());
  }
  return text;
}

std::string of_file(const cache::Failure& failure, const TargetSnapshot& snapshot) {
  const auto name = snapshot.names.find(failure.did);
  if (name == snapshot.names.end()) return {};
  return fmt::format("{}/{}  ({})\n  {}\n", name->second, failure.file, moment(failure.when), failure.message);
}

std::string of_snapshot(const Target& target, const TargetSnapshot& snapshot,
                        const std::vector<cache::Failure>& failures) {
  std::string text;
  for (const auto& archive : snapshot.answer->archives) text += of_archive(archive);
  if (snapshot.plates.empty()) {
    text += fmt::format("There is no plate that covers {} in the archives asked.\n", target.canonical_name());
  }
  std::string files;
  for (const auto& failure : failures) files += of_file(failure, snapshot);
  if (!files.empty()) text += "Files that could not be had:\n\n" + files;
  return text;
}

}  // namespace

std::string error_report(const Target& target, const TargetSnapshot* snapshot,
                         const std::optional<vo::Error>& failure,
                         const std::vector<cache::Failure>& failures, std::int64_t now) {
  std::string text;
  // A snapshot tells the failure of each archive itself; without one, this is all there is.
  if (failure && snapshot == nullptr) {
    text += fmt::format("The plates of {} could not be asked for: {}. {}\n", target.canonical_name(),
                        failure->message(), advice(failure->kind()));
  }
  if (snapshot != nullptr) text += of_snapshot(target, *snapshot, failures);
  if (text.empty()) return text;
  return fmt::format("What went wrong for {}, as of {}\n\n{}", target.canonical_name(), moment(now), text);
}

}  // namespace platefs::fs
