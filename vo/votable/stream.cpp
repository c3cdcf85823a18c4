// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/stream.h"

#include <fmt/core.h>

#include "vo/base/ascii.h"
#include "vo/base/base64.h"
#include "vo/base/error.h"
#include "vo/base/inflate.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kLargestStream = std::size_t{192} << 20;
constexpr std::string_view kBetweenWords = " \t\r\n,;+";

bool says_gzip(std::string_view encoding) {
  bool is_gzip = false;
  for (auto begin = encoding.find_first_not_of(kBetweenWords); begin != std::string_view::npos;
       begin = encoding.find_first_not_of(kBetweenWords)) {
    encoding.remove_prefix(begin);
    const auto word = encoding.substr(0, encoding.find_first_of(kBetweenWords));
    encoding.remove_prefix(word.size());
    is_gzip = is_gzip || word == "gzip";
    if (word != "gzip" && word != "base64") {
      throw Error{ErrorKind::Malformed, fmt::format("STREAM encoding \"{}\" is not supported", as_utf8(word))};
    }
  }
  return is_gzip;
}

}  // namespace

std::string stream_bytes(std::string_view encoding, std::string_view text) {
  const bool is_gzip = says_gzip(lower_case(encoding));
  auto bytes = base64_decoded(text);
  return is_gzip ? gunzipped(bytes, kLargestStream) : bytes;
}

}  // namespace platefs::vo
