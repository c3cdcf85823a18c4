// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "cache/files/first_of.h"
#include "cache/files/recipe.h"

namespace platefs::cache {

/// preview.jpg where the archive has none: rendered from the smallest FITS on offer.
Made make_preview(const Order& order, PlateInputs& inputs);

/// The same of an archive that has nothing but cutouts: of the one that the order's region asks for.
Made make_preview_of_cutout(const Order& order, PlateInputs& inputs);

/// Whether it is rendered after the archive's own failed so. `links`: null when they are not known.
FirstOf::Fallback preview_fallback(const LinksAnswer* links, const vo::Error& failure);

}  // namespace platefs::cache
