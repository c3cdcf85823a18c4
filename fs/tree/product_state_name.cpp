// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/product_state_name.h"

#include "fs/tree/fixed_names.h"

namespace platefs::fs {

std::string_view cutout_state(cache::Library& library, const cache::PlateRef& plate, const vo::Cone& region,
                              const FailedFiles& failed) {
  using enum cache::ProductState;
  const auto product = library.product({plate, cache::ProductKind::Cutout, region, {}, {}});
  const auto facts = product ? product->facts() : cache::ProductFacts{};
  const bool has_failed = facts.state == Remote && !facts.is_under_way &&
                          failed.has(plate.plate(), file_name_of(cache::ProductKind::Cutout));
  return has_failed ? product_state_name(Failed) : state_name(facts);
}

}  // namespace platefs::fs
