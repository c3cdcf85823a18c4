// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/base/error.h"

namespace platefs::vo {

/// What a CURLcode means to platefs.
struct CurlFailure {
  ErrorKind kind;
  bool may_pass;  ///< asking again can help: false for a certificate that is not trusted
};

/// It failed before there was a connection.
bool is_about_reaching(int code);

/// `system_error` is the errno of a failed connect, else 0. Pure.
CurlFailure failure_of(int code, int system_error);

}  // namespace platefs::vo
