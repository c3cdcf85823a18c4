// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/documents.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>

#include "fs/pages/csv.h"
#include "fs/pages/errors.h"
#include "fs/pages/gallery.h"
#include "fs/pages/plate_json.h"
#include "fs/pages/plates_table.h"
#include "fs/pages/readme.h"
#include "fs/pages/recent_texts.h"
#include "fs/pages/region.h"
#include "fs/pages/targets_page.h"
#include "fs/pages/unsolved.h"
#include "fs/tree/failed_files.h"
#include "fs/tree/fixed_names.h"
#include "fs/tree/product_state_name.h"
#include "fs/tree/target.h"
#include "vo/fits/aligned/blank_frame.h"
#include "vo/fits/table_writer.h"

namespace platefs::fs {
namespace {

using Text = std::shared_ptr<const std::string>;

Text shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

/// Plates of a target whose states its tables tell.
constexpr std::size_t kMostStates = 10'000;
constexpr std::size_t kMostBytes = std::size_t{32} << 20;
/// A text that takes longer to make than this is not made at each stat.
constexpr auto kQuick = std::chrono::milliseconds{10};
/// Nor more often than it takes one part in ten of the time.
constexpr int kRest = 10;
constexpr auto kLongestRest = std::chrono::seconds{5};

/// A document depends on what was answered, not on when it is read.
std::int64_t asked_at(const TargetState& target) {
  const auto snapshot = target.known();
  return snapshot ? snapshot->answer->answered_at : 0;
}

FailedStamps failed_stamps(const TargetSnapshot& snapshot, const std::vector<cache::Failure>& failures) {
  FailedStamps failed;
  if (failures.empty()) return failed;
  const FailedFiles files{failures};
  for (const auto& entry : snapshot.plates) {
    for (const auto* file : {"cutout.fits", "stamp.jpg"}) {
      if (const auto* failure = files.find(entry->plate(), file)) failed.emplace(entry->name, failure->message);
    }
  }
  return failed;
}

/// Made of all plates of a target, so that it may be long.
bool is_of_target(DocumentKind kind) {
  using enum DocumentKind;
  constexpr std::array kinds{PlatesVot, PlatesCsv, PlatesFits, Citation, Gallery};
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool is_table(DocumentKind kind) {
  using enum DocumentKind;
  return kind == PlatesVot || kind == PlatesCsv || kind == PlatesFits;
}

/// A file of each plate has to be looked up: of very many this would take longer than the table itself.
bool tells_states(const TargetSnapshot& snapshot) { return snapshot.plates.size() <= kMostStates; }

/// For a table that is in that folder itself "." stays.
std::string time_series_folder(const std::string& of_target) {
  return of_target == "." ? of_target : fmt::format("{}/{}", of_target, kTimeSeries);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::string placeholder_text(const Node& file, const std::string& why, const std::string& version) {
  const auto& plate = file.plate->plate();
  const auto& target = file.target->target();
  const auto bytes = vo::blank_frame({target.position, target.radius},
                                     {.file = std::string{file_name_of(file.product_kind)},
                                      .did = plate.obs_publisher_did.str(),
                                      .archive = plate.archive.str(),
                                      .why = why,
                                      .times = {plate.t_min, plate.t_max, plate.t_exptime}},
                                     version);
  std::string text(bytes.size(), '\0');
  std::memcpy(text.data(), bytes.data(), bytes.size());
  return text;
}

}  // namespace

struct Documents::Impl {
  cache::Library& library;
  Facts facts;
  Text readme;
  RecentTexts recent{kMostBytes};

  Impl(cache::Library& library, Facts facts) : library(library), facts(std::move(facts)) {}

  /// Of a page that was made for other failures nothing is kept.
  std::string gallery_key(const Node& node, const TargetSnapshot& snapshot) const {
    auto key = of_target_key(node);
    for (const auto& [plate, why] : failed_stamps(snapshot, library.failures())) key += "\n" + plate + " " + why;
    const auto stars = gallery_stars(node.target->target());
    key += fmt::format("\n{} {} {}", stars.are_on_stamps, stars.catalogue, stars.problem);
    return stars.stars.empty() ? key : key + vo::sequence_csv(stars.stars);
  }

  std::shared_ptr<const Sequence> sequence_of(const Target& target) const {
    return facts.sequences ? facts.sequences->of(target) : nullptr;
  }

  /// Those that the user gave, else those of the catalogue once they are known.
  GalleryStars gallery_stars(const Target& target) const {
    GalleryStars known{{}, false, library.catalogue_title(), {}};
    const auto sequence = sequence_of(target);
    if (sequence) known.problem = sequence->problem;
    if (sequence && !sequence->stars.empty()) {
      known.stars = sequence->stars;
      known.are_on_stamps = true;
    } else if (const auto table = library.known_catalogue({target.position, target.radius})) {
      known.stars = vo::read_sequence(*table);
    }
    return known;
  }

  std::string region(const Target& target) const {
    const auto sequence = sequence_of(target);
    return region_text(target, sequence ? sequence->stars : std::vector<vo::ComparisonStar>{});
  }

  std::string sequence_text(const Target& target) const {
    const auto sequence = sequence_of(target);
    return sequence ? vo::sequence_csv(sequence->stars) : std::string();
  }

  static std::string of_target_key(const Node& node) {
    return fmt::format("{} {} {}", static_cast<int>(node.document), static_cast<int>(node.target->holding()),
                       node.target->target().directory_name());
  }

  /// A table tells how each cutout stands: it is another one when the cache or the failures changed.
  std::string table_key(const Node& node) const {
    const auto usage = library.usage();
    const auto failures = library.failures();
    std::int64_t latest = 0;
    for (const auto& failure : failures) latest = std::max(latest, failure.when);
    return fmt::format("{}\n{} {} {} {}", of_target_key(node), usage.bytes, usage.objects, failures.size(), latest);
  }

  std::string key_of(const Node& node, const TargetSnapshot& snapshot) const {
    if (is_table(node.document) && tells_states(snapshot)) return table_key(node);
    return node.document == DocumentKind::Gallery ? gallery_key(node, snapshot) : of_target_key(node);
  }

  std::string made_of(const TargetSnapshot& snapshot, const Target& target, DocumentKind kind) const {
    if (kind == DocumentKind::Citation) return citation_text(snapshot, target, facts.credits);
    if (kind == DocumentKind::Gallery) {
      return gallery_page(snapshot, target, facts.version, failed_stamps(snapshot, library.failures()),
                          gallery_stars(target));
    }
    const FailedFiles failed{library.failures()};
    const vo::Cone region{target.position, target.radius};
    const auto state = [&, is_told = tells_states(snapshot)](const PlateEntry& entry) {
      return is_told ? cutout_state(library, entry.ref, region, failed) : std::string_view{};
    };
    const auto folder = facts.mountpoint.empty() ? "." : facts.mountpoint + "/" + target.directory_name();
    const auto table = snapshot.holding == Holding::Plates ? plates_table(snapshot, target, folder, state)
                                                           : plates_table(snapshot, target, time_series_folder(folder));
    if (kind == DocumentKind::PlatesCsv) return csv_text(table);
    return kind == DocumentKind::PlatesFits ? vo::fits_table(table) : vo::votable_text(table);
  }

  Text of_target(const Node& node) {
    const auto snapshot = node.target->known();
    if (!snapshot) return shared("");
    auto made_just_now = is_table(node.document) ? recent.find(of_target_key(node), snapshot) : nullptr;
    if (made_just_now) return made_just_now;
    const auto key = key_of(node, *snapshot);
    if (auto known = recent.find(key, snapshot)) return known;
    const auto begin = std::chrono::steady_clock::now();
    auto text = shared(made_of(*snapshot, node.target->target(), node.document));
    recent.keep(key, snapshot, text);
    if (is_table(node.document)) let_rest(node, snapshot, text, std::chrono::steady_clock::now() - begin);
    return text;
  }

  /// A long table is made anew after a while only, however fast the states of files change.
  void let_rest(const Node& node, const std::shared_ptr<const TargetSnapshot>& snapshot, const Text& text,
                std::chrono::nanoseconds taken) {
    if (taken <= kQuick) return;
    recent.keep(of_target_key(node), snapshot, text, std::min<std::chrono::nanoseconds>(kRest * taken, kLongestRest));
  }

  std::optional<std::size_t> known_size(const Node& node) {
    if (!is_of_target(node.document)) return std::nullopt;
    const auto snapshot = node.target->known();
    if (!snapshot) return std::nullopt;
    if (const auto size = is_table(node.document) ? recent.size_of(of_target_key(node), snapshot) : std::nullopt) {
      return size;
    }
    return recent.size_of(key_of(node, *snapshot), snapshot);
  }

  /// Tells of every file of the plate how it stands just now, unless those are so many that this takes a while.
  Text of_plate(const Node& node) {
    if (auto known = recent.find(node.identity, node.plate)) return known;
    const auto begin = std::chrono::steady_clock::now();
    auto text = shared(plate_json(*node.plate, node.target->target(), library, asked_at(*node.target)));
    const auto taken = std::chrono::steady_clock::now() - begin;
    if (taken > kQuick) {
      recent.keep(node.identity, node.plate, text, std::min<std::chrono::nanoseconds>(kRest * taken, kLongestRest));
    }
    return text;
  }

  std::string problem_of_sequence(const TargetState& state) const {
    const auto sequence = state.holding() == Holding::Plates ? sequence_of(state.target()) : nullptr;
    return sequence ? sequence->problem : std::string();
  }

  /// What `tell` makes of the target's troubles.
  template <typename Tell>
  auto errors(const TargetState& state, const Tell& tell) const {
    const auto snapshot = state.known();
    const auto failure = state.failure();
    return tell(Troubles{.target = &state.target(),
                         .snapshot = snapshot.get(),
                         .failure = failure ? &*failure : nullptr,
                         .holding = state.holding(),
                         .files = library.failures(),
                         .sequence = problem_of_sequence(state)});
  }

  std::vector<UsedTarget> used_targets() const {
    std::vector<UsedTarget> used;
    for (auto& name : library.targets(cache::Library::TargetOrder::LatestFirst)) {
      auto note = library.note_on_target(name);
      used.push_back({std::move(name), std::move(note)});
    }
    return used;
  }

  Text datalink(const Node& node) const {
    const auto links = library.known_links(node.plate->ref);
    return links ? Text{links, &links->served} : shared("");
  }

  Text make(const Node& node) {
    switch (node.document) {
      case DocumentKind::Readme:
        return readme;
      case DocumentKind::TargetsPage:
        return shared(targets_page(used_targets(), facts.version));
      case DocumentKind::Status:
        return shared(facts.status());
      case DocumentKind::Now:
        return shared(facts.now());
      case DocumentKind::Config:
        return shared(facts.config());
      case DocumentKind::Log:
        return shared(facts.log());
      case DocumentKind::Targets:
        return shared(joined(library.targets(cache::Library::TargetOrder::LatestFirst)));
      case DocumentKind::Region:
        return shared(region(node.target->target()));
      case DocumentKind::Sequence:
        return shared(sequence_text(node.target->target()));
      case DocumentKind::PlatesVot:
      case DocumentKind::PlatesCsv:
      case DocumentKind::PlatesFits:
      case DocumentKind::Citation:
      case DocumentKind::Gallery:
        return of_target(node);
      case DocumentKind::Errors:
        return shared(errors(*node.target, errors_text));
      case DocumentKind::PlateJson:
        return of_plate(node);
      case DocumentKind::Datalink:
        return datalink(node);
      case DocumentKind::Unsolved:
        return shared(unsolved_text(*node.plate, node.target->target()));
    }
    return shared("");
  }
};

Documents::Documents(cache::Library& library, Facts facts) : impl_(std::make_unique<Impl>(library, std::move(facts))) {
  impl_->readme =
      shared(readme_text(impl_->facts.mountpoint.empty() ? "." : impl_->facts.mountpoint, impl_->facts.version));
}

Documents::~Documents() = default;

std::shared_ptr<const std::string> Documents::text(const Node& document) const {
  try {
    return impl_->make(document);
  } catch (const std::exception& problem) {
    return shared(std::string{"platefs can't make this text: "} + problem.what() + "\n");
  }
}

std::string Documents::note_on_target(const TargetSnapshot& snapshot) const {
  return note_on(snapshot, FailedFiles{impl_->library.failures()});
}

std::shared_ptr<const std::string> Documents::placeholder(const Node& file, const std::string& why) const {
  const bool is_image =
      file.product_kind == cache::ProductKind::Cutout || file.product_kind == cache::ProductKind::Aligned;
  if (!impl_->facts.has_placeholders || !file.product || !file.plate || !is_image) return nullptr;
  return shared(placeholder_text(file, why, impl_->facts.version));
}

std::shared_ptr<const std::string> Documents::placeholder(const Node& file, const cache::ProductFacts& facts) const {
  return facts.state == cache::ProductState::Failed ? placeholder(file, facts.error) : nullptr;
}

std::size_t Documents::size(const Node& document) const {
  const auto known = impl_->known_size(document);
  return known ? *known : text(document)->size();
}

bool Documents::has_errors(const TargetState& target) const { return impl_->errors(target, has_troubles); }

}  // namespace platefs::fs
