// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/cutout_header.h"

#include <fmt/core.h>

#include <regex>

#include "vo/base/designation.h"
#include "vo/base/error.h"
#include "vo/base/words.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/hdu/dates.h"
#include "vo/fits/wcs/frame.h"
#include "vo/fits/wcs/left_overs.h"
#include "vo/fits/wcs/letters.h"
#include "vo/fits/wcs/spelling.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kExposure = "Exposure: ";

bool is_no_longer_true(std::string_view keyword) {
  static const std::regex pattern{
      "SIMPLE|XTENSION|BITPIX|NAXIS[0-9]*|EXTEND|NEXTEND|PCOUNT|GCOUNT|GROUPS|BLOCKED|INHERIT|"
      "EXTVER|EXTLEVEL|CHECKSUM|DATASUM|DATAMIN|DATAMAX|IRAF-(MIN|MAX)|(DATA|TRIM|BIAS|CCD|DET|AMP)"
      "SEC"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

FitsHeader structure(const FitsImage& image, const PixelBox& box) {
  FitsHeader header;
  const auto comment = [&](std::string_view keyword) { return image.header.comment(keyword); };
  header.set_logical("SIMPLE", true, "conforms to the FITS standard");
  header.set_integer("BITPIX", image.shape.bitpix, comment("BITPIX"));
  auto axes = image.shape.axes;
  axes[0] = box.width();
  axes[1] = box.height();
  header.set_integer("NAXIS", static_cast<std::int64_t>(axes.size()), comment("NAXIS"));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto keyword = fmt::format("NAXIS{}", i + 1);
    header.set_integer(keyword, axes[i], comment(keyword));
  }
  return header;
}

void add_true_cards(FitsHeader& header, const FitsHeader& plate) {
  auto kept = plate;
  kept.remove_if(is_no_longer_true);
  for (const auto& card : kept.cards()) header.append(card);
}

/// Whole numbers stay so: CNPIX is written as integer by some.
void shift(FitsHeader& header, const std::string& keyword, std::int64_t by) {
  if (by == 0) return;
  if (const auto whole = header.integer(keyword)) return header.set_integer(keyword, *whole + by);
  const auto value = header.real(keyword);
  if (!value && header.has(keyword)) {
    throw Error{ErrorKind::Malformed, fmt::format("FITS header with {} that is no number", keyword)};
  }
  header.set_real(keyword, value.value_or(0.0) + static_cast<double>(by));
}

void shift_if_present(FitsHeader& header, const std::string& keyword, std::int64_t by) {
  if (header.has(keyword)) shift(header, keyword, by);
}

/// A description without CRPIX means 0, and has to say so once that is no longer right.
void shift_reference_pixels(FitsHeader& header, int axis, std::int64_t by) {
  constexpr std::string_view kVersions = " ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const char letter : kVersions) {
    const std::string version(letter == ' ' ? 0 : 1, letter);
    const auto reference = fmt::format("CRPIX{}{}", axis, version);
    if (header.has(reference) || header.has(fmt::format("CTYPE{}{}", axis, version))) {
      shift(header, reference, by);
    }
  }
}

/// The DSS plate solution counts from the corner of the whole scan; others have the keyword for something else.
void shift_scan_corner(FitsHeader& header, int axis, std::int64_t by) {
  const auto corner = fmt::format("CNPIX{}", axis);
  if (header.real(corner) || header.has("AMDX1")) shift(header, corner, by);
}

void move_origin(FitsHeader& header, int axis, std::int64_t offset) {
  shift_reference_pixels(header, axis, -offset);
  shift_if_present(header, fmt::format("LTV{}", axis), -offset);
  shift_scan_corner(header, axis, offset);
}

void spell_radesys(FitsHeader& header) {
  const auto frame = header.text("RADECSYS");
  if (frame && !header.has("RADESYS")) {
    header.set_text("RADESYS", *frame, "reference frame of the coordinates");
  }
  header.remove("RADECSYS");
}

