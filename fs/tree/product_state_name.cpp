// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/product_state_name.h"

#include "fs/tree/fixed_names.h"

namespace platefs::fs {

std::string_view cutout_state(cache::Library& library, const cache::PlateRef& plate, const vo::Cone& region,
                              const FailedFiles& failed) {
  using enum cache::ProductState;
  const auto product = library.product({plate, cache::ProductKind::Cutout, region, {}, {}});
  const auto state = product ? product->facts().state : Remote;
  const bool has_failed = state == Remote && failed.has(plate.plate(), file_name_of(cache::ProductKind::Cutout));
  return product_state_name(has_failed ? Failed : state);
}

}  // namespace platefs::fs
