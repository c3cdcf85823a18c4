// SPDX-License-Identifier: BSD-3-Clause
// What tests do to the index of a cache that other processes use: index-tool INDEX set-format NUMBER makes it
// look like one of another version; index-tool INDEX hold-writer says so on its output when it is in a write
// transaction, in which it stays until it is killed; index-tool INDEX fill NUMBER adds so many files to it, of which
// every third is pinned and none has bytes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cache/store/index.h"

namespace {

using platefs::cache::IndexChange;

int fill(platefs::cache::LmdbEnv& env, std::uint64_t number) {
  constexpr std::uint64_t kAtOnce = 10'000, kFirst = 1'000'000'000;
  for (std::uint64_t done = 0; done < number; done += kAtOnce) {
    platefs::cache::change_index(env, [&](IndexChange& index) {
      for (auto i = done; i < std::min(number, done + kAtOnce); ++i) {
        platefs::cache::ObjectRecord record;
        record.key =
            fmt::format("http://archive.test/tap\nivo://archive.test/plates?{}\ncutout\n{} 48.5 0.1666", i, i % 360);
        record.version = 1;
        record.facts.size = 1'000'000 + i;
        record.facts.url = fmt::format("http://archive.test/soda/cutout?ID=plate{}&CIRCLE=156.011+48.147+0.1666", i);
        record.facts.source = "soda";
        record.facts.validators.etag = fmt::format("\"{:032x}\"", i);
        record.pinned = i % 3 == 0;
        record.last_use = static_cast<std::int64_t>(1'700'000'000 + i * 7919 % number);
        index.put_object(kFirst + i, record);
      }
    });
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string_view what = argv[2];
  const auto env = platefs::cache::open_index(argv[1]);
  if (what == "set-format" && argc == 4) {
    const auto format = std::strtoull(argv[3], nullptr, 10);
    platefs::cache::change_index(*env, [format](IndexChange& index) { index.put_number("format", format); });
    return 0;
  }
  if (what == "fill" && argc == 4) return fill(*env, std::strtoull(argv[3], nullptr, 10));
  if (what != "hold-writer") return 2;
  const IndexChange index(*env);
  std::puts("held");
  std::fflush(stdout);
  for (;;) ::pause();
}
