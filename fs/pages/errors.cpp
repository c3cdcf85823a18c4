// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "fs/pages/plate_facts.h"
#include "fs/tree/failed_files.h"
#include "fs/tree/fixed_names.h"
#include "vo/base/iso_utc.h"
#include "vo/base/shown_text.h"
#include "vo/services/plate_date.h"

namespace platefs::fs {

std::string_view advice_on(vo::ErrorKind kind) noexcept {
  using enum vo::ErrorKind;
  switch (kind) {
    case TimedOut:
    case Refused:
    case Unavailable:
      return "the archive may be down for a while; listing the target again asks it again";
    case Unreachable:
      return "check the network, the proxy and the archive's URL; listing the target again asks again";
    case Offline:
      return "mount without --offline to ask the archive";
    case NotAuthorized:
      return "the archive wants credentials, or keeps this to itself";
    case NotFound:
      return "check the archive's URL; the service may have moved";
    case NoSpace:
      return "free space on the cache's disk, or give it more with --cache-size";
    case LocalIo:
    case Corrupt:
      return "check the disk of the cache directory";
    case Cancelled:
    case Changed:
      return "ask again";
    case Rejected:
    case BadUsage:
    case Malformed:
      return "the archive's operators can mend this; if you gave --where, check its ADQL";
  }
  return "ask again";
}

namespace {

constexpr std::size_t kMostOfFiles = std::size_t{256} << 10;

/// A paragraph: one sentence, then indented lines.
class Paragraph {
 public:
  explicit Paragraph(std::string sentence) : text_(std::move(sentence) + "\n") {}

  Paragraph& line(std::string_view label, std::string_view value) {
    // What an archive says may have lines of its own; they must not look like ours.
    if (!value.empty()) text_ += fmt::format("  {:<12} {}\n", fmt::format("{}:", label), vo::shown_text(value));
    return *this;
  }
  std::string text() const { return text_ + "\n"; }

 private:
  std::string text_;
};

std::string_view wanted(Holding holding) { return holding == Holding::Plates ? "plates" : "light curves"; }

std::string failed_as_a_whole(const vo::Error& error, bool shows_older, Holding holding) {
  return Paragraph{shows_older ? "No archive answered the latest question; what is listed is older."
                               : fmt::format("No archive answered the question for {}.", wanted(holding))}
      .line("why", error.what())
      .line("what to do", advice_on(error.kind()))
      .text();
}

std::string failed_archive(const cache::ArchiveAnswer& part, std::int64_t asked_at, Holding holding) {
  const auto sentence = part.table ? fmt::format("{} failed; what it lists is its answer of {}.", part.archive,
                                                 vo::iso_utc(part.fetched_at))
                                   : fmt::format("{} failed; its {} are missing here.", part.archive, wanted(holding));
  return Paragraph{sentence}
      .line("when", vo::iso_utc(asked_at))
      .line("why", part.failure->what())
      .line("what to do", advice_on(part.failure->kind()))
      .text();
}

std::string cut_short(const cache::ArchiveAnswer& part, Holding holding) {
  return Paragraph{fmt::format("{} cut its list short at {} {}; there are more.", part.archive,
                               part.table->plates.size(), wanted(holding))}
      .line("when", vo::iso_utc(part.fetched_at))
      .line("why", "the service limits the rows of one answer (MAXREC)")
      .line("what to do", "mount with --where or --exclude-collection to ask for less, e.g. --where \"t_max < 20000\"")
      .text();
}

std::string unknown_status(const cache::ArchiveAnswer& part) {
  return Paragraph{
      fmt::format("{} answered with a status that is not known; its list may be incomplete.", part.archive)}
      .line("when", vo::iso_utc(part.fetched_at))
      .line("why",
            fmt::format("QUERY_STATUS is '{}', neither OK nor OVERFLOW nor ERROR", part.table->table.unknown_status))
      .line("what to do", "the archive's operators can mend this")
      .text();
}

std::string no_plates(const Target& target, const cache::PlatesAnswer& answer) {
  std::string archives;
  for (const auto& part : answer.archives) {
    if (part.table) archives += (archives.empty() ? "" : ", ") + part.archive;
  }
  return Paragraph{fmt::format("There are no plates of this place in {}.", archives)}
      .line("when", vo::iso_utc(answer.answered_at))
      .line("why", target.years ? fmt::format("no image that contains {} was begun in those years", target.title())
                                : fmt::format("no image in the archives contains {}", target.canonical_name()))
      .line("what to do", target.years ? "leave the years out"
                                       : "check the coordinates (ICRS, degrees), or mount with further archives")
      .text();
}

constexpr std::size_t kMostExamples = 5;

/// Names and places stay as they are: only a person can tell what the archive meant.
std::string doubtful_dates(const TargetSnapshot& snapshot) {
  std::vector<std::pair<std::string_view, std::string>> doubts;
  for (const auto& entry : snapshot.plates) {
    auto doubt = doubt_on_date(entry->plate(), snapshot.answer->answered_at);
    if (!doubt.empty()) doubts.emplace_back(entry->name, std::move(doubt));
  }
  if (doubts.empty()) return {};
  Paragraph told{doubts.size() == 1 ? std::string{"The date of a plate can't be right."}
                                    : fmt::format("The dates of {} plates can't be right.", doubts.size())};
  for (std::size_t i = 0; i < std::min(doubts.size(), kMostExamples); ++i) {
    told.line("plate", fmt::format("{}: {}", doubts[i].first, doubts[i].second));
  }
  return told
      .line("what to do", "take the date from the plate's header or logbook; the archive's operators can mend this")
      .text();
}

std::string about_answer(const Target& target, const TargetSnapshot& snapshot) {
  std::string text;
  const auto& answer = *snapshot.answer;
  if (snapshot.plates.empty() && snapshot.holding == Holding::Plates) text += no_plates(target, answer);
  for (const auto& part : answer.archives) {
    if (part.failure) text += failed_archive(part, answer.answered_at, snapshot.holding);
    if (part.table && part.table->truncated) text += cut_short(part, snapshot.holding);
    if (part.table && !part.table->table.unknown_status.empty()) text += unknown_status(part);
  }
  text += doubtful_dates(snapshot);
  return text;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kInFolders{
    {{"stamp.jpg", "stamps/{}.jpg"}, {"aligned.fits", "aligned/{}.fits"}}};

std::string path_of(const PlateEntry& entry, Holding holding, const std::string& file) {
  const auto& plate = entry.name;
  if (holding == Holding::TimeSeries) return fmt::format("{}/{}", kTimeSeries, time_series_name(plate, entry.plate()));
  for (const auto& [name, path] : kInFolders) {
    if (file == name) return fmt::format(fmt::runtime(path), plate);
  }
  return fmt::format("{}/{}", plate, file);
}

/// Made of the cutout: where that failed, it needs no paragraph of its own.
bool is_of_cutout(const std::string& file) {
  return file == "stamp.jpg" || file == "aligned.fits" || file == "chart.png";
}

std::string about_file(const cache::Failure& failure, const PlateEntry& entry, Holding holding) {
  const bool is_of_plate = holding == Holding::Plates;
  return Paragraph{fmt::format("{} failed.", path_of(entry, holding, failure.file))}
      .line("when", vo::iso_utc(failure.when))
      .line("why", failure.message)
      .line(is_of_plate ? "plate" : "identifier", failure.did)
      .line("what to do", is_of_plate ? "open it again to try again; preview.jpg and the other files may still work"
                                      : "open it again to try again")
      .text();
}

std::string and_further_files(std::size_t count) {
  return Paragraph{fmt::format("{} further files failed.", count)}
      .line("what to do", "`getfattr -n user.platefs.error FILE` says why, or open them again")
      .text();
}

std::string about_files(const TargetSnapshot& snapshot, const std::vector<cache::Failure>& failures) {
  std::multimap<std::string_view, const cache::Failure*> by_did;
  for (const auto& failure : failures) by_did.emplace(failure.did, &failure);
  std::vector<std::pair<const PlateEntry*, cache::Failure>> told;
  for (const auto& entry : snapshot.plates) {
    const auto [first, last] = by_did.equal_range(entry->plate().obs_publisher_did);
    const bool has_no_cutout = std::any_of(first, last, [&](const auto& known) {
      return known.second->file == "cutout.fits" && concerns(*known.second, entry->plate());
    });
    for (auto at = first; at != last; ++at) {
      if (has_no_cutout && is_of_cutout(at->second->file)) continue;
      if (concerns(*at->second, entry->plate())) told.emplace_back(entry.get(), *at->second);
    }
  }
  std::sort(told.begin(), told.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first->name, a.second.file) < std::tie(b.first->name, b.second.file);
  });
  std::string text;
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (text.size() > kMostOfFiles) return text + and_further_files(told.size() - i);
    text += about_file(told[i].second, *told[i].first, snapshot.holding);
  }
  return text;
}

