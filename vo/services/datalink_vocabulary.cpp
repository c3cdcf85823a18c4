// SPDX-License-Identifier: BSD-3-Clause
// The hierarchy of http://www.ivoa.net/rdf/datalink/core as of 2026-03.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "vo/base/words.h"
#include "vo/services/datalink.h"

namespace platefs::vo {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 11> kBroaderOf = {{{"weight", "auxiliary"},
                                              {"error", "auxiliary"},
                                              {"noise", "auxiliary"},
                                              {"bias", "calibration"},
                                              {"dark", "calibration"},
                                              {"flat", "calibration"},
                                              {"preview-image", "preview"},
                                              {"preview-plot", "preview"},
                                              {"thumbnail", "preview"},
                                              {"cutout", "proc"},
                                              {"detached-header", "documentation"}}};

std::string bare(std::string_view term) {
  auto word = semantics_word(term);
  if (word.starts_with('#')) word.erase(0, 1);
  return word;
}

}  // namespace

bool is_or_narrower(std::string_view term, std::string_view broader) {
  auto at = bare(term);
  const auto wanted = bare(broader);
  for (;;) {
    if (at == wanted) return true;
    const auto* found =
        std::find_if(kBroaderOf.begin(), kBroaderOf.end(), [at](const Pair& pair) { return pair.first == at; });
    if (found == kBroaderOf.end()) return false;
    at = found->second;
  }
}

}  // namespace platefs::vo
