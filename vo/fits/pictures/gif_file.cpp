// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/gif_file.h"

#include <fmt/core.h>
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kGreys = 64;               // the grain hides the steps, and half the bytes are saved
constexpr int kMixtures = 256 - kGreys;  // 12 opacities of each mark over 8 greys
constexpr int kOpacities = 12, kGrounds = 8;
constexpr int kDepth = 8;

struct Colour {
  int red, green, blue;
};
constexpr std::array<Colour, 2> kMarks{{{0xE0, 0x3A, 0x00}, {0x00, 0x50, 0xB4}}};  // the target's, and other stars'
static_assert(kOpacities * kGrounds * static_cast<int>(kMarks.size()) == kMixtures);

Colour colour_of(int index) {
  if (index < kGreys) {
    const int level = (index * 255 + kGreys / 2) / (kGreys - 1);
    return {std::min(level, 255), std::min(level, 255), std::min(level, 255)};
  }
  const int place = (index - kGreys) % (kOpacities * kGrounds);
  const auto& mark = kMarks[static_cast<std::size_t>((index - kGreys) / (kOpacities * kGrounds))];
  const int opacity = place % kOpacities + 1, ground = place / kOpacities * 255 / (kGrounds - 1);
  const auto mixed = [&](int part) { return (part * opacity + ground * (kOpacities - opacity)) / kOpacities; };
  return {mixed(mark.red), mixed(mark.green), mixed(mark.blue)};
}

/// The nearest colour of the palette, for five bits of each part.
class Palette {
 public:
  Palette() {
    for (int i = 0; i < 256; ++i) colours_[static_cast<std::size_t>(i)] = colour_of(i);
    for (int key = 0; key < kKeys; ++key) nearest_[static_cast<std::size_t>(key)] = nearest(key);
  }
  static const Palette& shared() {
    static const Palette palette;
    return palette;
  }

  GifByteType index_of(std::uint32_t pixel) const {
    const int red = pixel >> 16 & 0xFF, green = pixel >> 8 & 0xFF, blue = pixel & 0xFF;
    // JPEG leaves a trace of colour in what is grey.
    if (std::max({red, green, blue}) - std::min({red, green, blue}) < 24) {
      return static_cast<GifByteType>((red * 77 + green * 150 + blue * 29) / 256 * (kGreys - 1) / 255);
    }
    return nearest_[static_cast<std::size_t>(red >> 3 << 10 | green >> 3 << 5 | blue >> 3)];
  }
  const Colour& operator[](std::size_t index) const { return colours_[index]; }

 private:
  static constexpr int kKeys = 1 << 15;

  GifByteType nearest(int key) const {
    const int red = (key >> 10 << 3) + 4, green = (key >> 5 << 3 & 0xFF) + 4, blue = (key << 3 & 0xFF) + 4;
    const auto distance = [&](const Colour& colour) {
      const int r = colour.red - red, g = colour.green - green, b = colour.blue - blue;
      return r * r + g * g + b * b;
    };
    return static_cast<GifByteType>(std::ranges::min_element(colours_, {}, distance) - colours_.begin());
  }

  std::array<Colour, 256> colours_{};
  std::array<GifByteType, kKeys> nearest_{};
};

int append(GifFileType* file, const GifByteType* bytes, int count) {
  try {
    const auto added = std::as_bytes(std::span{bytes, static_cast<std::size_t>(count)});
    auto& out = *static_cast<std::vector<std::byte>*>(file->UserData);
    out.insert(out.end(), added.begin(), added.end());
    return count;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

Error failure(int code) {
  const char* reason = GifErrorString(code);
  return {ErrorKind::LocalIo, fmt::format("an animation can't be written: {}", reason != nullptr ? reason : "unknown")};
}

std::string ascii(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

struct GifFile::Writer {
  int width, height;
  std::vector<std::byte> out;
  GifFileType* file = nullptr;

  void require(int done) const {
    if (done != GIF_OK) throw failure(file->Error);
  }
  void begin(const std::string& comment) const {
    std::array<GifColorType, 256> colours{};
    for (std::size_t i = 0; i < colours.size(); ++i) {
      const auto& colour = Palette::shared()[i];
      colours[i] = {static_cast<GifByteType>(colour.red), static_cast<GifByteType>(colour.green),
                    static_cast<GifByteType>(colour.blue)};
    }
    auto* map = GifMakeMapObject(static_cast<int>(colours.size()), colours.data());
    if (map == nullptr) throw failure(E_GIF_ERR_NOT_ENOUGH_MEM);
    EGifSetGifVersion(file, true);
    const int done = EGifPutScreenDesc(file, width, height, kDepth, 0, map);
    GifFreeMapObject(map);
    require(done);
    require(EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE));
    require(EGifPutExtensionBlock(file, 11, "NETSCAPE2.0"));
    const std::array<GifByteType, 3> for_ever{1, 0, 0};
    require(EGifPutExtensionBlock(file, static_cast<int>(for_ever.size()), for_ever.data()));
    require(EGifPutExtensionTrailer(file));
    require(EGifPutComment(file, comment.c_str()));
  }
};

GifFile::GifFile(int width, int height, const std::string& comment)
    : writer_(std::make_unique<Writer>(Writer{width, height, {}, nullptr})) {
  int code = 0;
  writer_->file = EGifOpen(&writer_->out, append, &code);
  if (writer_->file == nullptr) throw failure(code);
  try {
    writer_->begin(ascii(comment));
  } catch (...) {
    EGifCloseFile(writer_->file, &code);
    throw;
  }
}

GifFile::~GifFile() {
  int code = 0;
  if (writer_ && writer_->file != nullptr) EGifCloseFile(writer_->file, &code);
}

void GifFile::add(const Picture& frame, int centiseconds) {
  const auto& writer = *writer_;
  if (frame.width != writer.width || frame.height != writer.height) {
    throw Error{ErrorKind::Rejected, fmt::format("a frame of {} x {} pixels among others of {} x {}", frame.width,
                                                 frame.height, writer.width, writer.height)};
  }
  const GraphicsControlBlock control{DISPOSE_DO_NOT, false, centiseconds, NO_TRANSPARENT_COLOR};
  std::array<GifByteType, 4> bytes{};
  EGifGCBToExtension(&control, bytes.data());
  writer.require(EGifPutExtension(writer.file, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(bytes.size()), bytes.data()));
  writer.require(EGifPutImageDesc(writer.file, 0, 0, frame.width, frame.height, false, nullptr));
  std::vector<GifByteType> row(static_cast<std::size_t>(frame.width));
  const auto& palette = Palette::shared();
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) row[static_cast<std::size_t>(x)] = palette.index_of(frame.at(x, y));
    writer.require(EGifPutLine(writer.file, row.data(), frame.width));
  }
}

std::vector<std::byte> GifFile::take() {
  int code = 0;
  const int done = EGifCloseFile(std::exchange(writer_->file, nullptr), &code);
  if (done != GIF_OK) throw failure(code);
  return std::move(writer_->out);
}

}  // namespace platefs::vo