bool has_troubles_in(const TargetSnapshot& snapshot, const std::vector<cache::Failure>& failures) {
  const auto& answer = *snapshot.answer;
  const bool any_archive = std::ranges::any_of(answer.archives, [](const cache::ArchiveAnswer& part) {
    return part.failure || (part.table && (part.table->truncated || !part.table->table.unknown_status.empty()));
  });
  if (any_archive || (snapshot.plates.empty() && snapshot.holding == Holding::Plates)) return true;
  std::unordered_multimap<std::string_view, const cache::Failure*> by_did;
  for (const auto& failure : failures) by_did.emplace(failure.did, &failure);
  return std::ranges::any_of(snapshot.plates, [&](const auto& entry) {
    const auto& plate = entry->plate();
    if (!doubt_on_date(plate, answer.answered_at).empty()) return true;
    if (by_did.empty()) return false;
    const auto [first, last] = by_did.equal_range(plate.obs_publisher_did);
    return std::any_of(first, last, [&](const auto& failure) { return concerns(*failure.second, plate); });
  });
}

}  // namespace

bool has_troubles(const Troubles& troubles) {
  return troubles.failure != nullptr || !troubles.sequence.empty() ||
         (troubles.snapshot != nullptr && has_troubles_in(*troubles.snapshot, troubles.files));
}

std::string errors_text(const Troubles& troubles) {
  std::string text;
  if (troubles.failure != nullptr) {
    text += failed_as_a_whole(*troubles.failure, troubles.snapshot != nullptr, troubles.holding);
  }
  if (troubles.snapshot != nullptr) {
    text += about_answer(*troubles.target, *troubles.snapshot);
    text += about_files(*troubles.snapshot, troubles.files);
  }
  if (!troubles.sequence.empty()) {
    text += Paragraph{"The sequence of comparison stars can't be used."}
                .line("why", troubles.sequence)
                .line("what to do", "mend that file: a line name,ra,dec,mag and a line for each star")
                .text();
  }
  if (text.empty()) return text;
  text.pop_back();
  return fmt::format("What went wrong with {}.\n\n{}", troubles.target->canonical_name(), text);
}

}  // namespace platefs::fs
