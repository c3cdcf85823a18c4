// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/response_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "vo/base/ascii.h"
#include "vo/base/packing.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

/// Nothing of that size is a file of an archive, and sums of such sizes would run over.
constexpr std::uint64_t kLargestFile = 1ull << 50;

constexpr std::size_t kExcerpt = 2000;

constexpr std::uint64_t kLargestUnannounced = 8ull << 30;
constexpr std::uint64_t kLargestUnannouncedPicture = 128ull << 20;

std::optional<std::uint64_t> plausible(std::optional<std::uint64_t> size, const vo::http::Head& head) {
  if (size.value_or(0) <= kLargestFile) return size;
  throw Error{ErrorKind::Malformed, fmt::format("{} claims to have {} bytes", head.url.for_display(), *size)};
}

BodyStart partial_start(const vo::http::Head& head, std::uint64_t asked_first) {
  const auto text = head.header("content-range").value_or("");
  const auto range = vo::http::parse_content_range(text);
  if (!range || range->range.first != asked_first || range->range.empty()) {
    throw Error{ErrorKind::Malformed, fmt::format("{} answered Content-Range '{}' to a request for bytes from {} on",
                                                  head.url.for_display(), text, asked_first)};
  }
  // What the server gave out counts the bytes of an encoding: the file's own size is hidden behind it.
  const bool is_encoded = head.header("content-encoding").has_value();
  const auto size = is_encoded ? std::nullopt : plausible(range->total, head);
  return {asked_first,
          range->range.end,
          size,
          validators_of(head),
          head.media_type(),
          true,
          head.waited,
          head.header("server").value_or("")};
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Packed ones are handed out as they are: programs know them by their first bytes.
bool begins_like_fits(std::string_view text) {
  return text.starts_with("SIMPLE  =") || !vo::packing_of(std::as_bytes(std::span{text})).empty();
}

bool begins_like_image(std::string_view text) {
  return text.starts_with("\xff\xd8\xff") || text.starts_with("\x89PNG") || text.starts_with("GIF8") ||
         text.starts_with("II*") || text.starts_with("MM") || text.starts_with("RIFF") ||
         text.starts_with(std::string_view("\0\0\0\x0cjP", 6)) || text.starts_with("BM");
}

bool is_page(std::string_view text, std::string_view media_type) {
  const auto type = vo::lower_case(media_type.substr(0, media_type.find(';')));
  if (type == "text/html" || type == "application/xhtml+xml") return true;
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\xef\xbb\xbf"), text.size()));
  return vo::starts_with_ignoring_case(text, "<!doctype html") || vo::starts_with_ignoring_case(text, "<html");
}

std::string_view name_of(Expected expected) {
  if (expected == Expected::Data) return "table of data";
  return expected == Expected::Fits ? "FITS file" : "picture";
}

std::string readable(std::string_view text) {
  std::string shown{text.substr(0, kFirstBytes)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
  return shown;
}

}  // namespace

vo::Flow add_to_excerpt(std::string& excerpt, std::span<const std::byte> bytes) {
  excerpt += as_text(bytes.first(std::min(kExcerpt - std::min(kExcerpt, excerpt.size()), bytes.size())));
  return excerpt.size() < kExcerpt ? vo::Flow::Continue : vo::Flow::Stop;
}

Validators validators_of(const vo::http::Head& head) {
  Validators validators;
  validators.etag = head.header("etag").value_or("");
  if (validators.etag.starts_with("W/")) validators.etag.clear();  // weak: may stand for other bytes
  validators.last_modified = head.header("last-modified").value_or("");
  return validators;
}

BodyStart body_start(const vo::http::Head& head, std::uint64_t asked_first, bool asked_range,
                     std::string_view excerpt) {
  if (head.status == 206 && asked_range) return partial_start(head, asked_first);
  if (head.status == 200) {
    const auto size = plausible(head.content_length(), head);
    return {0,           size.value_or(UINT64_MAX),         size, validators_of(head), head.media_type(), false,
            head.waited, head.header("server").value_or("")};
  }
  if (head.status == 204) {
    throw Error{ErrorKind::Rejected,
                fmt::format("{} answered 204: nothing of the plate there", head.url.for_display())};
  }
  if (head.status == 416 && asked_first == 0) {
    throw Error{ErrorKind::Malformed, fmt::format("{} is empty", head.url.for_display())};
  }
  if (head.status >= 400) throw vo::error_of_status(head, excerpt);
  throw Error{ErrorKind::Malformed,
              fmt::format("{} answered with the unexpected status {}", head.url.for_display(), head.status)};
}

void check_first_bytes(std::span<const std::byte> bytes, Expected expected, const std::string& media_type,
                       const std::string& url) {
  const auto text = as_text(bytes);
  const bool fits_ok = expected != Expected::Fits || begins_like_fits(text);
  const bool image_ok = expected != Expected::Image || begins_like_image(text);
  const bool data_ok = expected != Expected::Data || !is_page(text, media_type);
  if (fits_ok && image_ok && data_ok) return;
  throw Error{ErrorKind::Malformed,
              fmt::format("{} is no {}: it begins with \"{}\"{}", url, name_of(expected), readable(text),
                          media_type.empty() ? "" : fmt::format(" and calls itself {}", media_type))};
}

std::optional<Error> unannounced_excess(std::uint64_t bytes, Expected expected, const std::string& url) {
  const auto most = expected == Expected::Image ? kLargestUnannouncedPicture : kLargestUnannounced;
  if (bytes <= most) return std::nullopt;
  return Error{
      ErrorKind::Malformed,
      fmt::format("{} sends more than {} MiB and never said how much there is: no more is taken", url, most >> 20)};
}

bool same_version(const Validators& a, const Validators& b) {
  if (!a.etag.empty() && !b.etag.empty()) return a.etag == b.etag;
  if (!a.last_modified.empty() && !b.last_modified.empty()) return a.last_modified == b.last_modified;
  return true;
}

}  // namespace platefs::cache
