// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>

namespace platefs::tools {

/// What a command was told; lives as long as what runs it.
template <typename Command>
struct Told {
  std::shared_ptr<Command> command = std::make_shared<Command>();
  Command* operator->() const { return command.get(); }

  std::function<int()> runs(const std::function<int(const Command&)>& run) const {
    return [command = command, run] { return run(*command); };
  }
};

}  // namespace platefs::tools
