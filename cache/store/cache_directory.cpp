// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/cache_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>

#include "cache/store/file_system.h"

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# A cache of platefs: safe to leave out of backups, safe to delete while nothing is mounted.\n"
    "# See https://bford.info/cachedir/\n";

[[noreturn]] void fail(const stdfs::path& path, const char* doing, const std::error_code& why) {
  throw std::system_error(why, fmt::format("{} {}", doing, path.string()));
}

/// Its owner's alone, whatever the umask; one that is there stays as it is.
void make_folder(const stdfs::path& path) {
  std::error_code problem;
  const auto parent = path.has_filename() ? path.parent_path() : path.parent_path().parent_path();
  if (!parent.empty()) stdfs::create_directories(parent, problem);
  if (!problem && stdfs::create_directory(path, problem)) {
    stdfs::permissions(path, stdfs::perms::owner_all, problem);
  }
  if (problem) fail(path, "creating the cache directory", problem);
  if (!stdfs::is_directory(path, problem))
    fail(path, "creating the cache directory", std::make_error_code(std::errc::not_a_directory));
}

std::optional<std::uint64_t> hex_number(const std::string& name) {
  std::uint64_t number = 0;
  const auto* end = name.data() + name.size();
  const auto [at, problem] = std::from_chars(name.data(), end, number, 16);
  if (problem != std::errc{} || at != end) return std::nullopt;
  return number;
}

