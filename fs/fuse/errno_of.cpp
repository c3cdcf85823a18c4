// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/errno_of.h"

#include <cerrno>

namespace platefs::fs {

int errno_of(vo::ErrorKind kind) noexcept {
  using enum vo::ErrorKind;
  switch (kind) {
    case NotFound:
      return ENOENT;
    case NotAuthorized:
      return EACCES;
    case TimedOut:
      return ETIMEDOUT;
    case NoSpace:
      return ENOSPC;
    case Changed:
      return ESTALE;
    case Refused:
      return ECONNREFUSED;
    case Unreachable:
      return EHOSTUNREACH;
    case Offline:
      return ENETUNREACH;
    case BadUsage:
      return EINVAL;
    case Cancelled:  // nobody interrupted the caller, who would have EINTR already: its question was dropped
    case Unavailable:
    case Rejected:
    case Malformed:
    case Corrupt:
    case LocalIo:
      return EIO;
  }
  return EIO;
}

}  // namespace platefs::fs
