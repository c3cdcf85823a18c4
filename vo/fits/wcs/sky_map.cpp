// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/sky_map.h"

#include <fmt/core.h>
#include <wcslib/wcs.h>
#include <wcslib/wcserr.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcshdr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <numbers>
#include <string>

#include "vo/base/error.h"
#include "vo/fits/wcs/frame.h"
#include "vo/fits/wcs/header.h"

namespace platefs::vo {
namespace {

constexpr double kGoodEnough = 1e-4;  // pixels
constexpr double kHorizon = 0.05;     // sine of the height above which offsets are taken
constexpr int kMostSteps = 30;
constexpr std::size_t kAxes = 2;  // wcslib_header writes no others

/// wcslib's parsers keep their state in global variables.
std::mutex& wcslib_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// What wcslib makes of a header with one description.
class Parsed {
 public:
  explicit Parsed(std::string cards) {
    const auto count = static_cast<int>(cards.size() / 80);
    int rejects = 0;
    if (wcspih(cards.data(), count, WCSHDR_all, 0, &rejects, &count_, &all_) != 0 || count_ < 1) {
      throw Error::rejected("the FITS header's coordinates cannot be read");
    }
  }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  ~Parsed() { wcsvfree(&count_, &all_); }

  wcsprm& first() { return *all_; }

 private:
  int count_ = 0;
  wcsprm* all_ = nullptr;
};

/// The same place on the turn of a cylinder where its reference pixel is; wcslib has no sky beyond.
Pixel unturned(const Pixel& pixel, const Pixel& reference, const Pixel& turn) {
  const double length = turn.x * turn.x + turn.y * turn.y;
  const double along = (pixel.x - reference.x) * turn.x + (pixel.y - reference.y) * turn.y;
  const double turns = length > 0 ? std::nearbyint(along / length) : 0;
  return {pixel.x - turns * turn.x, pixel.y - turns * turn.y};
}

/// Repairs what is customary and prepares.
void make_ready(wcsprm& wcs, const std::string& type) {
  celfix(&wcs);
  const int status = wcsset(&wcs);
  if (status == 0 && wcs.naxis == 2 && wcs.lng >= 0 && wcs.lat >= 0) return;
  throw Error::rejected(fmt::format("the FITS header's coordinates of type {} make no map of the sky: {}", type,
                                    wcs_errmsg[std::clamp(status, 0, 13)]));
}

/// Why none of them is a map, the primary one's reason first.
Error no_map(const std::vector<SkyDescription>& descriptions) {
  std::string story;
  for (const auto& each : descriptions) {
    story += each.letter == ' ' ? each.reason : fmt::format("; description {}: {}", each.letter, each.reason);
  }
  return Error::rejected(story);
}

}  // namespace

struct SkyMap::Map {
  explicit Map(const CelestialFrame& of) : frame(of) { wcs.flag = -1; }
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  ~Map() { wcsfree(&wcs); }

  /// World coordinates as wcslib takes them: longitude and latitude in the order of the axes.
  std::vector<double> world_of(std::span<const IcrsPosition> positions) const {
    std::vector<double> world;
    for (const auto& position : positions) {
      const auto here = frame.from_icrs(position);
      const auto at = world.size();
      world.resize(at + kAxes);
      world[at + static_cast<std::size_t>(wcs.lng)] = here.longitude;
      world[at + static_cast<std::size_t>(wcs.lat)] = here.latitude;
    }
    return world;
  }

