// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/base64.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>

#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_values() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kDigitValues = digit_values();

std::uint32_t value_of(char c, std::size_t at) {
  const auto value = kDigitValues[static_cast<unsigned char>(c)];
  if (value == kNoDigit) {
    throw Error{ErrorKind::Malformed,
                fmt::format("base64: byte {:#04x} at offset {} is no digit", static_cast<unsigned char>(c), at)};
  }
  return value;
}

/// Groups of four digits become three bytes; "=" fills up the last group.
class Decoder {
 public:
  explicit Decoder(std::size_t digits) : bytes_(digits / 4 * 3 + 3, '\0') {}

  /// Four digits that are a group of their own; false, and nothing happened, where they are none.
  bool whole_group(std::string_view digits) {
    if (count_ != 0 || padding_ != 0) return false;
    std::uint32_t group = 0;
    std::uint8_t all = 0;
    for (const char c : digits) {
      const auto value = kDigitValues[static_cast<unsigned char>(c)];
      all |= value;
      group = group << 6 | value;
    }
    if ((all & 0xC0) != 0) return false;
    bytes_[size_] = static_cast<char>(group >> 16 & 0xFF);
    bytes_[size_ + 1] = static_cast<char>(group >> 8 & 0xFF);
    bytes_[size_ + 2] = static_cast<char>(group & 0xFF);
    size_ += 3;
    return true;
  }

  void digit(std::uint32_t value) {
    if (padding_ > 0) throw Error{ErrorKind::Malformed, "base64: digits after the padding"};
    group_ = group_ << 6 | value;
    if (++count_ == 4) flush(3);
  }
  void padding() { ++padding_; }

  std::string take() {
    if (count_ == 1 || (count_ > 0 && count_ + padding_ != 4) || (count_ == 0 && padding_ > 0)) {
      throw Error{ErrorKind::Malformed, "base64: the last group is incomplete"};
    }
    if (count_ > 0) finish_group();
    bytes_.resize(size_);
    return std::move(bytes_);
  }

 private:
  void finish_group() {
    const auto bytes = count_ - 1;
    group_ <<= 6 * (4 - count_);
    flush(bytes);
  }
  void flush(unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) bytes_[size_++] = static_cast<char>(group_ >> (16 - 8 * i) & 0xFF);
    group_ = 0;
    count_ = 0;
  }

  std::string bytes_;  ///< has room for all that the digits can give
  std::size_t size_ = 0;
  std::uint32_t group_ = 0;
  unsigned count_ = 0;
  unsigned padding_ = 0;
};

}  // namespace

bool Base64Pieces::append_to(std::string& bytes) {
  constexpr std::size_t kDigits = std::size_t{1} << 20;  // a multiple of four
  std::size_t digits = 0, end = 0;
  while (end < rest_.size() && digits < kDigits) digits += is_blank(rest_[end++]) ? 0 : 1;
  // Groups of four end where the stretch does; only the last one may be filled up.
  const auto piece = rest_.substr(0, end);
  rest_.remove_prefix(end);
  while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  if (!rest_.empty() && piece.find('=') != piece.npos) {
    throw Error{ErrorKind::Malformed, "base64: digits after the padding"};
  }
  bytes += base64_decoded(piece);
  return !rest_.empty();
}

std::string base64_decoded(std::string_view text) {
  Decoder decoder{text.size()};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at + 4 <= text.size() && decoder.whole_group(text.substr(at, 4))) {
      at += 3;
      continue;
    }
    const char c = text[at];
    if (is_blank(c)) continue;
    if (c == '=') {
      decoder.padding();
    } else {
      decoder.digit(value_of(c, at));
    }
  }
  return decoder.take();
}

}  // namespace platefs::vo
