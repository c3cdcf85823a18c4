// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

/// One solution may stand in a header twice, under a letter and without: the first one counts.
constexpr double kSame = 1e-7;  // deg

/// A description whose centre is further from the row's than this part of the image's half diagonal is no good match.
constexpr double kFarFromCentre = 0.25;

struct Candidate {
  std::size_t index;
  double distance;  ///< from the row's centre, deg
};

double distance(const std::optional<IcrsPosition>& a, const std::optional<IcrsPosition>& b) {
  return a && b ? separation(*a, *b).as_degrees() : 0.0;
}

std::optional<IcrsPosition> centre_of_image(const SkyMap& map, std::int64_t width, std::int64_t height) {
  return map.position_of({(static_cast<double>(width) + 1) / 2, (static_cast<double>(height) + 1) / 2});
}

double half_diagonal(const SkyMap& map, std::int64_t width, std::int64_t height) {
  return distance(centre_of_image(map, width, height), map.position_of({1, 1}));
}

/// `centre_of` tells where the image that a description speaks of is centred.
template <typename CentreOf>
Candidate nearest_that_covers(const std::vector<SkyMap>& maps, const IcrsPosition& target, std::int64_t width,
                              std::int64_t height, const ExposureCentres& centres, const CentreOf& centre_of) {
  std::optional<Candidate> best;
  std::optional<Error> reason;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    try {
      pixel_on_image(maps[i], target, width, height);
    } catch (const Error& error) {
      if (!reason) reason = error;
      continue;
    }
    const Candidate here{i, distance(centre_of(maps[i]), centres.own)};
    if (!best || here.distance < best->distance - kSame) best = here;
  }
  if (!best) throw *reason;
  return *best;
}

double distance_of_nearest(const std::optional<IcrsPosition>& place, const std::vector<IcrsPosition>& centres) {
  double best = 360;
  for (const auto& centre : centres) best = std::min(best, distance(place, centre));
  return best;
}

Error of_another_exposure() {
  return {ErrorKind::Rejected,
          "the WCS description that covers the target is another exposure's: none of this exposure's covers it"};
}

ChosenDescription taken(std::vector<SkyMap>& maps, std::size_t index) {
  return {std::move(maps[index]), maps.size() == 1};
}

/// Services round as they like: by two pixels a box is as good as another.
constexpr std::int64_t kTolerance = 2;

std::array<std::int64_t, 4> differences(const PixelBox& a, const PixelBox& b) {
  return {a.x1 - b.x1, b.x2 - a.x2, a.y1 - b.y1, b.y2 - a.y2};
}

std::int64_t sides_in_common(const PixelBox& a, const PixelBox& b) {
  return std::ranges::count_if(differences(a, b), [](std::int64_t by) { return std::abs(by) <= kTolerance; });
}

bool is_centred(const Pixel& target, std::int64_t width, std::int64_t height) {
  const auto is_middle = [](double at, std::int64_t length) {
    return std::abs(at - (static_cast<double>(length) + 1) / 2) <= static_cast<double>(kTolerance);
  };
  return is_middle(target.x, width) && is_middle(target.y, height);
}

/// The region's box by another description; empty when that has the target elsewhere.
std::optional<PixelBox> box_by(const SkyMap& map, const Cone& cone, std::int64_t width, std::int64_t height) {
  try {
    return pixels_of_cone(map, cone, width, height).whole;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

ChosenDescription description_of_plate(const FitsHeader& header, const IcrsPosition& target,
                                       const ExposureCentres& centres, std::int64_t width, std::int64_t height) {
  auto maps = SkyMap::all_from(header);
  const auto centre = [&](const SkyMap& map) { return centre_of_image(map, width, height); };
  const auto best = nearest_that_covers(maps, target, width, height, centres, centre);
  const auto& map = maps[best.index];
  const bool is_far = best.distance > kFarFromCentre * half_diagonal(map, width, height);
  if (is_far && distance_of_nearest(centre(map), centres.others) < best.distance / 2) throw of_another_exposure();
  return taken(maps, best.index);
}

ChosenDescription description_of_answer(const FitsHeader& header, const IcrsPosition& target,
                                        const ExposureCentres& centres, std::int64_t width, std::int64_t height) {
  auto maps = SkyMap::all_from(header);
  const auto reference = [](const SkyMap& map) { return map.reference_position(); };
  const auto best = nearest_that_covers(maps, target, width, height, centres, reference);
  if (centres.own && !centres.others.empty()) {
    const bool is_others = distance_of_nearest(reference(maps[best.index]), centres.others) < best.distance - kSame;
    const bool is_behind = std::ranges::any_of(
        maps, [&](const SkyMap& map) { return distance(reference(map), centres.own) < best.distance - kSame; });
    if (is_others || is_behind) throw of_another_exposure();
  }
  return taken(maps, best.index);
}

void require_cut_by(const ChosenDescription& chosen, const ConePixels& region, const FitsHeader& header,
                    const Cone& cone, std::int64_t width, std::int64_t height) {
  if (chosen.is_only) return;
  const PixelBox image{1, width, 1, height};
  const auto& whole = region.whole;
  const bool is_short = std::ranges::any_of(differences(image, whole), [](std::int64_t by) { return by > kTolerance; });
  const auto sides = sides_in_common(image, whole);
  const bool is_its_cutout = is_short ? sides > 1 : sides == 4 || is_centred(region.target, width, height);
  if (chosen.map.letter() != ' ' && !is_its_cutout) {
    throw Error{
        ErrorKind::Rejected,
        fmt::format("nothing tells that WCS description {} was moved with the cutout: services move the primary "
                    "one alone",
                    chosen.map.letter())};
  }
  if (!is_short) return;
  for (const auto& map : SkyMap::all_from(header)) {
    const auto other = box_by(map, cone, width, height);
    if (!other || sides_in_common(*other, whole) == 4 || sides_in_common(image, *other) < sides) continue;
    throw Error{ErrorKind::Rejected,
                "the cutout ends before the region does: it was cut by another exposure's WCS description"};
  }
}

}  // namespace platefs::vo
