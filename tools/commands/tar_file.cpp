// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/tar_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <numeric>
#include <optional>
#include <utility>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

constexpr std::uint64_t kBlock = 512, kRecord = 20 * kBlock;
constexpr std::size_t kLongestName = 100;
constexpr std::uint64_t kLargestSize = 077777777777;

void put(std::string& header, std::size_t at, std::string_view text) { header.replace(at, text.size(), text); }

/// A header of its own, the fields at their places in the standard.
std::string ustar(std::string_view name, std::uint64_t size, std::time_t time, char type, std::string_view link) {
  std::string header(kBlock, '\0');
  put(header, 0, name.substr(0, kLongestName));
  put(header, 100, "0000644");
  put(header, 108, "0000000");
  put(header, 116, "0000000");
  put(header, 124, fmt::format("{:011o}", std::min(size, kLargestSize)));
  put(header, 136, fmt::format("{:011o}", std::max<std::time_t>(time, 0)));
  put(header, 148, "        ");  // the sum is taken with blanks in its place
  header[156] = type;
  put(header, 157, link.substr(0, kLongestName));
  put(header, 257, std::string_view{"ustar\00000", 8});
  const auto sum = std::accumulate(header.begin(), header.end(), 0u, [](unsigned before, char each) {
    return before + static_cast<unsigned char>(each);
  });
  put(header, 148, std::string_view{fmt::format("{:06o}", sum)});
  header[154] = '\0';
  return header;
}

/// "LENGTH KEY=VALUE\n", where the length counts its own digits.
std::string pax_record(std::string_view key, std::string_view value) {
  const auto rest = key.size() + value.size() + 3;
  auto length = rest;
  while (length != rest + std::to_string(length).size()) length = rest + std::to_string(length).size();
  return fmt::format("{} {}={}\n", length, key, value);
}

bool fits(std::string_view name) {
  return name.size() <= kLongestName &&
         std::ranges::all_of(name, [](char each) { return static_cast<unsigned char>(each) < 0x80; });
}

std::string padded(std::string text) {
  text.resize((text.size() + kBlock - 1) / kBlock * kBlock);
  return text;
}

}  // namespace

std::string tar_header(const std::string& path, std::uint64_t size, std::time_t time, const std::string& link) {
  std::string records;
  if (!fits(path)) records += pax_record("path", path);
  if (!fits(link)) records += pax_record("linkpath", link);
  if (size > kLargestSize) records += pax_record("size", std::to_string(size));
  std::string header;
  if (!records.empty()) header = ustar("pax_header", records.size(), time, 'x', {}) + padded(records);
  return header + ustar(path, size, time, link.empty() ? '0' : '1', link);
}

namespace {

std::optional<std::uint64_t> number_in(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return problem == std::errc{} ? std::optional{number} : std::nullopt;
}

/// What an extended header says of the size of what follows.
std::optional<std::uint64_t> size_in(std::string_view records) {
  constexpr std::string_view kSize = " size=";
  const auto at = records.find(kSize);
  return at == records.npos ? std::nullopt : number_in(records.substr(at + kSize.size()), 10);
}

}  // namespace

std::vector<std::string> names_at_root(const std::filesystem::path& tar) {
  constexpr std::uint64_t kMostRecords = 1 << 20;
  std::vector<std::string> names;
  std::ifstream stream{tar, std::ios::binary};
  std::optional<std::uint64_t> told_size;
  for (std::string header(kBlock, '\0'); stream.read(header.data(), kBlock) && header.substr(257, 5) == "ustar";) {
    const auto size = number_in(std::string_view{header}.substr(124, 11), 8);
    if (!size) return names;
    const auto padding = (kBlock - *size % kBlock) % kBlock;
    if (header[156] == 'x') {
      if (*size > kMostRecords) return names;
      std::string records(*size + padding, '\0');
      if (!stream.read(records.data(), static_cast<std::streamsize>(records.size()))) return names;
      told_size = size_in(records);
      continue;
    }
    const auto name = header.substr(0, std::min(header.find('\0'), kLongestName));
    if (name.find('/') == name.npos) names.push_back(name);
    const auto bytes = std::exchange(told_size, std::nullopt).value_or(*size);
    stream.seekg(static_cast<std::streamoff>((bytes + kBlock - 1) / kBlock * kBlock), std::ios::cur);
  }
  return names;
}

TarFile::TarFile(std::filesystem::path file)
    : part_(std::move(file), PartFile::Writers::One), time_(std::time(nullptr)) {}

void TarFile::add(const std::string& path, std::uint64_t size, const std::function<void(const Take&)>& bring,
                  const std::string& second) {
  const auto before = part_.size();
  try {
    write(tar_header(path, size, time_));
    std::uint64_t brought = 0;
    bring([&](std::span<const std::byte> bytes) {
      part_.write(bytes);
      brought += bytes.size();
    });
    if (brought != size) {
      throw vo::Error{vo::ErrorKind::Changed, fmt::format("{} of {} bytes of {} came", brought, size, path)};
    }
    pad(kBlock);
    if (!second.empty()) write(tar_header(second, 0, time_, path));
  } catch (...) {
    part_.cut_to(before);
    throw;
  }
}

void TarFile::add(const std::string& path, std::string_view text) {
  add(path, text.size(), [text](const Take& take) { take(std::as_bytes(std::span{text})); });
}

void TarFile::finish() {
  write(std::string(2 * kBlock, '\0'));
  pad(kRecord);
  part_.finish();
}

void TarFile::pad(std::uint64_t block) {
  const auto behind = part_.size() % block;
  if (behind != 0) write(std::string(static_cast<std::size_t>(block - behind), '\0'));
}

}  // namespace platefs::tools