  CelestialFrame frame;
  char letter = ' ';
  double scale = 0;  ///< degrees per pixel
  std::vector<std::string> remarks;
  wcsprm wcs{};
};

SkyMap::SkyMap(std::unique_ptr<Map> map) : map_(std::move(map)) {}
SkyMap::SkyMap(SkyMap&&) noexcept = default;
SkyMap& SkyMap::operator=(SkyMap&&) noexcept = default;
SkyMap::~SkyMap() = default;

SkyMap SkyMap::from(const FitsHeader& header) { return std::move(all_from(header).front()); }

std::vector<SkyMap> SkyMap::all_from(const FitsHeader& header) {
  auto descriptions = descriptions_of(header);
  std::vector<SkyMap> maps;
  for (auto& description : descriptions) {
    if (description.map) maps.push_back(*std::move(description.map));
  }
  if (maps.empty()) throw no_map(descriptions);
  return maps;
}

std::vector<SkyDescription> descriptions_of(const FitsHeader& header) {
  const std::lock_guard lock{wcslib_mutex()};
  std::vector<SkyDescription> found;
  for (const auto& description : descriptions_in(header)) {
    auto& each = found.emplace_back(SkyDescription{description.letter(), {}, {}});
    try {
      each.map = SkyMap::of(header, description);
    } catch (const Error& error) {
      each.reason = error.message();
    }
  }
  return found;
}

SkyMap SkyMap::of(const FitsHeader& header, const WcsCards& description) {
  if (description.letter() == ' ' && header.has("AMDX1")) require_numbers_of_dss(header);
  const auto readable = wcslib_header(description);
  Parsed parsed{readable.cards};
  auto& wcs = parsed.first();
  const auto type = description.word("CTYPE1");
  make_ready(wcs, type);
  auto map =
      std::make_unique<Map>(CelestialFrame::of(header, std::string(1, description.letter()), readable.longitude_type));
  map->letter = description.letter();
  map->scale = readable.scale;
  map->remarks = readable.remarks;
  if (wcssub(1, &wcs, nullptr, nullptr, &map->wcs) != 0 || wcsset(&map->wcs) != 0) {
    throw Error::rejected("the FITS header's coordinates make no map of the sky");
  }
  SkyMap made{std::move(map)};
  if (made.reaches_its_reference_pixel()) return made;
  throw Error::rejected(fmt::format("the FITS header's coordinates of type {} have no inverse at {}, {}", type,
                                    description.spelled("CRPIX1"), description.spelled("CRPIX2")));
}

char SkyMap::letter() const { return map_->letter; }
const std::vector<std::string>& SkyMap::remarks() const { return map_->remarks; }
Angle SkyMap::linear_scale() const { return Angle::degrees(map_->scale); }
Pixel SkyMap::reference() const { return {map_->wcs.crpix[0], map_->wcs.crpix[1]}; }
bool SkyMap::is_zenithal() const { return map_->wcs.cel.prj.category == ZENITHAL; }

/// A cylinder is unrolled somewhere; wherever its turn lies along pixels, it may be unrolled again.
std::optional<Pixel> SkyMap::turn() const {
  auto& wcs = map_->wcs;
  if (wcs.cel.prj.category != CYLINDRICAL || has_distortion()) return std::nullopt;
  std::array<double, 2 * kAxes> image{}, pixels{};
  image[kAxes + static_cast<std::size_t>(wcs.lng)] = 2 * std::numbers::pi * wcs.cel.prj.r0;
  if (linx2p(&wcs.lin, 2, wcs.naxis, image.data(), pixels.data()) != 0) return std::nullopt;
  const Pixel turn{pixels[kAxes] - pixels[0], pixels[kAxes + 1] - pixels[1]};
  return std::isfinite(turn.x) && std::isfinite(turn.y) ? std::optional{turn} : std::nullopt;
}

std::optional<IcrsPosition> SkyMap::reference_position() const { return position_of(reference()); }

bool SkyMap::reaches_its_reference_pixel() const {
  const auto position = reference_position();
  return position && pixel_of(*position);
}

std::vector<std::optional<Pixel>> SkyMap::pixels_of(std::span<const IcrsPosition> positions) const {
  auto& wcs = map_->wcs;
  const auto count = positions.size();
  std::vector<std::optional<Pixel>> found(count);
  if (count == 0) return found;
  auto world = map_->world_of(positions);
  std::vector<double> image(count * kAxes), pixels(count * kAxes), phi(count), theta(count);
  std::vector<int> failed(count, 0);
  const int status = wcss2p(&wcs, static_cast<int>(count), wcs.naxis, world.data(), phi.data(), theta.data(),
                            image.data(), pixels.data(), failed.data());
  if (status != 0 && status != WCSERR_BAD_WORLD && count > 1) return one_by_one(positions);
  for (std::size_t i = 0; i < count; ++i) {
    const Pixel pixel{pixels[i * kAxes], pixels[i * kAxes + 1]};
    const bool is_good = (status == 0 || status == WCSERR_BAD_WORLD) && failed[i] == 0;
    if (is_good && std::isfinite(pixel.x) && std::isfinite(pixel.y)) found[i] = pixel;
  }
  if (has_distortion()) verify(positions, found);
  return found;
}

bool SkyMap::has_distortion() const { return map_->wcs.lin.dispre != nullptr || map_->wcs.lin.disseq != nullptr; }

/// wcslib inverts a distortion by iterating from where it would be none. On a plate that the polynomial
/// itself turns or mirrors this ends elsewhere, without a word.
void SkyMap::verify(std::span<const IcrsPosition> positions, std::vector<std::optional<Pixel>>& pixels) const {
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (pixels[i] && lies_at(*pixels[i], positions[i])) continue;
    auto better = pixels[i] ? solved(positions[i], *pixels[i]) : std::nullopt;
    pixels[i] = better ? better : solved(positions[i], reference());
  }
}

