// SPDX-License-Identifier: BSD-3-Clause
// A URL of a stranger, resolved and queried: always http or https, and its own text means the same.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"
#include "vo/base/url.h"

namespace {

void check(const platefs::vo::Url& url) {
  if (url.scheme() != "http" && url.scheme() != "https") std::abort();
  if (platefs::vo::Url::parse(url.text()).text() != url.text()) std::abort();
  url.for_display();
  url.last_segment();
  url.origin();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  try {
    check(Url::parse("http://a/b/c;d?q").resolve(text));
  } catch (const Error&) {
    // no reference
  }
  try {
    const auto url = Url::parse(text);
    check(url);
    check(url.without_parameter("ID"));
    const auto asked = url.with_query({{"ID", std::string{text}}});
    check(asked);
    if (asked.parameter("ID").back() != text) std::abort();
  } catch (const Error&) {
    // no URL
  }
  return 0;
}