std::vector<std::string> names_in(const stdfs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : stdfs::directory_iterator(folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

/// Of those in `folder` that are `prefix` and a hexadecimal number: the numbers.
std::vector<std::uint64_t> numbered_entries(const stdfs::path& folder, std::string_view prefix) {
  std::vector<std::uint64_t> numbers;
  for (const auto& name : names_in(folder)) {
    if (!name.starts_with(prefix)) continue;
    if (const auto number = hex_number(name.substr(prefix.size()))) numbers.push_back(*number);
  }
  return numbers;
}

/// Nothing that is no part of a cache: true of a directory that is not there yet, or was made for this one.
bool holds_nothing_else(const stdfs::path& directory) {
  const auto names = names_in(directory);
  return std::ranges::all_of(names, [](const std::string& name) {
    return name == "CACHEDIR.TAG" || name == "objects" || name == "sessions" || name == "in-use" ||
           name.starts_with("index.mdb") || name.starts_with("set-aside");
  });
}

/// A cache tells what its user looked at, and holds what an archive showed to this user alone: it is private, whoever
/// made the directory and with what umask. What belongs to another user stays as it is.
void make_private(const stdfs::path& folder) {
  struct stat facts {};
  const bool is_there = ::stat(folder.c_str(), &facts) == 0;
  const bool is_read_only = (facts.st_mode & 0200) == 0;  // made so for others to read, and to stay as it is
  const bool is_open = is_there && !is_read_only && (facts.st_mode & 0777) != 0700;
  if (is_open && facts.st_uid == ::geteuid()) static_cast<void>(::chmod(folder.c_str(), 0700));
}

std::string prefix_of(std::uint64_t incarnation) { return fmt::format("{:016x}-", incarnation); }

/// LMDB holds a lock on the first byte of its lock file as long as an index is open.
bool has_lmdb_lock(const stdfs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  const bool locked = ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return locked;
}

bool is_locked(const stdfs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  const bool locked = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return locked;
}

}  // namespace

CacheDirectory::CacheDirectory(stdfs::path path) : path_(std::move(path)) {}

/// Where nothing can be written, what is there may be looked at all the same.
void CacheDirectory::refuse_shared_file_system() const {
  if (!can_be_written(path_) && ::access(index().c_str(), W_OK) != 0) return;
  const auto name = shared_file_system_of(path_);
  if (name.empty()) return;
  throw vo::Error(vo::ErrorKind::LocalIo,
                  fmt::format("the cache directory {} is on {}, where locks and memory maps of several processes don't "
                              "hold; choose one on a local disk with --cache-dir (what is there already can be read: "
                              "--cache-base, or as a cache that can't be written)",
                              path_.string(), name));
}

void CacheDirectory::make() const {
  refuse_shared_file_system();
  make_folder(path_);
  for (const char* folder : {"objects", "sessions"}) make_folder(path_ / folder);
  std::error_code problem;
  const bool is_all_ours = holds_nothing_else(path_);
  for (const auto& folder : {path_ / "objects", path_ / "sessions"}) make_private(folder);
  if (is_all_ours) make_private(path_);
  const auto tag = path_ / "CACHEDIR.TAG";
  if (!stdfs::exists(tag, problem) || stdfs::is_empty(tag, problem)) std::ofstream(tag) << kTag;  // the disk was full
}

stdfs::path CacheDirectory::folder_of(const char* kind, std::uint64_t block) const {
  return path_ / kind / fmt::format("{}{:x}", prefix_of(incarnation_), block);
}

stdfs::path CacheDirectory::block(std::uint64_t block) const { return folder_of("objects", block); }

stdfs::path CacheDirectory::object(ObjectId id) const {
  return block(id / kIdsOfBlock) / fmt::format("{:x}", id % kIdsOfBlock);
}

stdfs::path CacheDirectory::session(std::uint64_t block) const { return folder_of("sessions", block); }

std::vector<ObjectId> CacheDirectory::objects_of(std::uint64_t block_number) const {
  auto ids = numbered_entries(block(block_number), "");
  for (auto& id : ids) id += block_number * kIdsOfBlock;
  return ids;
}

std::vector<std::uint64_t> CacheDirectory::blocks() const {
  return numbered_entries(objects(), prefix_of(incarnation_));
}

TableUsage CacheDirectory::table_usage() const {
  TableUsage usage;
  std::error_code problem;  // none yet, or one goes just now
  for (std::filesystem::directory_iterator at{tables(), problem}, end; !problem && at != end; at.increment(problem)) {
    std::error_code gone;
    const auto bytes = at->file_size(gone);
    if (gone) continue;
    ++usage.number;
    usage.bytes += bytes;
  }
  return usage;
}

std::vector<std::uint64_t> CacheDirectory::sessions() const {
  return numbered_entries(path_ / "sessions", prefix_of(incarnation_));
}

bool CacheDirectory::is_in_use() const {
  if (has_lmdb_lock(index_lock())) return true;
  const auto names = names_in(path_ / "sessions");
  return std::ranges::any_of(names, [&](const auto& name) { return is_locked(path_ / "sessions" / name); });
}

void CacheDirectory::sweep_other_incarnations() const {
  const auto ours = prefix_of(incarnation_);
  std::error_code ignored;
  for (const auto& name : names_in(path_ / "objects")) {
    const auto session_file = path_ / "sessions" / name;
    if (name.starts_with(ours) || is_locked(session_file)) continue;
    stdfs::remove_all(path_ / "objects" / name, ignored);
    stdfs::remove(session_file, ignored);
  }
}

stdfs::path CacheDirectory::set_aside(bool objects_too) const {
  std::error_code problem;
  auto aside = path_ / "set-aside";
  for (int n = 2; stdfs::exists(aside, problem); ++n) aside = path_ / fmt::format("set-aside-{}", n);
  stdfs::create_directory(aside, problem);
  if (problem) fail(aside, "setting the index aside in", problem);
  stdfs::rename(index(), aside / "index.mdb", problem);
  if (problem) fail(index(), "setting the index aside:", problem);
  stdfs::remove(index_lock(), problem);
  for (const char* folder : {"objects", "sessions"}) {
    if (objects_too) {
      stdfs::rename(path_ / folder, aside / folder, problem);
    } else {
      stdfs::remove_all(path_ / folder, problem);
    }
    if (problem) fail(path_ / folder, "setting the cache aside:", problem);
  }
  make();
  return aside;
}

}  // namespace platefs::cache
