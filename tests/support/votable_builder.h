// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace platefs::test {

/// Base64 of RFC 4648 with padding.
inline std::string base64_of(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    const auto count = std::min<std::size_t>(bytes.size() - i, 3) + 1;
    for (std::size_t k = 0; k < 4; ++k) {
      text += k < count ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

/// The bytes of a BINARY stream, big-endian.
class Binary {
 public:
  Binary& u8(std::uint8_t value) { return number(value, 1); }
  Binary& i16(std::int16_t value) { return number(static_cast<std::uint16_t>(value), 2); }
  Binary& i32(std::int32_t value) { return number(static_cast<std::uint32_t>(value), 4); }
  Binary& i64(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 8); }
  Binary& f32(float value) { return number(std::bit_cast<std::uint32_t>(value), 4); }
  Binary& f64(double value) { return number(std::bit_cast<std::uint64_t>(value), 8); }
  /// As it is: the text of a fixed char array.
  Binary& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  /// With its length in front: a char array of variable length.
  Binary& text(std::string_view text) { return i32(static_cast<std::int32_t>(text.size())).raw(text); }

  const std::string& bytes() const { return bytes_; }
  std::string base64() const { return base64_of(bytes_); }

 private:
  Binary& number(std::uint64_t value, unsigned size) {
    for (unsigned i = size; i-- > 0;) bytes_ += static_cast<char>(value >> (8 * i) & 0xff);
    return *this;
  }
  std::string bytes_;
};

/// A whole document around the inside of its results RESOURCE.
inline std::string votable_document(std::string_view inside, std::string_view before = {},
                                    std::string_view after = {}) {
  std::string text = "<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">";
  text.append(before).append("<RESOURCE type=\"results\">").append(inside).append("</RESOURCE>");
  return text.append(after).append("</VOTABLE>");
}

/// A TABLE of these FIELDs whose DATA holds `data`.
inline std::string table(std::string_view fields, std::string_view data) {
  return std::string{"<TABLE>"}.append(fields).append("<DATA>").append(data).append("</DATA></TABLE>");
}

inline std::string tabledata(std::string_view rows) {
  return std::string{"<TABLEDATA>"}.append(rows).append("</TABLEDATA>");
}

inline std::string binary_stream(std::string_view form, const std::string& base64) {
  return std::string{"<"}
      .append(form)
      .append("><STREAM encoding=\"base64\">")
      .append(base64)
      .append("</STREAM></")
      .append(form)
      .append(">");
}

}  // namespace platefs::test
