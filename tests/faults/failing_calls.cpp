// SPDX-License-Identifier: BSD-3-Clause
#include "tests/faults/failing_calls.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace platefs::test {
namespace {

struct Plan {
  std::atomic<bool> armed{false};
  char folder[512] = {};
  std::atomic<long> which{-1};
  std::atomic<long> counted{0};
  int error = 0;
  std::atomic<const char*> failed{nullptr};
};
Plan plan;

bool is_below(const char* path) {
  return path != nullptr && std::strncmp(path, plan.folder, std::strlen(plan.folder)) == 0;
}

bool is_below(int fd) {
  char link[64], path[512];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const auto length = ::readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return is_below(path);
}

/// It is this call's turn.
template <typename Place>
bool is_to_fail(const char* call, const Place& place) {
  if (!plan.armed || !is_below(place)) return false;
  if (plan.counted++ != plan.which) return false;
  plan.failed = call;
  return true;
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int failed() {
  errno = plan.error;
  return -1;
}

}  // namespace

FailingCall::FailingCall(const std::filesystem::path& folder, long which, const CallFailure& failure) {
  std::snprintf(plan.folder, sizeof plan.folder, "%s", folder.c_str());
  plan.which = which;
  plan.counted = 0;
  plan.error = failure.error;
  plan.failed = nullptr;
  plan.armed = true;
}

FailingCall::~FailingCall() { plan.armed = false; }

long FailingCall::counted() const { return plan.counted; }

std::string FailingCall::failed() const {
  const char* const call = plan.failed;
  return call == nullptr ? "" : call;
}

}  // namespace platefs::test

// The names are given by labels: headers may define the functions themselves as inline checks.
namespace {

using platefs::test::failed;
using platefs::test::is_to_fail;
using platefs::test::plan;
using platefs::test::real;

/// A failure that only writes know leaves other calls as they are.
bool fails(const char* call, const auto& place) { return is_to_fail(call, place) && plan.error != 0; }

}  // namespace

extern "C" {

int failing_open(const char* path, int flags, ...) __asm__("open");
int failing_open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, unsigned);
  va_end(more);
  if (fails("open", path)) return failed();
  return real<int(const char*, int, ...)>("open")(path, flags, mode);
}

int failing_fcntl(int fd, int command, ...) __asm__("fcntl");
int failing_fcntl(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  auto* const argument = va_arg(more, void*);
  va_end(more);
  if (fails("fcntl", fd)) return failed();
  return real<int(int, int, ...)>("fcntl")(fd, command, argument);
}

ssize_t failing_pread(int fd, void* into, size_t size, off_t at) __asm__("pread");
ssize_t failing_pread(int fd, void* into, size_t size, off_t at) {
  if (fails("pread", fd)) return failed();
  return real<ssize_t(int, void*, size_t, off_t)>("pread")(fd, into, size, at);
}

ssize_t failing_pwrite(int fd, const void* from, size_t size, off_t at) __asm__("pwrite");
ssize_t failing_pwrite(int fd, const void* from, size_t size, off_t at) {
  if (is_to_fail("pwrite", fd)) {
    if (plan.error != 0) return failed();
    size /= 2;
  }
  return real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(fd, from, size, at);
}

ssize_t failing_write(int fd, const void* from, size_t size) __asm__("write");
ssize_t failing_write(int fd, const void* from, size_t size) {
  if (is_to_fail("write", fd)) {
    if (plan.error != 0) return failed();
    size /= 2;
  }
  return real<ssize_t(int, const void*, size_t)>("write")(fd, from, size);
}

ssize_t failing_writev(int fd, const struct iovec* pieces, int count) __asm__("writev");
ssize_t failing_writev(int fd, const struct iovec* pieces, int count) {
  if (is_to_fail("writev", fd)) {
    if (plan.error != 0) return failed();
    count = count > 1 ? count / 2 : count;
  }
  return real<ssize_t(int, const struct iovec*, int)>("writev")(fd, pieces, count);
}

#define PLATEFS_FAILING(type, name, parameters, place, arguments) \
  type failing_##name parameters __asm__(#name);                  \
  type failing_##name parameters {                                \
    if (fails(#name, place)) return failed();                     \
    return real<type parameters>(#name) arguments;                \
  }

PLATEFS_FAILING(int, fdatasync, (int fd), fd, (fd))
PLATEFS_FAILING(int, fsync, (int fd), fd, (fd))
PLATEFS_FAILING(int, ftruncate, (int fd, off_t size), fd, (fd, size))
PLATEFS_FAILING(int, flock, (int fd, int what), fd, (fd, what))
PLATEFS_FAILING(int, fstat, (int fd, struct stat* facts), fd, (fd, facts))
PLATEFS_FAILING(int, unlink, (const char* path), path, (path))
PLATEFS_FAILING(int, remove, (const char* path), path, (path))
PLATEFS_FAILING(int, mkdir, (const char* path, mode_t mode), path, (path, mode))
PLATEFS_FAILING(int, rename, (const char* from, const char* to), from, (from, to))

}  // extern "C"
