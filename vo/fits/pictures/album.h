// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vo/fits/pictures/stamp.h"

namespace platefs::vo {

/// The stamps of one target, in the order of their dates.
struct StampAlbum {
  std::string place;                           ///< whose surroundings these are
  std::size_t plates = 0;                      ///< how many plates there are, with those that have no stamp
  std::vector<std::vector<std::byte>> stamps;  ///< JPEG files of stamp_of
};

inline constexpr std::size_t kMostFrames = 240;   ///< of an animation
inline constexpr std::size_t kMostOnSheet = 400;  ///< of a contact sheet

/// Which of `count` are taken where at most `most` may be: evenly spread, the first and the last among them.
std::vector<std::size_t> spread(std::size_t count, std::size_t most);

/// blink.gif: one frame for each stamp, 0.4 s each, for ever; the frame says which it is of how many. At most
/// kMostFrames, spread evenly; where there are more than 60 they are smaller. Throws Error{Rejected} where there is no
/// stamp, Error{Malformed} for what is none.
std::vector<std::byte> animation_of(const StampAlbum& album);

/// contact.jpg: all of them side by side in rows, under a line that tells the place and how many of how many plates are
/// on it. At most kMostOnSheet, spread evenly, and at most 2400 pixels wide. Throws as animation_of.
std::vector<std::byte> contact_sheet_of(const StampAlbum& album, Tone tone);

}  // namespace platefs::vo
