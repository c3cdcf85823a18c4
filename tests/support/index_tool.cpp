// SPDX-License-Identifier: BSD-3-Clause
// What tests do to the index of a cache that other processes use: index-tool INDEX set-format NUMBER makes it
// look like one of another version; index-tool INDEX hold-writer says so on its output when it is in a write
// transaction, in which it stays until it is killed.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cache/store/index.h"

int main(int argc, char** argv) {
  using platefs::cache::IndexChange;
  if (argc < 3) return 2;
  const std::string_view what = argv[2];
  const auto env = platefs::cache::open_index(argv[1]);
  if (what == "set-format" && argc == 4) {
    const auto format = std::strtoull(argv[3], nullptr, 10);
    platefs::cache::change_index(*env, [format](IndexChange& index) { index.put_number("format", format); });
    return 0;
  }
  if (what != "hold-writer") return 2;
  const IndexChange index(*env);
  std::puts("held");
  std::fflush(stdout);
  for (;;) ::pause();
}
