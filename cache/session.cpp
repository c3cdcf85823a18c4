// SPDX-License-Identifier: BSD-3-Clause
#include "cache/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace platefs::cache {
namespace {

std::string reserved_name(std::uint64_t block) { return fmt::format("{}{:x}", kReserved, block); }

/// -1 when another process has it, or the file is gone.
int lock_file(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
  if (fd < 0) return -1;
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  return -1;
}

void remove_file(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace

Session::Session(LmdbEnv& env, const CacheDirectory& directory) : env_(env), directory_(directory) {
  clean_up_after_others();
  take_block();
  reserved_ = reserved_name(blocks_.front().number);
}

Session::~Session() {
  try {
    change_index(env_, [this](IndexChange& index) {
      index.add("used", -static_cast<std::int64_t>(index.number(reserved_)));
      index.remove_number(reserved_);
    });
    for (const auto& block : blocks_) remove_file(directory_.session(block.number));
  } catch (const LmdbError&) {
    // The session files stay, so the next process does it.
  }
  for (const auto& block : blocks_) ::close(block.lock);
}

void Session::take_block() {
  std::uint64_t number = 0;
  change_index(env_, [&number](IndexChange& index) {
    number = index.number("next_block") + 1;
    index.put_number("next_block", number);
  });
  const auto path = directory_.session(number);
  const int lock = lock_file(path, O_CREAT);
  if (lock < 0) {
    throw vo::Error(vo::ErrorKind::LocalIo,
                    fmt::format("creating {}: {}", path.string(), std::strerror(errno)));
  }
  blocks_.push_back({number, lock});
  used_of_block_ = 0;
}

ObjectId Session::new_id() {
  if (used_of_block_ == kIdsOfBlock) take_block();
  return blocks_.back().number * kIdsOfBlock + used_of_block_++;
}

void Session::clean_up_after_others() {
  for (const auto block : directory_.sessions()) {
    const int lock = lock_file(directory_.session(block), 0);
    if (lock < 0) continue;
    clean_up(block);
    remove_file(directory_.session(block));
    ::close(lock);
  }
}

void Session::clean_up(std::uint64_t block) {
  {
    const IndexView index(env_);
    for (const auto id : directory_.objects_of(block)) {
      if (!index.object(id)) remove_file(directory_.object(id));
    }
  }
  std::error_code ignored;
  std::filesystem::remove(directory_.block(block), ignored);   // if nothing is left in it
  change_index(env_, [name = reserved_name(block)](IndexChange& index) {
    index.add("used", -static_cast<std::int64_t>(index.number(name)));
    index.remove_number(name);
  });
}

}  // namespace platefs::cache
