// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate.h"

#include <fmt/format.h>

namespace platefs::demo {

std::string_view name_of(Collection collection) {
  switch (collection) {
    case Collection::Dasch:
      return "DASCH (demo)";
    case Collection::Heidelberg:
      return "HDAP (demo)";
    case Collection::Applause:
      return "APPLAUSE (demo)";
    case Collection::Loose:
      return "Loose plates (demo)";
  }
  return {};
}

std::string_view folder_of(Collection collection) {
  switch (collection) {
    case Collection::Dasch:
      return "dasch";
    case Collection::Heidelberg:
      return "hdap";
    case Collection::Applause:
      return "applause";
    case Collection::Loose:
      return "loose";
  }
  return {};
}

bool has_datalink(Collection collection) { return collection != Collection::Loose; }

bool has_soda(const Plate& plate) {
  return plate.collection == Collection::Dasch || plate.collection == Collection::Heidelberg;
}

std::string Plate::publisher_did() const {
  const auto folder = folder_of(collection);
  // Archives name scans by a bare number or by a path; both must be understood.
  return collection == Collection::Applause ? fmt::format("ivo://{}/~?{}/scans/{}", authority, folder, full_name(*this))
                                            : fmt::format("ivo://{}/~?{}/{}", authority, folder, id);
}

std::optional<double> Plate::t_max() const {
  if (!t_min) return std::nullopt;
  return *t_min + exposure_seconds / 86400;
}

std::vector<Exposure> Plate::exposures() const {
  std::vector<Exposure> all{{t_min, exposure_seconds, solution}};
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

std::vector<std::string> Plate::solution_cards() const {
  if (further.empty()) return solution.cards();
  const bool is_tagged_from_the_first = collection == Collection::Dasch;
  auto cards = is_tagged_from_the_first ? further.back().solution.cards() : solution.cards();
  char letter = 'A';
  const auto add = [&](const PlateSolution& tagged) {
    const auto more = tagged.cards(std::string(1, letter++));
    cards.insert(cards.end(), more.begin(), more.end());
  };
  if (is_tagged_from_the_first) add(solution);
  for (const auto& exposure : further) add(exposure.solution);
  return cards;
}

std::vector<vo::IcrsPosition> Plate::outline() const {
  // Distorted sides are bent on the sky: more corners follow them.
  return solution.outline(width, height, solution.sip != 0 ? 6 : 1);
}

std::string full_name(const Plate& plate) { return plate.id + (plate.is(Peculiarity::Packed) ? ".fits.fz" : ".fits"); }

std::string reduced_name(const Plate& plate) {
  return plate.collection == Collection::Dasch ? plate.id + "_b04.fits" : std::string();
}

std::string preview_name(const Plate& plate) {
  return plate.collection == Collection::Loose ? std::string() : plate.id + "_pre.jpg";
}

}  // namespace platefs::demo
