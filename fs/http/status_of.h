// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "vo/base/error.h"

namespace platefs::fs {

/// An HTTP status (RFC 9110, section 15; RFC 4918 for 507).
struct HttpStatus {
  int code = 200;
  int retry_after = 0;  ///< seconds; 0: not said
};

/// What a failure is to a client; the same kinds that fs/fuse/errno_of.h makes an errno of.
///
/// | kind | errno of a mount | status |
/// |---|---|---|
/// | NotFound | ENOENT | 404 |
/// | NotAuthorized | EACCES | 403 |
/// | BadUsage | EINVAL | 400 |
/// | TimedOut | ETIMEDOUT | 504 |
/// | NoSpace | ENOSPC | 507 |
/// | Changed | ESTALE | 503, asked again at once |
/// | Refused, Unreachable | ECONNREFUSED, EHOSTUNREACH | 502 |
/// | Offline | ENETUNREACH | 503: nobody is asked |
/// | Unavailable (5xx, 429, broken connections) | EIO | 503, after a while |
/// | Rejected, Malformed | EIO | 502: what the archive said is of no use |
/// | Corrupt, LocalIo | EIO | 500: the cache's disk |
/// | Cancelled | EIO | 503: platefs ends |
HttpStatus status_of(vo::ErrorKind kind) noexcept;

/// "Not Found".
std::string phrase_of(int code);

}  // namespace platefs::fs
