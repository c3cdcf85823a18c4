// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/base/error.h"

namespace platefs::fs {

/// The one table that turns a kind of failure into what a program sees.
int errno_of(vo::ErrorKind kind) noexcept;

}  // namespace platefs::fs
