// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/words.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

using Synonym = std::pair<std::string_view, std::string_view>;

/// Lower case, without blanks, underscores and quotes.
std::string plain(std::string_view text) {
  std::string word;
  for (const char c : text) {
    if (!is_blank(c) && c != '_' && c != '\'' && c != '"') word += lower(c);
  }
  return word;
}

std::optional<std::string_view> meaning(std::span<const Synonym> synonyms, std::string_view word) {
  const auto found = std::ranges::find(synonyms, word, &Synonym::first);
  return found == synonyms.end() ? std::nullopt : std::optional{found->second};
}

constexpr auto kFrames = std::to_array<Synonym>({
    {"icrs", "ICRS"},       {"icrf", "ICRS"},        {"icrf1", "ICRS"}, {"icrf2", "ICRS"},     {"icrf3", "ICRS"},
    {"icrs/j2000", "ICRS"}, {"icrs(j2000)", "ICRS"}, {"gaia", "ICRS"},  {"gaia-crf2", "ICRS"}, {"gaia-crf3", "ICRS"},
    {"hipparcos", "ICRS"},  {"fk5", "FK5"},          {"j2000", "FK5"},  {"j2000.0", "FK5"},    {"fk5/j2000", "FK5"},
    {"fk5(j2000)", "FK5"},  {"fk4", "FK4"},          {"b1950", "FK4"},  {"b1950.0", "FK4"},    {"fk4-no-e", "FK4-NO-E"},
    {"fk4/b1950", "FK4"},
});

/// UT1 is UTC within a second. ET, TDT and IAT are old names.
constexpr auto kTimeScales = std::to_array<Synonym>({
    {"utc", "UTC"},   {"ut", "UTC"},      {"gmt", "UTC"},   {"z", "UTC"},         {"zulu", "UTC"},
    {"ut1", "UTC"},   {"ut0", "UTC"},     {"ut2", "UTC"},   {"universal", "UTC"}, {"universaltime", "UTC"},
    {"ut(c)", "UTC"}, {"utc/ut1", "UTC"}, {"tt", "TT"},     {"tdt", "TT"},        {"et", "TT"},
    {"tai", "TAI"},   {"iat", "TAI"},     {"gps", "GPS"},   {"tcg", "TCG"},       {"tcb", "TCB"},
    {"tdb", "TDB"},   {"local", "LOCAL"}, {"lst", "LOCAL"},
});

constexpr auto kAngleUnits = std::to_array<Synonym>({
    {"deg", "deg"},
    {"degree", "deg"},
    {"degrees", "deg"},
    {"degs", "deg"},
    {"degr", "deg"},
    {"d", "deg"},
    {"\xc2\xb0", "deg"},
    {"arcmin", "arcmin"},
    {"arcminute", "arcmin"},
    {"arcminutes", "arcmin"},
    {"arcmins", "arcmin"},
    {"amin", "arcmin"},
    {"arcsec", "arcsec"},
    {"arcsecond", "arcsec"},
    {"arcseconds", "arcsec"},
    {"arcsecs", "arcsec"},
    {"asec", "arcsec"},
    {"arcs", "arcsec"},
    {"arc-sec", "arcsec"},
    {"mas", "mas"},
    {"milliarcsec", "mas"},
    {"milliarcsecond", "mas"},
    {"rad", "rad"},
    {"radian", "rad"},
    {"radians", "rad"},
    {"rads", "rad"},
    {"hourangle", "hourangle"},
    {"hour", "hourangle"},
    {"hours", "hourangle"},
});

constexpr auto kNothing =
    std::to_array<std::string_view>({"", "null", "none", "nil", "nan", "n/a", "na", "-", "--", "undefined", "\\n"});

constexpr auto kTables = std::to_array<std::string_view>(
    {"bintable", "uvfits", "table", "spectrum", "event", "ascii-table", "asciitable", "spectra"});
constexpr auto kTellingNothing = std::to_array<std::string_view>(
    {"application/octet-stream", "binary/octet-stream", "application/binary", "application/x-binary", "octet-stream",
     "application/unknown", "unknown", "unknown/unknown", "application/x-unknown", "application/download",
     "application/force-download", "application/x-download", "application/gzip", "application/x-gzip", "*/*"});
constexpr auto kTypesBeforeTheSlash =
    std::to_array<std::string_view>({"image", "application", "text", "video", "audio", "model", "multipart", "message",
                                     "font", "chemical", "binary", "x-world"});

