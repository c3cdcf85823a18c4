// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/file_system.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <vector>

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;

constexpr std::uint32_t kFuse = 0x65735546;

struct Shared {
  std::uint32_t magic;
  const char* name;
};

/// Of the kernel, and of those that are no part of it their own sources.
constexpr std::array<Shared, 16> kShared{{{0x6969, "NFS"},
                                          {0x517B, "SMB"},
                                          {0xFF534D42, "SMB"},
                                          {0xFE534D42, "SMB"},
                                          {0x5346414F, "AFS"},
                                          {0x6B414653, "AFS"},
                                          {0x73757245, "Coda"},
                                          {0x00C36400, "Ceph"},
                                          {0x0BD00BD0, "Lustre"},
                                          {0x47504653, "GPFS"},
                                          {0x19830326, "BeeGFS"},
                                          {0x20030528, "OrangeFS"},
                                          {0x01161970, "GFS2"},
                                          {0x7461636F, "OCFS2"},
                                          {0xAAD7AAEA, "Panasas"},
                                          {0x01021997, "9p"}}};

/// Programs that pass on to nothing but this machine's disks.
bool is_local_program(std::string_view type) {
  return type == "fuseblk" || type == "fuse.fuse-overlayfs" || type == "fuse.gocryptfs" || type == "fuse.encfs";
}

stdfs::path nearest_that_is_there(const stdfs::path& path) {
  std::error_code problem;
  auto at = stdfs::absolute(path, problem);
  while (!stdfs::exists(at, problem) && at.has_relative_path()) at = at.parent_path();
  return at;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::string mountinfo() {
  std::ostringstream text;
  text << std::ifstream{"/proc/self/mountinfo"}.rdbuf();
  return text.str();
}

}  // namespace

std::string shared_file_system(std::uint32_t magic, std::string_view type) {
  if (magic == kFuse) {
    if (is_local_program(type)) return {};
    return type.empty() || type == "fuse" ? "FUSE" : std::string{type};
  }
  const auto* const found = std::ranges::find(kShared, magic, &Shared::magic);
  return found == kShared.end() ? "" : found->name;
}

std::string mount_type(std::string_view mountinfo, std::string_view device) {
  constexpr std::size_t kDevice = 2;
  while (!mountinfo.empty()) {
    const auto end = std::min(mountinfo.find('\n'), mountinfo.size());
    const auto words = words_of(mountinfo.substr(0, end));
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    if (words.size() <= kDevice || words[kDevice] != device) continue;
    // Behind a number of optional fields that ends in "-".
    const auto dash = std::find(words.begin() + kDevice, words.end(), "-");
    if (dash != words.end() && dash + 1 != words.end()) return std::string{dash[1]};
  }
  return {};
}

std::string shared_file_system_of(const stdfs::path& path) {
  const auto at = nearest_that_is_there(path);
  struct statfs facts {};
  struct stat named {};
  if (::statfs(at.c_str(), &facts) != 0 || ::stat(at.c_str(), &named) != 0) return {};
  const auto magic = static_cast<std::uint32_t>(facts.f_type);
  if (magic != kFuse) return shared_file_system(magic, {});
  return shared_file_system(magic,
                            mount_type(mountinfo(), fmt::format("{}:{}", major(named.st_dev), minor(named.st_dev))));
}

bool can_be_written(const stdfs::path& path) { return ::access(nearest_that_is_there(path).c_str(), W_OK) == 0; }

}  // namespace platefs::cache