void add_frame(FitsHeader& header) {
  spell_radesys(header);
  for (const auto& remark : spell_frames(header)) header.append_commentary("HISTORY", remark);
  const bool is_equatorial = header.text("CTYPE1").value_or("").starts_with("RA") ||
                             header.text("CTYPE2").value_or("").starts_with("RA") || header.has("AMDX1");
  if (!is_equatorial) return;
  if (!says_nothing(header.text("RADESYS").value_or(""))) return;
  header.set_text("RADESYS", default_frame_name(header), "reference frame of the coordinates");
}

/// The name that a program shows: of the place, not of how somebody spelled it, nor of what the plate was exposed for.
void name_object(FitsHeader& header, const std::optional<IcrsPosition>& target) {
  if (!target) return;
  const auto own = header.text("OBJECT").value_or("");
  if (!says_nothing(own)) header.append_commentary("HISTORY", fmt::format("OBJECT of the plate: {}", own));
  header.set_text("OBJECT", designation(*target), "designation of the target's position");
}

std::string name_of(char letter) { return letter == ' ' ? "primary" : std::string(1, letter); }

void tell_exposure(FitsHeader& header, const PrimaryChange& change) {
  auto text = fmt::format("{}{} WCS description of the plate", kExposure, name_of(change.chosen));
  if (change.chosen != ' ') text += ", the primary one here";
  header.append_commentary("HISTORY", text);
  if (!change.former || !header.has(fmt::format("CRVAL1{}", *change.former))) return;
  header.append_commentary("HISTORY", fmt::format("The plate's primary WCS description is {} here", *change.former));
}

void add_history_line(FitsHeader& header, std::string_view name, std::string_view text) {
  if (!text.empty()) header.append_commentary("HISTORY", fmt::format("{}: {}", name, text));
}

void add_history(FitsHeader& header, const FitsImage& image, const PixelBox& box, const CutoutProvenance& provenance) {
  header.append_commentary(
      "HISTORY", fmt::format("Cutout made by platefs {}; pixel values as stored", provenance.platefs_version));
  add_history_line(header, "Source", provenance.source_did);
  add_history_line(header, "Archive", provenance.archive);
  add_history_line(header, "URL", provenance.source_url);
  add_history_line(header, "Region", provenance.region);
  add_history_line(header, "Section",
                   fmt::format("[{}:{},{}:{}] of {} x {} pixels, HDU {}", box.x1, box.x2, box.y1, box.y2,
                               image.shape.width(), image.shape.height(), image.hdu_index));
  for (const auto& remark : provenance.remarks) header.append_commentary("HISTORY", remark);
}

}  // namespace

FitsHeader cutout_header(const FitsImage& image, const PixelBox& box, const CutoutProvenance& provenance, char letter) {
  auto header = structure(image, box);
  add_true_cards(header, image.header);
  PrimaryChange change{letter, std::nullopt};
  if (letter != ' ') change = make_primary(header, letter);
  auto remarks = remove_left_overs(header);
  const auto spelled = spell_out(header);
  remarks.insert(remarks.end(), spelled.begin(), spelled.end());
  move_origin(header, 1, box.x1 - 1);
  move_origin(header, 2, box.y1 - 1);
  add_frame(header);
  settle_dates(header, {provenance.t_min, provenance.t_max, provenance.exptime_seconds});
  name_object(header, provenance.target);
  add_history(header, image, box, provenance);
  for (const auto& remark : remarks) header.append_commentary("HISTORY", remark);
  tell_exposure(header, change);
  return header;
}

std::string exposure_in_history(const FitsHeader& cutout) {
  std::string told;  // the last word: an archive's cutout may have one of its own
  for (const auto& card : cutout.cards()) {
    const auto text = std::string_view{card}.substr(8);
    if (keyword_of(card) != "HISTORY" || !text.starts_with(kExposure)) continue;
    const auto rest = text.substr(kExposure.size());
    told = rest.substr(0, rest.find(' '));
  }
  return told;
}

}  // namespace platefs::vo
