// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace platefs::tools {
namespace {

char plain(char c) {
  if (c == '_') return '-';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Levenshtein's distance, row by row.
std::size_t letters_to_change(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (plain(a[i]) == plain(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  auto fewest = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& each : known) {
    const auto letters = letters_to_change(word, each);
    if (letters < fewest) {
      fewest = letters;
      best = each;
    }
  }
  return best;
}

}  // namespace platefs::tools