bool SkyMap::lies_at(const Pixel& pixel, const IcrsPosition& position) const {
  const auto found = position_of(pixel);
  const auto beside = position_of({pixel.x + 1, pixel.y + 1});
  if (!found || !beside) return false;
  return separation(*found, position).as_degrees() < kGoodEnough * separation(*found, *beside).as_degrees();
}

/// Newton's method on the map from pixels to the plane that touches the sky at `target`.
std::optional<Pixel> SkyMap::solved(const IcrsPosition& target, Pixel pixel) const {
  for (int step = 0; step < kMostSteps; ++step) {
    const auto here = offset_of(pixel, target);
    const auto right = offset_of({pixel.x + 0.5, pixel.y}, target);
    const auto up = offset_of({pixel.x, pixel.y + 0.5}, target);
    if (!here || !right || !up) return std::nullopt;
    const double a = 2 * (right->x - here->x), b = 2 * (up->x - here->x);
    const double c = 2 * (right->y - here->y), d = 2 * (up->y - here->y);
    const double determinant = a * d - b * c;
    const Pixel move{(b * here->y - d * here->x) / determinant, (c * here->x - a * here->y) / determinant};
    pixel = {pixel.x + move.x, pixel.y + move.y};
    if (!std::isfinite(pixel.x) || !std::isfinite(pixel.y)) return std::nullopt;
    if (std::hypot(move.x, move.y) < kGoodEnough / 100) break;
  }
  return lies_at(pixel, target) ? std::optional{pixel} : std::nullopt;
}

/// Gnomonic offset of a pixel's position from `target`; empty for the other half of the sky.
std::optional<Pixel> SkyMap::offset_of(const Pixel& pixel, const IcrsPosition& target) const {
  const auto position = position_of(pixel);
  if (!position) return std::nullopt;
  const double turn = position->ra.as_radians() - target.ra.as_radians();
  const double sin_here = std::sin(position->dec.as_radians()), cos_here = std::cos(position->dec.as_radians());
  const double sin_there = std::sin(target.dec.as_radians()), cos_there = std::cos(target.dec.as_radians());
  const double depth = sin_there * sin_here + cos_there * cos_here * std::cos(turn);
  if (depth < kHorizon) return std::nullopt;
  return Pixel{cos_here * std::sin(turn) / depth,
               (cos_there * sin_here - sin_there * cos_here * std::cos(turn)) / depth};
}

/// A distortion that cannot be inverted at one place makes wcslib give up on all of them.
std::vector<std::optional<Pixel>> SkyMap::one_by_one(std::span<const IcrsPosition> positions) const {
  std::vector<std::optional<Pixel>> found;
  for (const auto& position : positions) found.push_back(pixel_of(position));
  return found;
}

std::optional<Pixel> SkyMap::pixel_of(const IcrsPosition& position) const {
  return pixels_of(std::span{&position, 1}).front();
}

std::optional<IcrsPosition> SkyMap::position_of(const Pixel& pixel) const {
  return positions_of(std::span{&pixel, 1}).front();
}

std::vector<std::optional<IcrsPosition>> SkyMap::positions_of(std::span<const Pixel> pixels) const {
  auto& wcs = map_->wcs;
  const auto count = pixels.size();
  std::vector<std::optional<IcrsPosition>> found(count);
  if (count == 0) return found;
  std::vector<double> flat, image(count * kAxes), world(count * kAxes), phi(count), theta(count);
  const auto around = turn();
  for (const auto& pixel : pixels) {
    const auto principal = around ? unturned(pixel, reference(), *around) : pixel;
    flat.insert(flat.end(), {principal.x, principal.y});
  }
  std::vector<int> failed(count, 0);
  const int status = wcsp2s(&wcs, static_cast<int>(count), wcs.naxis, flat.data(), image.data(), phi.data(),
                            theta.data(), world.data(), failed.data());
  if (status != 0 && status != WCSERR_BAD_PIX) return found;
  for (std::size_t i = 0; i < count; ++i) {
    const FramePosition position{world[i * kAxes + static_cast<std::size_t>(wcs.lng)],
                                 world[i * kAxes + static_cast<std::size_t>(wcs.lat)]};
    const bool is_good = failed[i] == 0 && std::isfinite(position.longitude) && std::abs(position.latitude) <= 90.0;
    if (is_good) found[i] = map_->frame.to_icrs(position);
  }
  return found;
}

}  // namespace platefs::vo
