// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/base/text.h"
#include "vo/base/url.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

class OwnProtocol;

/// The columns of one ivoa.ObsCore row that platefs acts on (ObsCore 1.1 section 4). Empty text and
/// nullopt are NULL. All columns, these and the archive's own, stay in PlateTable::table, with which the texts are
/// shared.
struct Plate {
  Text archive;         ///< configured name of the archive that answered
  Text authority;       ///< whose identifiers these are, see authority_of()
  std::size_t row = 0;  ///< its row in PlateTable::table
  /// Places in PlateTable::plates of further rows of the same exposure, each with an access_url of its own: other
  /// forms in which it can be had. Only the first row of an exposure has them.
  std::vector<std::size_t> further_rows;
  /// Tells rows of one obs_publisher_did apart: a digest of times, place, region and title, of all cells where these
  /// do not tell. Plates that were exposed several times have a row for each exposure.
  Text exposure;
  /// Empty where all rows of the obs_publisher_did name the same files; else a digest of the URLs of this one.
  Text own_files;
  /// What the scan is called where its obs_publisher_did stands for several exposures that have names; else empty.
  Text scan_name;
  Text obs_publisher_did;  ///< identity; where a service leaves it out, the access_url stands in
  Text obs_id, obs_collection, obs_title, target_name, dataproduct_type;
  Text access_url, access_format;
  Text facility_name, instrument_name;
  Text preview;   ///< URL; an addition of DaCHS
  Text unsolved;  ///< why no image of the place can be had of it, by the column of that name; empty: it can
  Text s_region;  ///< as served (STC-S or DALI text)
  std::optional<std::uint64_t> access_estsize_kb;
  std::optional<double> s_ra, s_dec;    ///< deg
  std::optional<double> s_fov;          ///< deg
  std::optional<double> s_pixel_scale;  ///< arcsec
  std::optional<std::int64_t> s_xel1, s_xel2;
  std::optional<double> t_min, t_max;   ///< MJD
  std::optional<double> t_exptime;      ///< s
  std::optional<double> t_min_refused;  ///< as served, where it names no date: t_min is empty then

  /// access_format says that access_url is a DataLink document (any spelling of the media type).
  bool is_datalink() const;
  /// access_format says FITS (image/fits, application/fits, image/x-fits-gzip …).
  bool is_fits() const;
};

/// The answer of one archive to one cone.
struct PlateTable {
  std::string archive;
  std::string authority;       ///< of its plates
  std::optional<Url> service;  ///< that answered, see service_url(): what the rows name is asked on its behalf
  Votable table;
  std::vector<Plate> plates;  ///< in the order of the rows
  bool truncated = false;     ///< the service cut the list short
  std::size_t copies = 0;     ///< rows left out of `plates`, since another one says the same in all cells
  std::size_t forms = 0;      ///< rows of `plates` that are but another form of an exposure
  /// The DataLink service attached to the TAP response, whose input refers to a FIELD of the table.
  std::optional<ServiceDescriptor> links_service;
  /// How files are had of a service that speaks no protocol of the Virtual Observatory; null for others.
  std::shared_ptr<const OwnProtocol> own;
  int links_id_column = -1;  ///< number of the FIELD that input refers to
};

/// Bytes of memory that the table takes, about.
std::uint64_t memory_of(const PlateTable& table);

/// Columns by name, any case, else by the end of their utype. Every row is a plate but for exact copies; rows of one
/// obs_publisher_did and one exposure with URLs of their own are forms of the first of them. Throws Error{Malformed}
/// when there is no table, or when it has neither obs_publisher_did nor access_url.
PlateTable plates_from(Votable table, const std::string& archive);

/// Media type in lower case without blanks and quotes: what two archives write differently.
std::string normalized_media_type(std::string_view text);
bool is_datalink_type(std::string_view media_type);
bool is_fits_type(std::string_view media_type);

}  // namespace platefs::vo
