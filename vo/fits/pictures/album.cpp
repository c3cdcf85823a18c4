// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/album.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "vo/base/error.h"
#include "vo/fits/pictures/canvas.h"
#include "vo/fits/pictures/gif_file.h"

namespace platefs::vo {
namespace {

constexpr int kFrameCentiseconds = 40;
constexpr std::size_t kLargeFrames = 60;  // more of them are smaller: some 15 MB in all at the most
constexpr int kSmallFrame = 281;
constexpr int kWidestSheet = 2400, kWidestStamp = 300, kGap = 6;

void require_some(const StampAlbum& album) {
  if (album.stamps.empty()) throw Error{ErrorKind::NotFound, "no plate has a stamp of this place"};
}

std::string told_number(const StampAlbum& album, std::size_t shown) {
  return fmt::format("{} of {} plates", shown, std::max(album.plates, album.stamps.size()));
}

/// The frame's number, which no plate's name or date is in the way of.
Picture numbered(const Picture& stamp, int size, std::size_t number, std::size_t count) {
  Canvas canvas{Picture{size, size, 0}};
  canvas.place(stamp, 0, 0, size, size);
  canvas.text(0.03 * size, 0.065 * size, fmt::format("{}/{}", number, count), 0.036 * size, 0x111111, 0xFFFFFF);
  return canvas.take();
}

}  // namespace

std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> taken;
  const auto wanted = std::min(count, most);
  for (std::size_t i = 0; i < wanted; ++i) {
    taken.push_back(wanted == 1 ? 0 : (i * (count - 1) + (wanted - 1) / 2) / (wanted - 1));
  }
  return taken;
}

std::vector<std::byte> animation_of(const StampAlbum& album) {
  require_some(album);
  const auto taken = spread(album.stamps.size(), kMostFrames);
  const int size = taken.size() > kLargeFrames ? kSmallFrame : kStampSize;
  GifFile file{size, size, fmt::format("{}: {}, by platefs", album.place, told_number(album, taken.size()))};
  std::size_t number = 0;
  for (const auto i : taken) {
    const auto stamp = picture_of_jpeg(album.stamps[i]);
    if (stamp.width != kStampSize || stamp.height != kStampSize) {
      throw Error{ErrorKind::Malformed, fmt::format("a stamp of {} x {} pixels", stamp.width, stamp.height)};
    }
    file.add(numbered(stamp, size, ++number, taken.size()), kFrameCentiseconds);
  }
  return file.take();
}

std::vector<std::byte> contact_sheet_of(const StampAlbum& album, Tone tone) {
  require_some(album);
  const auto taken = spread(album.stamps.size(), kMostOnSheet);
  const int count = static_cast<int>(taken.size());
  const int columns = std::min(count, std::max(4, static_cast<int>(std::ceil(std::sqrt(1.4 * count)))));
  const int side = std::min(kWidestStamp, (kWidestSheet - kGap) / columns - kGap);
  const int rows = (count + columns - 1) / columns;
  const double text_size = 24;
  const int head = static_cast<int>(2.2 * text_size);
  const bool is_light = tone == Tone::StarsDark;
  Canvas canvas{Picture{columns * (side + kGap) + kGap, head + rows * (side + kGap) + kGap, is_light ? 0xFFFFFFu : 0u}};
  const std::uint32_t ink = is_light ? 0x111111u : 0xF5F5F5u, halo = is_light ? 0xFFFFFFu : 0u;
  canvas.text(2 * kGap, 1.5 * text_size, album.place + " · " + told_number(album, taken.size()), text_size, ink, halo);
  for (int n = 0; n < count; ++n) {
    const double x = kGap + n % columns * (side + kGap), y = head + n / columns * (side + kGap);
    canvas.place(picture_of_jpeg(album.stamps[taken[static_cast<std::size_t>(n)]]), x, y, side, side);
  }
  return jpeg_of(canvas.take());
}

}  // namespace platefs::vo
