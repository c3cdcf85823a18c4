// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <deque>
#include <string>

#include "tests/support/held_transport.h"
#include "vo/base/byte_range.h"
#include "vo/base/error.h"

/// The server of the model test: what a few files were at every time, and how it answers for each.
namespace platefs::test::model {

constexpr std::size_t kFiles = 3;

enum class Manner { Good, NoRanges, NoLength, Fails, BreaksOff, SendsMore, SaysLess };

/// One version of a file at the server.
struct Version {
  std::string bytes;
  std::string etag;
};

inline Version make_version(std::uint32_t number, std::uint32_t random) {
  Version version;
  version.etag = fmt::format("\"{}\"", number);
  const std::size_t size = 10'000 + random % 280'000;
  version.bytes = "SIMPLE  =                    T";
  version.bytes.resize(size);
  std::uint64_t state = (std::uint64_t{number} << 32 | random) * 0x9e3779b97f4a7c15u + 1;
  for (std::size_t i = 30; i < size; ++i) {
    if (i % 8 == 0) state = state * 6364136223846793005u + 1442695040888963407u;
    version.bytes[i] = static_cast<char>(state >> (8 * (i % 8)));
  }
  return version;
}

/// The files at the server, all that they ever were.
class Server {
 public:
  Server() {
    for (auto& file : files_) file.versions.push_back(make_version(next_version_++, 100'000));
  }
  const Version& version(std::size_t file) const { return files_[file].versions.back(); }
  const std::deque<Version>& versions(std::size_t file) const { return files_[file].versions; }
  Manner manner(std::size_t file) const { return files_[file].manner; }
  /// To a new version; now and then back to one that it was before.
  void change(std::size_t file, std::uint32_t random) {
    auto& versions = files_[file].versions;
    const bool goes_back = random % 4 == 0 && versions.size() > 1;
    versions.push_back(goes_back ? Version(versions[random / 4 % (versions.size() - 1)])
                                 : make_version(next_version_++, random));
    ++troubles_[file];
  }
  void behave(std::size_t file, Manner manner) {
    files_[file].manner = manner;
    files_[file].was_nameless |= manner == Manner::NoLength;
    ++troubles_[file];
  }
  /// It was once sent without a validator: whether that was the version which has one, nobody can know.
  bool was_nameless(std::size_t file) const { return files_[file].was_nameless; }
  /// Counts what may excuse an error.
  int troubles(std::size_t file) const { return troubles_[file]; }
  static std::string url(std::size_t file) { return fmt::format("http://files.example/{}", file); }

  vo::http::Response answer(const vo::http::Request& request) const {
    const auto file = static_cast<std::size_t>(request.url.text().back() - '0');
    const auto& [bytes, etag] = version(file);
    const auto manner_now = manner(file);
    if (manner_now == Manner::Fails) throw vo::Error{vo::ErrorKind::Unavailable, "answered 503"};
    const bool is_whole = !request.range || manner_now == Manner::NoRanges || manner_now == Manner::NoLength;
    const auto range = is_whole ? vo::ByteRange{0, bytes.size()} : request.range->clipped_to(bytes.size());
    if (range.empty()) return response_to(request, 416, "");
    auto response = response_to(request, is_whole ? 200 : 206, bytes.substr(range.first, range.size()), "image/fits");
    auto& headers = response.head.headers;
    if (manner_now != Manner::NoLength) headers.emplace_back("etag", etag);
    if (is_whole && manner_now != Manner::NoLength)
      headers.emplace_back("content-length", fmt::to_string(bytes.size()));
    // A part that is announced shorter than it comes: what lies behind it is not to be believed.
    const auto announced = manner_now == Manner::SaysLess ? range.first + (range.size() + 1) / 2 : range.end;
    if (!is_whole) {
      headers.emplace_back("content-range", fmt::format("bytes {}-{}/{}", range.first, announced - 1, bytes.size()));
    }
    if (manner_now == Manner::SendsMore) response.body += std::string(70'000, 'x');
    if (manner_now == Manner::BreaksOff) response.body.resize(response.body.size() / 2);
    return response;
  }

 private:
  struct File {
    std::deque<Version> versions;
    Manner manner = Manner::Good;
    bool was_nameless = false;
  };
  std::array<File, kFiles> files_;
  std::array<int, kFiles> troubles_{};
  std::uint32_t next_version_ = 1;
};

}  // namespace platefs::test::model
