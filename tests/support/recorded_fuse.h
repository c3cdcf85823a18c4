// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "fs/fuse/fuse.h"

namespace platefs::test {

/// What the kernel would have been told. The functions of libfuse that fs/ answers with are replaced by
/// ones that write it here, so the calls can be tried without a mount.
struct RecordedAnswer {
  int answers = 0;  ///< exactly 1 in the end
  std::optional<int> error;
  std::optional<fuse_entry_param> entry;
  std::optional<struct stat> attributes;
  double timeout = 0;
  std::optional<fuse_file_info> opened;
  std::optional<std::string> bytes;
  std::optional<std::size_t> xattr_size;
  std::optional<struct statvfs> filesystem;
};

}  // namespace platefs::test

/// A request of the kernel; libfuse keeps its own to itself.
struct fuse_req {
  void* operations = nullptr;  ///< fuse_req_userdata
  int result = 0;              ///< of every answer; -ENOENT: the caller is gone
  platefs::test::RecordedAnswer answer = {};
  fuse_ctx caller = {};  ///< fuse_req_ctx
  fuse_interrupt_func_t on_interrupt = nullptr;
  void* interrupt_data = nullptr;
  std::function<void()> on_bytes = {};  ///< what the reader does while the bytes are handed over

  /// A signal for the caller.
  void interrupt() {
    if (on_interrupt != nullptr) on_interrupt(this, interrupt_data);
  }
};
