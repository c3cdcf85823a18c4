// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "vo/base/ascii.h"

namespace platefs::demo {
namespace {

constexpr std::size_t kMostRanges = 200;
constexpr std::string_view kBoundary = "demo-archive-part-5e1f8a";

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "a-b", "a-" or "-n"; nothing when it is none of these.
std::optional<vo::ByteRange> range_of(std::string_view text, std::uint64_t size) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number(text.substr(0, dash)), last = number(text.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    return vo::ByteRange{size - std::min(*last, size), size};
  }
  if (!first || (!last && dash + 1 != text.size()) || (last && *last < *first)) return std::nullopt;
  return vo::ByteRange{*first, last ? std::min(*last, size - 1) + 1 : size};
}

std::string content_range(const vo::ByteRange& range, std::uint64_t size) {
  return fmt::format("bytes {}-{}/{}", range.first, range.end - 1, size);
}

Answer one_part(Answer answer, const StoredFile& file, const vo::ByteRange& range) {
  answer.status = 206;
  answer.set("Content-Type", file.media_type);
  answer.set("Content-Range", content_range(range, file.content->size()));
  answer.content = part_of(file.content, range.first, range.size());
  return answer;
}

Answer many_parts(Answer answer, const StoredFile& file, const std::vector<vo::ByteRange>& ranges) {
  std::vector<ContentPointer> parts;
  for (const auto& range : ranges) {
    parts.push_back(content_of_text(fmt::format("\r\n--{}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n", kBoundary,
                                                file.media_type, content_range(range, file.content->size()))));
    parts.push_back(part_of(file.content, range.first, range.size()));
  }
  parts.push_back(content_of_text(fmt::format("\r\n--{}--\r\n", kBoundary)));
  answer.status = 206;
  answer.set("Content-Type", fmt::format("multipart/byteranges; boundary={}", kBoundary));
  answer.content = joined(std::move(parts));
  return answer;
}

bool is_unmodified(const Request& request, const StoredFile& file) {
  const auto known = request.header("if-none-match");
  if (!known.empty()) return known == file.etag || known == "*";
  const auto since = request.header("if-modified-since");
  return !since.empty() && since == file.last_modified;
}

/// If-Range: the ranges hold only for the version that the client knows.
bool is_known_version(const Request& request, const StoredFile& file) {
  const auto version = request.header("if-range");
  return version.empty() || version == file.etag || version == file.last_modified;
}

}  // namespace

std::optional<std::vector<vo::ByteRange>> ranges_of(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!vo::starts_with_ignoring_case(header, kUnit)) return std::nullopt;
  header.remove_prefix(kUnit.size());
  std::vector<vo::ByteRange> ranges;
  for (std::size_t count = 0; !header.empty(); ++count) {
    const auto end = std::min(header.find(','), header.size());
    const auto range = range_of(vo::trimmed(header.substr(0, end)), size);
    if (!range || count == kMostRanges) return std::nullopt;
    if (range->first < size && !range->empty()) ranges.push_back(*range);
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return ranges;
}

Answer file_answer(const Request& request, const StoredFile& file) {
  Answer answer;
  answer.set("Accept-Ranges", "bytes");
  if (!file.etag.empty()) answer.set("ETag", file.etag);
  if (!file.last_modified.empty()) answer.set("Last-Modified", file.last_modified);
  if (is_unmodified(request, file)) {
    answer.status = 304;
    return answer;
  }
  const auto ranges =
      is_known_version(request, file) ? ranges_of(request.header("range"), file.content->size()) : std::nullopt;
  if (ranges && ranges->empty()) {
    answer.status = 416;
    answer.set("Content-Range", fmt::format("bytes */{}", file.content->size()));
    return answer;
  }
  if (ranges && ranges->size() == 1) return one_part(std::move(answer), file, ranges->front());
  if (ranges) return many_parts(std::move(answer), file, *ranges);
  answer.set("Content-Type", file.media_type);
  answer.content = file.content;
  return answer;
}

}  // namespace platefs::demo
