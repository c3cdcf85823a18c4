// SPDX-License-Identifier: BSD-3-Clause
#include "cache/cache_directory.h"

#include <fmt/format.h>
#include <sys/statfs.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# A cache of platefs: safe to leave out of backups, safe to delete while nothing is mounted.\n"
    "# See https://bford.info/cachedir/\n";

[[noreturn]] void fail(const stdfs::path& path, const char* doing, const std::error_code& why) {
  const auto kind = why == std::errc::no_space_on_device ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo;
  throw vo::Error(kind, fmt::format("{} {}: {}", doing, path.string(), why.message()));
}

void refuse_network_file_system(const stdfs::path& path) {
  struct statfs facts {};
  if (::statfs(path.c_str(), &facts) != 0) return;
  const char* name = nullptr;
  switch (static_cast<std::uint32_t>(facts.f_type)) {
    case 0x6969: name = "NFS"; break;
    case 0x517B: case 0xFF534D42: case 0xFE534D42: name = "SMB"; break;
    case 0x5346414F: name = "AFS"; break;
    case 0x00C36400: name = "Ceph"; break;
    case 0x0BD00BD0: name = "Lustre"; break;
    case 0x47504653: name = "GPFS"; break;
    default: return;
  }
  throw vo::Error(vo::ErrorKind::LocalIo,
                  fmt::format("the cache directory {} is on {}, where several processes can't share an "
                              "index; choose one on a local disk with --cache-dir",
                              path.string(), name));
}

std::optional<std::uint64_t> hex_number(const std::string& name) {
  std::uint64_t number = 0;
  const auto* end = name.data() + name.size();
  const auto [at, problem] = std::from_chars(name.data(), end, number, 16);
  if (problem != std::errc{} || at != end) return std::nullopt;
  return number;
}

/// Names in `folder` that are hexadecimal numbers.
std::vector<std::uint64_t> numbered_entries(const stdfs::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code ignored;
  for (const auto& entry : stdfs::directory_iterator(folder, ignored)) {
    if (const auto number = hex_number(entry.path().filename().string())) numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

CacheDirectory::CacheDirectory(stdfs::path path) : path_(std::move(path)) {
  make_folders();
  refuse_network_file_system(path_);
}

void CacheDirectory::make_folders() const {
  std::error_code problem;
  const bool existed = stdfs::exists(path_, problem);
  for (const char* folder : {"objects", "sessions"}) {
    stdfs::create_directories(path_ / folder, problem);
    if (problem) fail(path_ / folder, "creating the cache directory", problem);
  }
  if (!existed) stdfs::permissions(path_, stdfs::perms::owner_all, problem);
  if (const auto tag = path_ / "CACHEDIR.TAG"; !stdfs::exists(tag, problem)) {
    std::ofstream(tag) << kTag;
  }
}

stdfs::path CacheDirectory::block(std::uint64_t block) const {
  return path_ / "objects" / fmt::format("{:x}", block);
}

stdfs::path CacheDirectory::object(ObjectId id) const {
  return block(id / kIdsOfBlock) / fmt::format("{:x}", id % kIdsOfBlock);
}

stdfs::path CacheDirectory::session(std::uint64_t block) const {
  return path_ / "sessions" / fmt::format("{:x}", block);
}

std::vector<ObjectId> CacheDirectory::objects_of(std::uint64_t block_number) const {
  auto ids = numbered_entries(block(block_number));
  for (auto& id : ids) id += block_number * kIdsOfBlock;
  return ids;
}

std::vector<std::uint64_t> CacheDirectory::sessions() const { return numbered_entries(path_ / "sessions"); }

stdfs::path CacheDirectory::set_aside(bool objects_too) const {
  std::error_code problem;
  auto aside = path_ / "set-aside";
  for (int n = 2; stdfs::exists(aside, problem); ++n) aside = path_ / fmt::format("set-aside-{}", n);
  stdfs::create_directory(aside, problem);
  if (problem) fail(aside, "setting the index aside in", problem);
  stdfs::rename(index(), aside / "index.mdb", problem);
  if (problem) fail(index(), "setting the index aside:", problem);
  stdfs::remove(path_ / "index.mdb-lock", problem);
  for (const char* folder : {"objects", "sessions"}) {
    if (objects_too) {
      stdfs::rename(path_ / folder, aside / folder, problem);
    } else {
      stdfs::remove_all(path_ / folder, problem);
    }
    if (problem) fail(path_ / folder, "setting the cache aside:", problem);
  }
  make_folders();
  return aside;
}

}  // namespace platefs::cache
