// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_shard.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <charconv>
#include <cstdlib>

#include "tools/cli/reporting.h"
#include "vo/base/error.h"

namespace platefs::tools {

Shard Shard::from(const std::string& text) {
  Shard shard;
  const auto* end = text.data() + text.size();
  const auto [slash, failure] = std::from_chars(text.data(), end, shard.number);
  const bool has_slash = failure == std::errc{} && slash != end && *slash == '/';
  const auto read = std::from_chars(has_slash ? slash + 1 : end, end, shard.of);
  const bool is_read = read.ec == std::errc{} && read.ptr == end;
  if (is_read && shard.number >= 1 && shard.number <= shard.of) return shard;
  throw vo::Error{vo::ErrorKind::Rejected, fmt::format("--shard: '{}' is not I/N with I from 1 to N", text)};
}

void Shard::keep_own(std::vector<WantedTarget>& targets) const {
  std::erase_if(targets, [this](const WantedTarget& target) {
    const auto name = target.target ? target.target->directory_name() : target.word;
    return XXH3_64bits(name.data(), name.size()) % of != number - 1;
  });
}

std::string Shard::manifest_name() const { return fmt::format("manifest-{}-of-{}.jsonl", number, of); }

void warn_of_array(int connections, bool has_gateway) {
  constexpr long kMost = 4;
  const char* tasks = std::getenv("SLURM_ARRAY_TASK_COUNT");
  const auto count = tasks == nullptr ? 0 : std::strtol(tasks, nullptr, 10);
  if (has_gateway || count <= 1 || count * connections <= kMost) return;
  message(
      "{} tasks with {} connection{} to each host may be more than an archive should see of one site, which is {}: "
      "--jobs-per-host 1 and sbatch --array=1-{}%{} keep to it, and so does --gateway",
      count, connections, connections == 1 ? "" : "s", kMost, count, kMost);
}

}  // namespace platefs::tools
