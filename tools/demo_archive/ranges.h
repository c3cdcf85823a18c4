// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/demo_archive/http.h"
#include "vo/base/byte_range.h"

namespace platefs::demo {

/// The byte ranges of a Range header against a file of `size` bytes (RFC 9110 section 14.2), in the
/// order asked, those past the end left out. Nothing when the header must be ignored (another unit,
/// a wrong form, more than 200 ranges); an empty list when none can be satisfied.
std::optional<std::vector<vo::ByteRange>> ranges_of(std::string_view header, std::uint64_t size);

/// A stored file and what HTTP says of it. Empty validators are not sent.
struct StoredFile {
  ContentPointer content;
  std::string media_type;
  std::string etag;           ///< with its quotes
  std::string last_modified;  ///< an HTTP date
};

/// 200, 206 (one range, or multipart/byteranges), 304 or 416, as Range, If-Range, If-None-Match and
/// If-Modified-Since want it.
Answer file_answer(const Request& request, const StoredFile& file);

}  // namespace platefs::demo
