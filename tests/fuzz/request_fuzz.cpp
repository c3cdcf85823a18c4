// SPDX-License-Identifier: BSD-3-Clause
// What a client of `platefs serve` sends: the target, headers and the body of a PROPFIND, one in a line each. No path
// leads out, and what is encoded comes back; a range is within the file; no token is guessed; what is told is XML
// again.

#include <cstdint>
#include <cstdlib>
#include <pugixml.hpp>
#include <string_view>

#include "fs/http/access.h"
#include "fs/http/preconditions.h"
#include "fs/http/request_path.h"
#include "fs/http/request_range.h"
#include "fs/http/webdav.h"
#include "vo/base/error.h"

namespace {

using namespace platefs::fs;

constexpr const char* kHeaders[] = {"Host",          "Authorization",     "Range",    "If-Range",
                                    "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since",
                                    "Depth",         "Content-Length"};

/// What stands up to the end of the line, which is taken off.
std::string_view line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

void check_path(const RequestPath& path) {
  for (const auto& name : path.names) {
    if (name.empty() || name == "." || name == ".." || name.size() > 255) std::abort();
    if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos) std::abort();
  }
  const auto again = parse_request_path(encoded_path(path.names, path.is_directory || path.names.empty()));
  if (again.names != path.names) std::abort();
}

void check_range(std::string_view header) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, UINT64_MAX}) {
    const auto range = requested_range(header, size);
    const bool is_part = range.answer == RequestedRange::Answer::Part;
    if (is_part && (range.bytes.empty() || range.bytes.end > size)) std::abort();
    content_range(range.bytes, size);
  }
}

void check_properties(std::string_view body, const HttpRequest& request) {
  const auto wanted = parse_property_request(body);
  const Entry entry{.name = request.target,
                    .size = 1,
                    .media_type = "image/fits",
                    .validators = {"\"tag\"", 784'111'777},
                    .observed = -2'511'648'000};
  pugi::xml_document document;
  if (!document.load_string(multistatus({{request.target, entry}}, wanted).c_str())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  HttpRequest request;
  request.method = "GET";
  request.target = line(text);
  for (const auto* name : kHeaders) request.headers.emplace_back(name, line(text));
  check_range(request.header("Range"));
  const Validators validators{"\"tag\"", 784'111'777};
  evaluate_preconditions(request, validators);
  is_range_for(request, validators);
  depth_of(request.header("Depth"));
  if (const auto time = http_date_in(request.header("If-Modified-Since"));
      time && http_date_in(http_date(*time)) != time) {
    std::abort();
  }
  try {
    const auto path = parse_request_path(request.target);
    check_path(path);
    is_for_this_host(request, path);
    // The fuzzer does not know it.
    static const auto token = Access::new_token();
    if (Access{token}.verdict_on(request, path) != Access::Verdict::Refused) std::abort();
  } catch (const platefs::vo::Error&) {
    // no path
  }
  try {
    check_properties(text, request);
  } catch (const platefs::vo::Error&) {
    // no PROPFIND
  }
  return 0;
}
