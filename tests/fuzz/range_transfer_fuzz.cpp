// SPDX-License-Identifier: BSD-3-Clause
// A stranger's answer to a request for ranges of a file: what is taken was asked for, and lies in the file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cache/fetch/multi_range_request.h"
#include "cache/fetch/response_check.h"
#include "vo/base/error.h"

namespace {

using namespace platefs;

constexpr std::uint64_t kSize = 1000;

/// Lines "name: value" up to an empty one; what follows is the body.
vo::http::Head head_of(int status, std::string_view& text) {
  vo::http::Head head{status, vo::Url::parse("http://a/f"), {}};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) break;
    const auto colon = std::min(line.find(": "), line.size());
    head.headers.emplace_back(std::string{line.substr(0, colon)},
                              std::string{line.substr(std::min(colon + 2, line.size()))});
  }
  return head;
}

void check_start(const vo::http::Head& head, std::string_view body) {
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{512}}) {
    try {
      const auto start = cache::body_start(head, first, first != 0, body.substr(0, 100));
      if (start.offset > start.end) std::abort();
      if (start.file_size && start.end != UINT64_MAX && start.end > *start.file_size) std::abort();
      cache::check_first_bytes(std::as_bytes(std::span{body}).first(std::min(body.size(), cache::kFirstBytes)),
                               cache::Expected::Fits, start.media_type, "http://a/f");
    } catch (const vo::Error&) {
      // refused
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const int status = data[0] % 3 == 0 ? 206 : data[0] % 3 == 1 ? 200 : 100 + data[0] * 2;
  const std::size_t piece = data[1] + std::size_t{1};
  std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto head = head_of(status, text);
  check_start(head, text);
  const cache::RangeRequest asked{{0, 5}, {10, 20}, {100, 612}};
  auto box = std::make_shared<cache::MultiRangeRequest::Box>();
  cache::MultiRangeRequest transfer{{vo::Url::parse("http://a/f"), kSize, {}}, asked, box};
  transfer.on_head(head);
  auto flow = vo::Flow::Continue;
  for (std::size_t at = 0; at < text.size() && flow != vo::Flow::Stop; at += piece) {
    flow = transfer.on_body(std::as_bytes(std::span{text.substr(at, piece)}));
  }
  transfer.on_end(flow == vo::Flow::Stop ? std::optional{vo::Error{vo::ErrorKind::Cancelled, "stopped"}}
                                         : std::nullopt);
  const auto answer = box->take({});
  if (answer.bytes.size() > 5 + 10 + 512) std::abort();
  for (const auto& range : answer.got.ranges()) {
    if (range.end > 612) std::abort();
  }
  return 0;
}
