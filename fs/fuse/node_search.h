// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>

#include "fs/fuse/operations.h"
#include "vo/base/completion.h"

namespace platefs::fs {

/// The node of an inode number, also of one that the kernel has forgotten: it is looked for where it was met.
/// Error{Changed} when that is not known any more or something else is there now.
void recall_node(Operations& operations, std::uint64_t inode, vo::Completion<std::shared_ptr<const Node>> done);

}  // namespace platefs::fs
