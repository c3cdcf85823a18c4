// SPDX-License-Identifier: BSD-3-Clause
// How a C++ body runs under a C callback; for the *_ops.cpp files only.
#pragma once

#include <cerrno>
#include <utility>

#include "fs/fuse/fuse.h"
#include "fs/fuse/operations.h"
#include "vo/base/error.h"

namespace platefs::fs {

inline Operations& operations_of(fuse_req_t request) { return *static_cast<Operations*>(fuse_req_userdata(request)); }

/// Runs `body`; an exception becomes the reply's errno and a line in the log.
template <typename Body>
void finish_guarded(Operations& ops, Reply& reply, const Body& body) noexcept {
  try {
    body();
  } catch (...) {
    const auto error = vo::current_error("answering the kernel");
    ops.log(error.what());
    reply.error(error);
  }
}

/// Runs `body(operations, reply)`, which may move the reply away to answer later.
template <typename Body>
void guarded_call(fuse_req_t request, const Body& body) noexcept {
  auto& ops = operations_of(request);
  Reply reply{request};
  finish_guarded(ops, reply, [&] { body(ops, reply); });
}

}  // namespace platefs::fs