/// "fits" as a word of its own: between the ends, slashes, dots, pluses and hyphens, alone or as gfits and the like.
bool has_word_of_fits(std::string_view type) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"fits", "xfits", "gfits", "mfits", "mef", "fits4", "fitsimage", "cfits"});
  std::size_t at = 0;
  while (at <= type.size()) {
    const auto end = std::min(type.find_first_of("/.+-", at), type.size());
    if (std::ranges::find(kWords, type.substr(at, end - at)) != kWords.end()) return true;
    at = end + 1;
  }
  return false;
}

constexpr auto kCoreTerms = std::to_array<std::string_view>(
    {"this",      "progenitor", "derivation",    "coderived",      "sibling",      "counterpart",
     "auxiliary", "weight",     "error",         "noise",          "calibration",  "bias",
     "dark",      "flat",       "preview",       "preview-image",  "preview-plot", "thumbnail",
     "proc",      "cutout",     "documentation", "detached-header"});

constexpr auto kRetiredTerms = std::to_array<Synonym>({{"self", "this"},
                                                       {"auxillary", "auxiliary"},
                                                       {"previewimage", "preview-image"},
                                                       {"previewplot", "preview-plot"},
                                                       {"co-derived", "coderived"},
                                                       {"cutouts", "cutout"},
                                                       {"thumb", "thumbnail"}});

/// The term's name as the vocabulary has it; empty: it has none of that name.
std::string_view core_term(const std::string& name) {
  if (const auto present = meaning(kRetiredTerms, name)) return *present;
  const auto* const found = std::ranges::find(kCoreTerms, name);
  return found == kCoreTerms.end() ? std::string_view{} : *found;
}

/// http://www.ivoa.net/rdf/datalink/core, with https, a version or a slash behind it, or under another scheme.
bool is_core_vocabulary(std::string_view uri) {
  const auto path = lower_case(uri);
  return path.empty() || path.find("ivoa.net/rdf/datalink/core") != std::string::npos || path == "ivoa:datalink/core";
}

}  // namespace

std::optional<std::string_view> frame_word(std::string_view text) { return meaning(kFrames, plain(text)); }

std::optional<std::string_view> time_scale_word(std::string_view text) {
  auto word = plain(text);
  if (const auto known = meaning(kTimeScales, word)) return known;
  const auto realisation = word.find('(');  // 'UTC(NIST)': FITS 4.0, 9.2.1
  return realisation == std::string::npos ? std::nullopt : meaning(kTimeScales, word.substr(0, realisation));
}

std::optional<std::string_view> angle_unit_word(std::string_view text) {
  const auto trimmed_text = trimmed(text);
  if (trimmed_text == "\"" || trimmed_text == "''") return "arcsec";
  if (trimmed_text == "'") return "arcmin";
  return meaning(kAngleUnits, plain(text));
}

bool says_nothing(std::string_view text) {
  return std::ranges::find(kNothing, lower_case(trimmed(text))) != kNothing.end();
}

MediaWord media_word(std::string_view media_type) {
  if (says_nothing(media_type)) return MediaWord::Unknown;
  auto type = plain(media_type);
  type.resize(std::min(type.find(';'), type.size()));
  if (std::ranges::find(kTellingNothing, type) != kTellingNothing.end()) return MediaWord::Unknown;
  if (has_word_of_fits(type)) {
    const bool is_table =
        std::ranges::any_of(kTables, [&](std::string_view word) { return type.find(word) != std::string::npos; });
    return is_table ? MediaWord::FitsTable : MediaWord::Fits;
  }
  const auto slash = type.find('/');
  if (slash == std::string::npos) return MediaWord::Unknown;  // no media type at all
  const bool is_type =
      std::ranges::find(kTypesBeforeTheSlash, std::string_view{type}.substr(0, slash)) != kTypesBeforeTheSlash.end();
  return is_type ? MediaWord::Other : MediaWord::Unknown;
}

std::string semantics_word(std::string_view text) {
  const auto term = trimmed(text);
  if (says_nothing(term)) return {};
  const auto hash = term.rfind('#');
  const bool is_bare = hash == std::string_view::npos && term.find(':') == std::string_view::npos;
  if (!is_bare && (hash == std::string_view::npos || !is_core_vocabulary(term.substr(0, hash))))
    return std::string(term);
  const auto name = lower_case(trimmed(is_bare ? term : term.substr(hash + 1)));
  const auto known = core_term(name);
  return "#" + (known.empty() ? std::string(trimmed(is_bare ? term : term.substr(hash + 1))) : std::string(known));
}

}  // namespace platefs::vo
