// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/cutout.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "vo/base/error.h"
#include "vo/fits/compressed_image.h"
#include "vo/fits/cutout_header.h"
#include "vo/fits/hdu/batch_reader.h"
#include "vo/fits/hdu/checksum.h"
#include "vo/fits/hdu/dates.h"
#include "vo/fits/hdu/gzip_source.h"
#include "vo/fits/image.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {
namespace {

constexpr std::uint64_t kMaxCutout = std::uint64_t{1} << 30;

std::uint64_t as_size(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::uint64_t size_of_pixels(const ImageShape& shape, const PixelBox& box) {
  const auto row = as_size(box.width()) * shape.bytes_per_pixel();
  return row * as_size(box.height()) * as_size(shape.planes());  // at most the whole image: checked
}

ByteRange row_segment(const FitsImage& image, const PixelBox& box, std::int64_t plane, std::int64_t row) {
  const auto rows_before = plane * image.shape.height() + row - 1;
  const auto pixels_before = as_size(rows_before * image.shape.width() + box.x1 - 1);
  const auto pixel = image.shape.bytes_per_pixel();
  const auto first = image.data.first + pixels_before * pixel;
  return {first, first + as_size(box.width()) * pixel};
}

void gather_rows(FitsSource& source, const FitsImage& image, const PixelBox& box, std::vector<std::byte>& out) {
  BatchReader batch_reader{source, out};
  for (std::int64_t plane = 0; plane < image.shape.planes(); ++plane) {
    for (auto row = box.y1; row <= box.y2; ++row) batch_reader.add(row_segment(image, box, plane, row));
  }
  batch_reader.flush();
}

std::vector<std::byte> pixels_of(FitsSource& source, const FitsImage& image, const PixelBox& box) {
  if (image.tiles) return compressed_pixels(source, *image.tiles, box);
  std::vector<std::byte> pixels;
  pixels.reserve(size_of_pixels(image.shape, box) + kFitsBlock);
  gather_rows(source, image, box, pixels);
  return pixels;
}

void require_reasonable_size(const ImageShape& shape, const PixelBox& box) {
  const auto size = size_of_pixels(shape, box);
  if (size <= kMaxCutout) return;
  throw Error{ErrorKind::Rejected, fmt::format("a cutout of {} x {} pixels has {} bytes, more than {}", box.width(),
                                               box.height(), size, kMaxCutout)};
}

/// Whose image it is: the plate's own file, or an archive's answer.
enum class Origin { Plate, Answer };

ChosenDescription description_in(const FitsImage& image, const IcrsPosition& target, const ExposureCentres& centres,
                                 Origin origin) {
  const auto choose = origin == Origin::Plate ? description_of_plate : description_of_answer;
  return choose(image.header, target, centres, image.shape.width(), image.shape.height());
}

/// Of several images in a file the first that shows the target. Fails for the reason of the first image.
FitsImage image_of(FitsSource& source, const IcrsPosition& target, const ExposureCentres& centres, Origin origin) {
  std::optional<Error> reason;
  auto image = find_image(source, [&](const FitsImage& candidate) {
    try {
      description_in(candidate, target, centres, origin);
      return true;
    } catch (const Error& error) {
      if (!reason) reason = error;
      return false;
    }
  });
  if (!image) throw reason.value_or(no_image());
  return *std::move(image);
}

CutoutSection section_in(const FitsImage& image, const Cone& cone, const ChosenDescription& chosen, Origin origin,
                         const ImageFacts& facts = {}) {
  const auto width = image.shape.width();
  const auto height = image.shape.height();
  const CutoutSection section{pixels_of_cone(chosen.map, cone, width, height), width, height, chosen.map.remarks()};
  if (origin == Origin::Answer) require_cut_by(chosen, section.cone, image.header, cone, width, height);
  // An archive's row speaks of the whole plate.
  require_plausible(chosen.map, cone, {section.cone, width, height, origin == Origin::Plate}, facts);
  require_reasonable_size(image.shape, section.cone.box);
  return section;
}

void pad_to_block(std::vector<std::byte>& data) {
  data.resize((data.size() + kFitsBlock - 1) / kFitsBlock * kFitsBlock);
}

std::vector<std::byte> file_from(FitsHeader header, std::vector<std::byte> data) {
  pad_to_block(data);
  set_checksums(header, fits_sum(data));
  const auto unit = header.serialised();
  const auto bytes = std::as_bytes(std::span{unit});
  data.insert(data.begin(), bytes.begin(), bytes.end());
  return data;
}

/// All cards are there but the checksums, whose values do not change their number.
std::uint64_t size_of_file(FitsHeader header, std::uint64_t pixels) {
  set_checksums(header, 0);
  return header.serialised().size() + (pixels + kFitsBlock - 1) / kFitsBlock * kFitsBlock;
}

/// Services round as they like: by two pixels a box is as good as another.
constexpr std::int64_t kTolerance = 2;

bool reaches_beyond(const PixelBox& a, const PixelBox& b) {
  return a.x1 < b.x1 - kTolerance || a.x2 > b.x2 + kTolerance || a.y1 < b.y1 - kTolerance || a.y2 > b.y2 + kTolerance;
}

/// On both sides of an axis: the service has a limit of its own. One side alone is the edge of the plate.
bool reaches_beyond_both_ends(const PixelBox& a, const PixelBox& b) {
  return (a.x1 < b.x1 - kTolerance && a.x2 > b.x2 + kTolerance) ||
         (a.y1 < b.y1 - kTolerance && a.y2 > b.y2 + kTolerance);
}

bool is_short_of(const CutoutSection& section) {
  return reaches_beyond_both_ends(section.cone.whole, {1, section.image_width, 1, section.image_height});
}

bool has_date_of_another(const FitsHeader& header, const CutoutProvenance& known) {
  return !known.centres.others.empty() &&
         are_dates_of_another_exposure(header, {known.t_min, known.t_max, known.exptime_seconds});
}

FitsCutout cut_plain(
    FitsSource& source, const FitsImage& image, const Cone& cone, const ChosenDescription& chosen, Origin origin,
    const CutoutProvenance& provenance, const std::function<void(std::uint64_t)>& on_size = [](std::uint64_t) {}) {
  const auto section = section_in(image, cone, chosen, origin, provenance.facts);
  auto told = provenance;
  told.remarks.insert(told.remarks.end(), section.remarks.begin(), section.remarks.end());
  told.target = cone.centre;
  auto header = cutout_header(image, section.cone.box, told, chosen.map.letter());
  on_size(size_of_file(header, size_of_pixels(image.shape, section.cone.box)));
  return {file_from(std::move(header), pixels_of(source, image, section.cone.box)), section};
}

}  // namespace

FitsCutout cut(FitsSource& source, const Cone& cone, const CutoutProvenance& provenance,
               const std::function<void(std::uint64_t)>& on_size) {
  return with_plain(source, [&](FitsSource& plain) {
    const bool is_packed = &plain != &source;
    // The first image only of a packed file: to look behind it, all of it would have to be fetched.
    const auto image = is_packed ? find_image(plain) : image_of(plain, cone.centre, provenance.centres, Origin::Plate);
    const auto chosen = description_in(image, cone.centre, provenance.centres, Origin::Plate);
    auto remarked = provenance;
    if (is_packed) remarked.remarks.push_back("From a gzip-ed file, unpacked up to the last row that is wanted");
    return cut_plain(plain, image, cone, chosen, Origin::Plate, remarked, on_size);
  });
}

std::optional<FitsCutout> trimmed(FitsSource& answer, const Cone& cone, const CutoutProvenance& provenance) {
  return with_plain(answer, [&](FitsSource& plain) -> std::optional<FitsCutout> {
    auto remarked = provenance;
    const bool is_packed = &plain != &answer;
    if (is_packed) remarked.remarks.push_back("The archive's SODA service answered with a gzip-ed file");
    const auto image = image_of(plain, cone.centre, provenance.centres, Origin::Answer);
    const auto chosen = description_in(image, cone.centre, provenance.centres, Origin::Answer);
    const auto section = section_in(image, cone, chosen, Origin::Answer, provenance.facts);
    const PixelBox answered{1, section.image_width, 1, section.image_height};
    const bool is_smaller = is_short_of(section);
    const bool is_larger = reaches_beyond(answered, section.cone.whole);
    // A service that knows the plate, but not its exposures, tells the place and the date of whichever comes first.
    const bool is_exposures_own = chosen.map.letter() == ' ' && !has_date_of_another(image.header, provenance);
    if (!is_packed && !is_smaller && !is_larger && is_exposures_own) return std::nullopt;
    if (is_larger || is_smaller) remarked.remarks.push_back("Trimmed from the answer of the archive's SODA service");
    if (is_smaller) remarked.remarks.push_back("That answer ends before the region does");
    return cut_plain(plain, image, cone, chosen, Origin::Answer, remarked);
  });
}

namespace {

CutoutSection section_of(FitsSource& source, const Cone& cone, const ExposureCentres& centres, Origin origin) {
  return with_plain(source, [&](FitsSource& plain) {
    const auto image = image_of(plain, cone.centre, centres, origin);
    return section_in(image, cone, description_in(image, cone.centre, centres, origin), origin);
  });
}

}  // namespace

CutoutSection section_of(FitsSource& source, const Cone& cone) { return section_of(source, cone, {}, Origin::Plate); }

bool falls_short(FitsSource& answer, const Cone& cone, const ExposureCentres& centres) {
  return is_short_of(section_of(answer, cone, centres, Origin::Answer));
}

std::string exposure_told(FitsSource& cutout) {
  const auto hdu = read_hdu(cutout, 0, 0);
  return hdu ? exposure_in_history(hdu->header) : std::string();
}

void check_cutout(FitsSource& source, const IcrsPosition& target) {
  try {
    with_plain(source, [&](FitsSource& plain) { return image_of(plain, target, {}, Origin::Answer); });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Rejected) throw;
    throw error.within("does not cover the target");
  }
}

}  // namespace platefs::vo
