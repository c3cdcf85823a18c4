// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>

namespace platefs::test {

/// How a system call fails.
struct CallFailure {
  int error = 0;  ///< its errno; 0: a write that takes half of what it was given
  std::string name;
};

/// While one of these lives, one of the system calls that this process makes on files below `folder` fails,
/// whoever makes it: the store, liblmdb, libstdc++. Calls are counted from 0 in the order in which they are made;
/// `which` < 0: none fails, all are counted. Stands in front of libc: the program that links this file defines
/// the calls themselves. One at a time.
class FailingCall {
 public:
  FailingCall(const std::filesystem::path& folder, long which, const CallFailure& failure);
  ~FailingCall();
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;

  long counted() const;
  /// The call that failed: "pwrite"; empty: none has, or it can't fail that way.
  std::string failed() const;
};

}  // namespace platefs::test
