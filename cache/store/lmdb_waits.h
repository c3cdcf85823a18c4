// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace platefs::cache {

/// The number by which LMDB tells this process from others: random, so that processes of two containers
/// with the same process id don't take each other's places among the readers. A child gets its own.
int lmdb_process_id();

}  // namespace platefs::cache
