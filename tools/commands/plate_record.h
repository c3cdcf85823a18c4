// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vo/fits/hdu/source.h"
#include "vo/votable/field_list.h"
#include "vo/votable/value.h"

namespace platefs::tools {

/// Where a plate's file is, for its rows in a table.
struct PlateFile {
  std::string access_url;  ///< as the table has it
  std::string path;        ///< of the file on its shelf: its identity, with the collection
  std::string version;     ///< of the file
  std::string collection;
  std::uint64_t size = 0;  ///< bytes
};

/// A row has a cell for each of the fields.
using PlateRow = std::vector<vo::VotableValue>;

/// The columns of such a table: those of ObsCore that a header tells, file_version, and problem, which says why a plate
/// has no place.
const std::vector<vo::VotableField>& plate_fields();
/// The number of one of these.
std::size_t plate_field(std::string_view name);

/// The rows of one plate by its headers, one for each WCS description (an exposure has its own), each with the
/// footprint of all of the image's edge, as the cutter sees it. A plate of which no place can be told has one row
/// without, and the reason. Throws Error where it is no FITS file of an image, or can't be read.
std::vector<PlateRow> plate_rows(vo::FitsSource& source, const PlateFile& file);

}  // namespace platefs::tools
