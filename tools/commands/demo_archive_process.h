// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <string>

#include "tools/cli/options.h"

namespace platefs::tools {

/// The program platefs-demo-archive, which lies beside this one, on free ports of 127.0.0.1. It ends with this object,
/// and with the thread that made it, however that ends. Make it before other threads.
class DemoArchiveProcess {
 public:
  /// Returns when it answers, which is some seconds later where its plates have to be made first; `options` say whether
  /// that is told. Throws Error{NotFound} where there is no such program, Error{LocalIo} where it does not start.
  explicit DemoArchiveProcess(const CommonOptions& options);
  ~DemoArchiveProcess();
  DemoArchiveProcess(const DemoArchiveProcess&) = delete;
  DemoArchiveProcess& operator=(const DemoArchiveProcess&) = delete;

  const std::string& tap() const { return tap_; }            ///< URL of its TAP service
  const std::string& resolver() const { return resolver_; }  ///< URL of its Sesame
  const std::string& target() const { return target_; }      ///< its star, as a directory of the tree

 private:
  void take_addresses(const std::string& line);
  void end();

  pid_t pid_ = -1;
  std::string tap_, resolver_, target_;
};

}  // namespace platefs::tools
