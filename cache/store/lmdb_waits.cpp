// SPDX-License-Identifier: BSD-3-Clause
// What LMDB calls in place of three functions of the C library (cache/CMakeLists.txt renames them in its
// archive). Its own waits have no end: a process that is stopped, or frozen with its container, while it
// holds one of the index's two mutexes would stop all others. And it tells processes apart by their ids,
// which containers that share a cache give out twice.
#include "cache/store/lmdb_waits.h"

#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <random>
#include <thread>

namespace platefs::cache {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(3);
constexpr auto kImpatientFor = std::chrono::seconds(20);
/// Of one who waited in vain lately: as long as a commit of somebody else takes.
constexpr auto kShortPatience = std::chrono::milliseconds(50);

/// Until then little time is lost with waiting once more; longer than until the next try.
std::atomic<Clock::rep> impatient_until{0};

bool is_patient() { return Clock::now().time_since_epoch().count() >= impatient_until.load(); }

Clock::duration patience() { return is_patient() ? Clock::duration{kPatience} : Clock::duration{kShortPatience}; }

/// Only a whole wait in vain makes impatient: what is short may have been somebody's commit.
void note_timeout(Clock::duration waited) {
  if (waited >= kPatience) impatient_until = (Clock::now() + kImpatientFor).time_since_epoch().count();
}

timespec monotonic_in(Clock::duration wait) {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  const auto total = std::chrono::nanoseconds(wait).count() + at.tv_nsec;
  at.tv_sec += static_cast<time_t>(total / 1'000'000'000);
  at.tv_nsec = static_cast<long>(total % 1'000'000'000);
  return at;
}

/// Sets a lock, or fails at once. LMDB's lock on the first byte tells who is the first and the last to use the index,
/// and so makes and ends its mutexes. It is to belong to one opening: a lock of the process would go with any
/// descriptor of that file that the process closes.
int set_lock(int fd, void* lock) {
  const auto* const asked = static_cast<const struct flock*>(lock);
  const bool is_of_the_index = asked->l_start == 0 && asked->l_len == 1;
  if (!is_of_the_index) return ::fcntl(fd, F_SETLK, lock);
  const int code = ::fcntl(fd, F_OFD_SETLK, lock);
  const bool is_unknown_here = code != 0 && (errno == EINVAL || errno == ENOTSUP);
  return is_unknown_here ? ::fcntl(fd, F_SETLK, lock) : code;
}

int random_id() {
  std::random_device source;
  return static_cast<int>(source() % 0x3fffffff) + 1;
}

}  // namespace

int lmdb_process_id() {
  static std::atomic<pid_t> owner{0};
  static std::atomic<int> id{0};
  const pid_t here = ::getpid();
  if (owner.load() != here) {  // the first call, or the first one after a fork: no other thread yet
    id = random_id();
    impatient_until = 0;
    owner = here;
  }
  return id.load();
}

}  // namespace platefs::cache

extern "C" {

/// getpid: a number for this process that no other has in any container.
pid_t platefs_lmdb_getpid() { return platefs::cache::lmdb_process_id(); }

/// pthread_mutex_lock that gives up with ETIMEDOUT.
int platefs_lmdb_mutex_lock(pthread_mutex_t* mutex) {
  using namespace platefs::cache;
  const int code = ::pthread_mutex_trylock(mutex);
  if (code != EBUSY) return code;
  const auto wait = patience();
  const auto deadline = monotonic_in(wait);
  const int waited = ::pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
  if (waited == ETIMEDOUT) note_timeout(wait);
  return waited;
}

/// fcntl whose F_SETLKW gives up with EAGAIN.
int platefs_lmdb_fcntl(int fd, int command, ...) {
  using namespace platefs::cache;
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_SETLK) return set_lock(fd, argument);
  if (command != F_SETLKW) return ::fcntl(fd, command, argument);
  const auto wait = patience();
  const auto deadline = Clock::now() + wait;
  for (;;) {
    const int code = set_lock(fd, argument);
    if (code == 0 || (errno != EAGAIN && errno != EACCES)) return code;
    if (Clock::now() >= deadline) {
      note_timeout(wait);
      errno = EAGAIN;
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // extern "C"
