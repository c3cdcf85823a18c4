// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// XXH3 of libxxhash, for x86 in its dispatched form: with AVX2 or AVX-512 where the machine has them, which hashes
// twice as fast as what the library is compiled for. All give the same values.
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif
