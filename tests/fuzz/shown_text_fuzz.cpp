// SPDX-License-Identifier: BSD-3-Clause
// Text of anybody as it is shown: one bounded line of UTF-8 without control characters; first words of a page.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/excerpt.h"
#include "vo/base/shown_text.h"
#include "vo/base/utf8.h"

namespace {

void check(const std::string& shown, std::size_t longest) {
  if (shown.size() > longest || !platefs::vo::is_utf8(shown)) std::abort();
  for (const char c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const std::size_t longest : {std::size_t{3}, std::size_t{40}, platefs::vo::kLongestShownText}) {
    check(platefs::vo::shown_text(text, longest), longest);
    check(platefs::vo::first_words(text, longest), longest);
  }
  return 0;
}
