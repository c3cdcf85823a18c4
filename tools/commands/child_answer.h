// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace platefs::tools {

struct ChildLimits {
  std::chrono::milliseconds patience;
  std::size_t most_bytes = 0;
};

/// Runs `work` in a child process, which may hang: a caller that asks a mount whose process is stopped would wait for
/// ever. Returns what the child wrote to the descriptor that it is given; nothing when it did not come to its end
/// within `patience`, or wrote more than `most_bytes`. Never takes much longer than that, even if the child can't be
/// killed. For processes with one thread.
std::string answer_of_child(const std::function<void(int answer)>& work, const ChildLimits& limits);

}  // namespace platefs::tools
