// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/multipart_byteranges.h"

#include <fmt/core.h>

#include <algorithm>

#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kLongestBoundary = 70;      // RFC 2046 section 5.1.1
constexpr std::size_t kMostOverhead = 16 * 1024;  // a preamble or a part's headers

std::string_view unquoted(std::string_view value) {
  if (!value.starts_with('"')) return trimmed(value.substr(0, value.find(';')));
  value.remove_prefix(1);
  return value.substr(0, value.find('"'));
}

}  // namespace

std::optional<std::string> byteranges_boundary(std::string_view content_type) {
  const auto lower = lower_case(content_type);
  const auto type = trimmed(std::string_view{lower}.substr(0, lower.find(';')));
  if (type != "multipart/byteranges" && type != "multipart/x-byteranges") return std::nullopt;
  constexpr std::string_view kParameter = "boundary=";
  const auto found = lower.find(kParameter);
  if (found == std::string::npos) return std::nullopt;
  const auto boundary = unquoted(content_type.substr(found + kParameter.size()));
  if (boundary.empty() || boundary.size() > kLongestBoundary) return std::nullopt;
  return std::string{boundary};
}

MultipartByteranges::MultipartByteranges(std::string_view boundary, Listener& listener)
    : delimiter_(fmt::format("--{}", boundary)), listener_(listener) {}

void MultipartByteranges::take(std::span<const std::byte> bytes) {
  while (!bytes.empty() && place_ != Place::Behind) {
    bytes = bytes.subspan(place_ == Place::Body ? take_body(bytes) : take_line(bytes));
  }
}

std::size_t MultipartByteranges::take_body(std::span<const std::byte> bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  listener_.on_bytes(offset_, bytes.first(size));
  offset_ += size;
  left_ -= size;
  if (left_ == 0) place_ = Place::Between;
  return size;
}

std::size_t MultipartByteranges::take_line(std::span<const std::byte> bytes) {
  const auto end = std::ranges::find(bytes, std::byte{'\n'});
  const auto size = static_cast<std::size_t>(end - bytes.begin());
  overhead_ += size + 1;
  if (overhead_ > kMostOverhead) throw Error::malformed("the parts of a multipart answer are not in it");
  line_.append(reinterpret_cast<const char*>(bytes.data()), size);
  if (end == bytes.end()) return size;
  end_line();
  line_.clear();
  return size + 1;
}

void MultipartByteranges::end_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  place_ == Place::Between ? end_delimiter() : end_header();
}

/// What is no delimiter is the preamble, or the line break that belongs to the delimiter.
void MultipartByteranges::end_delimiter() {
  if (!line_.starts_with(delimiter_)) return;
  const auto rest = trimmed(std::string_view{line_}.substr(delimiter_.size()));
  if (rest == "--") place_ = Place::Behind;
  if (!rest.empty()) return;
  range_.reset();
  place_ = Place::Headers;
}

void MultipartByteranges::end_header() {
  if (line_.empty()) return begin_body();
  const auto colon = line_.find(':');
  if (colon == std::string::npos) throw Error::malformed("a part of a multipart answer has a broken head");
  if (lower_case(trimmed(std::string_view{line_}.substr(0, colon))) != "content-range") return;
  range_ = http::parse_content_range(std::string_view{line_}.substr(colon + 1));
}

void MultipartByteranges::begin_body() {
  if (!range_ || range_->range.empty()) {
    throw Error::malformed("a part of a multipart answer does not say which bytes it holds");
  }
  listener_.on_part(*range_);
  offset_ = range_->range.first;
  left_ = range_->range.size();
  overhead_ = 0;
  place_ = Place::Body;
}

}  // namespace platefs::vo
