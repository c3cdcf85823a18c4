// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/mapped_pages.h"

#include <sys/mman.h>

#include <cinttypes>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace platefs::cache {
namespace {

constexpr std::uint64_t kReadsBetweenReleases = 256;  // most pages on the way to a place are on that to others, too

struct Mapping {
  std::uint64_t begin = 0, end = 0;
  std::string_view file;
};

/// Of a line of /proc/self/maps: two addresses, four words, a name.
std::optional<Mapping> mapping_in(std::string_view line) {
  Mapping mapping;
  int name = 0;
  const std::string text{line};
  const int found =
      std::sscanf(text.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &mapping.begin, &mapping.end, &name);
  if (found != 2 || name == 0) return std::nullopt;
  mapping.file = line.substr(static_cast<std::size_t>(name));
  return mapping;
}

}  // namespace

void MappedPages::find(int descriptor, const void* inside) noexcept {
  begin_ = nullptr;
  bytes_ = 0;
  try {
    const auto address = reinterpret_cast<std::uintptr_t>(inside);
    const auto file = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor)).string();
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);) {
      const auto mapping = mapping_in(line);
      if (!mapping || address < mapping->begin || address >= mapping->end) continue;
      if (mapping->file != file) return;
      begin_ = reinterpret_cast<void*>(mapping->begin);  // NOLINT(performance-no-int-to-ptr)
      bytes_ = mapping->end - mapping->begin;
      return;
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): they stay, then
  }
}

void MappedPages::release() noexcept {
  reads_.store(0, std::memory_order_relaxed);
  if (begin_ != nullptr) static_cast<void>(::madvise(begin_, bytes_, MADV_DONTNEED));
}

void MappedPages::note_read() noexcept {
  if (reads_.fetch_add(1, std::memory_order_relaxed) + 1 >= kReadsBetweenReleases) release();
}

}  // namespace platefs::cache
