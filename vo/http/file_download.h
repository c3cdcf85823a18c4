// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <stop_token>

#include "vo/http/transport.h"

namespace platefs::vo {

/// Runs one request and writes the body of an answer of 200 to the file `fd`, which is borrowed, from where it stands:
/// for documents that are too large for memory. The body of another answer goes nowhere. Waits; throws the Error of a
/// failed transfer or disk, Error{Cancelled} on `stop`. The transfer waits for the disk, never the transfer thread.
http::Head fetch_to_file(Transport& transport, http::Request request, int fd, const std::stop_token& stop);

}  // namespace platefs::vo
