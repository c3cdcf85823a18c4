// SPDX-License-Identifier: BSD-3-Clause
// Headers that decide which bytes an answer holds and when to ask again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto range = http::parse_content_range(text)) {
    if (range->range.first > range->range.end) std::abort();
    if (range->total && range->range.end > *range->total) std::abort();
  }
  if (const auto wait = http::parse_retry_after(text, std::chrono::system_clock::time_point{})) {
    if (wait->count() < 0) std::abort();
  }
  http::Head head{200, Url::parse("http://a/"), {}};
  head.headers = {{"content-type", std::string{text}}, {"content-length", std::string{text}}};
  head.media_type();
  head.content_length();
  return 0;
}
