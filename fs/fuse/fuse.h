// SPDX-License-Identifier: BSD-3-Clause
// The one place that chooses libfuse's API version; included by sources only.
#pragma once

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
