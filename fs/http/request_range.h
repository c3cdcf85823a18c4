// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vo/base/byte_range.h"

namespace platefs::fs {

/// What a Range header asks of a file (RFC 9110, section 14).
struct RequestedRange {
  enum class Answer {
    Whole,         ///< 200: there is no header, or one to be ignored (another unit, a wrong form, several ranges)
    Part,          ///< 206
    Unsatisfiable  ///< 416: it begins behind the end, or asks for the last 0 bytes
  };
  Answer answer = Answer::Whole;
  vo::ByteRange bytes = {};  ///< of Part; never empty
};

RequestedRange requested_range(std::string_view header, std::uint64_t file_size);

/// "bytes 0-99/1000"; of an empty range "bytes */1000".
std::string content_range(vo::ByteRange range, std::uint64_t file_size);

}  // namespace platefs::fs
