// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace platefs::vo {

// Words of controlled vocabularies as archives and programs really write them: any case, blanks, quotes, the
// synonyms in use. A word that is not known is nothing to fail for: these functions say so, and the caller remarks
// on it. Thread-safe.

/// "ICRS", "FK5", "FK4" or "FK4-NO-E" for a value of RADESYS or RADECSYS (FITS 4.0 table 24; 'fk5', 'J2000',
/// 'ICRF2', 'FK5/J2000' …). Empty for another word, also for one that names no frame (UNKNOWN, GAPPT).
std::optional<std::string_view> frame_word(std::string_view text);

/// "UTC", or another scale of FITS 4.0 table 30 ("TT", "TAI", …) for a value of TIMESYS ('utc', 'UT', 'GMT',
/// 'UTC(NIST)'). Empty for another word.
std::optional<std::string_view> time_scale_word(std::string_view text);

/// "deg", "arcmin", "arcsec", "mas", "rad", "hourangle" for a unit of an axis on the sky ('DEGREES', 'arcseconds', '"'
/// …). Empty for another word.
std::optional<std::string_view> angle_unit_word(std::string_view text);

/// The cell has no value: blank, NULL, None, n/a, -.
bool says_nothing(std::string_view text);

/// What a media type says of a file, whatever its parameters.
enum class MediaWord {
  Fits,       ///< an image in FITS, whatever packs it
  FitsTable,  ///< FITS, but expressly no image
  Other,      ///< some known or well-formed type that is not FITS
  Unknown,    ///< none, or one that says nothing (octet-stream, gzip): names and first bytes decide
};
MediaWord media_word(std::string_view media_type);

/// A term of the DataLink core vocabulary as "#this", however it is spelled: bare, in capitals, with any of the
/// vocabulary's URIs in front, retired terms under their new names. Other URIs stay as they are; empty without a value.
std::string semantics_word(std::string_view text);

}  // namespace platefs::vo
