// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/demo_archive/plate_solution.h"

namespace platefs::demo {

/// Collections as archives publish them.
enum class Collection {
  Dasch,       ///< #this downsampled, #coderived full, #preview-image, SODA that takes POS
  Heidelberg,  ///< #this full, #preview, SODA that takes CIRCLE, POLYGON and POS
  Applause,    ///< #this and #preview on another server, no SODA
  Loose,       ///< access_url is the FITS file
};

/// What is wrong with a plate, or special.
enum class Peculiarity {
  None,
  Withdrawn,    ///< DataLink answers NotFoundFault
  SodaFails,    ///< SODA answers 500
  FixedCutout,  ///< SODA answers one size whatever is asked
  Packed,       ///< tile-compressed, RICE_1
  Unsolved,     ///< no coordinates in the header
  Undated,      ///< no t_min, no DATE-OBS
};

/// One exposure of a plate. Value type.
struct Exposure {
  std::optional<double> t_min;  ///< MJD
  double seconds = 1800;
  PlateSolution solution;
};

/// One plate of the demo archive, from which its row, its documents and its files follow. Value type.
struct Plate {
  Collection collection = Collection::Dasch;
  std::string id;                          ///< "b01941"
  std::string authority = "platefs.demo";  ///< who publishes it: the host of its DID
  std::optional<double> t_min;             ///< MJD
  double exposure_seconds = 1800;
  PlateSolution solution;
  std::vector<Exposure> further = {};  ///< exposures behind the first; all forms of solutions take letters then
  int width = 900, height = 800;
  Peculiarity peculiarity = Peculiarity::None;
  bool is_in_memory = false;  ///< drawn when it is asked for, never on disk

  bool is(Peculiarity other) const { return peculiarity == other; }
  std::string publisher_did() const;
  std::optional<double> t_max() const;
  /// All of them in the order of time.
  std::vector<Exposure> exposures() const;
  /// Cards of all solutions as the collection's pipeline writes them: DASCH's tags each with a letter and leaves the
  /// last one also without, APPLAUSE's has the first without a letter and tags the others.
  std::vector<std::string> solution_cards() const;
  /// Corners of its s_region.
  std::vector<vo::IcrsPosition> outline() const;
};

std::string_view name_of(Collection collection);
/// "dasch": the first segment of its paths.
std::string_view folder_of(Collection collection);
bool has_datalink(Collection collection);
bool has_soda(const Plate& plate);

/// File names of a plate, without folder; empty where the collection has none.
std::string full_name(const Plate& plate);
std::string reduced_name(const Plate& plate);
std::string preview_name(const Plate& plate);

inline constexpr int kBinning = 4;  ///< pixels of the full plate in one of the reduced

}  // namespace platefs::demo
