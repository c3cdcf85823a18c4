// SPDX-License-Identifier: BSD-3-Clause
// What LMDB calls in place of three functions of the C library (cache/CMakeLists.txt renames them in its
// archive). Its own waits have no end: a process that is stopped, or frozen with its container, while it
// holds one of the index's two mutexes would stop all others. And it tells processes apart by their ids,
// which containers that share a cache give out twice.
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

#include "cache/lmdb_waits.h"

namespace platefs::cache {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(3);
constexpr auto kImpatientFor = std::chrono::seconds(20);

/// Until then no time is lost with waiting once more; longer than until the next try.
std::atomic<Clock::rep> impatient_until{0};

bool is_patient() { return Clock::now().time_since_epoch().count() >= impatient_until.load(); }

int timed_out(int code) {
  impatient_until = (Clock::now() + kImpatientFor).time_since_epoch().count();
  return code;
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
  if (owner.load() != here) {         // the first call, or the first one after a fork: no other thread yet
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
  if (!is_patient()) return timed_out(ETIMEDOUT);
  timespec deadline{};
  ::clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += std::chrono::seconds(kPatience).count();
  const int waited = ::pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
  return waited == ETIMEDOUT ? timed_out(waited) : waited;
}

/// fcntl whose F_SETLKW gives up with EAGAIN.
int platefs_lmdb_fcntl(int fd, int command, ...) {
  using namespace platefs::cache;
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command != F_SETLKW) return ::fcntl(fd, command, argument);
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    const int code = ::fcntl(fd, F_SETLK, argument);
    if (code == 0 || (errno != EAGAIN && errno != EACCES)) return code;
    if (!is_patient()) return code;
    if (Clock::now() >= deadline) {
      timed_out(0);
      errno = EAGAIN;
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // extern "C"
