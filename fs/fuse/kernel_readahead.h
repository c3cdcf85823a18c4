// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

namespace platefs::fs {

/// Lets the kernel read the mounted file system `device` (st_dev of its root) ahead in requests of
/// 256 KiB in place of 128 KiB. More (FUSE takes 1 MiB) makes a sequential read no faster, since
/// several requests are under way at a time and a small one is still in the CPU's cache when it is
/// answered; and what the kernel asks for beyond the last byte that is read, four times as much, is
/// fetched in vain. Needs root; false when it was not allowed, which costs speed and nothing else.
/// Refuses devices whose major is not 0: those are disks, and their setting belongs to their owner.
/// Call when the mount has answered: the kernel resets the value while it greets the server.
bool raise_kernel_readahead(dev_t device) noexcept;

}  // namespace platefs::fs
