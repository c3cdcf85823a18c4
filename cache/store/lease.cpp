// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;

std::string reserved_name(std::uint64_t block) { return fmt::format("{}{:x}", kReserved, block); }

/// Locks a session file that somebody left. -1 when its process lives, or it is gone.
int lock_left_file(const stdfs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return -1;
  struct stat opened {
  }, named{};
  const bool is_ours = ::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd, &opened) == 0 &&
                       ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino;
  if (is_ours) return fd;
  ::close(fd);
  return -1;
}

/// Makes a session file that is locked before it has the name under which others look for it: between the
/// two they would take it for one whose process is dead. Throws std::system_error.
int make_locked_file(const stdfs::path& path) {
  std::error_code ignored;
  stdfs::create_directories(path.parent_path(), ignored);  // whoever tidied up took it along
  auto name = (path.parent_path() / "new-XXXXXX").string();
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  const bool made = fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::rename(name.c_str(), path.c_str()) == 0;
  if (made) return fd;
  const int code = errno;
  if (fd >= 0) {
    ::unlink(name.c_str());
    ::close(fd);
  }
  throw std::system_error(code, std::generic_category(), "creating " + path.string());
}

void remove_file(const stdfs::path& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace

Lease::Lease(LmdbEnv& env, const CacheDirectory& directory) : env_(env), directory_(directory) {
  clean_up_after_others();
  take_block();
  reserved_ = reserved_name(blocks_.front().number);
}

Lease::~Lease() {
  if (!abandoned_) give_back();
  for (const auto& block : blocks_) ::close(block.lock);
}

void Lease::abandon() {
  abandoned_ = true;
  std::error_code ignored;
  for (const auto& block : blocks_) {
    stdfs::remove_all(directory_.block(block.number), ignored);
    remove_file(directory_.session(block.number));
  }
}

void Lease::give_back() {
  try {
    for (const auto& block : blocks_) clean_up(block.number);
    for (const auto& block : blocks_) remove_file(directory_.session(block.number));
  } catch (const std::exception&) {  // LMDB's, or of a folder that can't be read
    // The session files stay, so the next process does it.
  }
}

void Lease::take_block() {
  std::uint64_t number = 0;
  change_index(env_, [&number](IndexChange& index) {
    number = index.number("next_block") + 1;
    index.put_number("next_block", number);
  });
  blocks_.push_back({number, make_locked_file(directory_.session(number))});
  used_of_block_ = 0;
}

ObjectId Lease::new_id() {
  if (used_of_block_ == kIdsOfBlock) take_block();
  return blocks_.back().number * kIdsOfBlock + used_of_block_++;
}

void Lease::clean_up_after_others() {
  for (const auto block : directory_.sessions()) {
    const int lock = lock_left_file(directory_.session(block));
    if (lock < 0) continue;
    clean_up(block);
    remove_file(directory_.session(block));
    ::close(lock);
  }
}

std::uint64_t Lease::remove_orphans() {
  std::uint64_t bytes = 0;
  for (const auto block : directory_.blocks()) {
    const auto is_it = [block](const Block& own) { return own.number == block; };
    if (std::ranges::any_of(blocks_, is_it)) continue;
    const int lock = lock_left_file(directory_.session(block));
    std::error_code ignored;
    const bool is_anothers = lock < 0 && stdfs::exists(directory_.session(block), ignored);
    if (!is_anothers) bytes += remove_unknown(block);
    if (lock >= 0) ::close(lock);
  }
  return bytes;
}

/// Returns the bytes of what was deleted.
std::uint64_t Lease::remove_unknown(std::uint64_t block) {
  std::uint64_t bytes = 0;
  std::error_code problem;
  const IndexView index(env_);
  for (const auto id : directory_.objects_of(block)) {
    if (index.object(id)) continue;
    const auto size = stdfs::file_size(directory_.object(id), problem);
    const bool is_known = !problem;
    if (stdfs::remove(directory_.object(id), problem) && is_known) bytes += size;
  }
  stdfs::remove(directory_.block(block), problem);  // if nothing is left in it
  return bytes;
}

void Lease::clean_up(std::uint64_t block) {
  remove_unknown(block);
  change_index(env_, [name = reserved_name(block)](IndexChange& index) {
    index.add("used", -static_cast<std::int64_t>(index.number(name)));
    index.remove_number(name);
  });
}

}  // namespace platefs::cache
