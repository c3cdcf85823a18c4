// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "cache/files/recipe.h"
#include "vo/fits/cutout.h"

namespace platefs::cache {

/// cutout.fits: made by the archive's SODA service, or here from full.fits or another FITS of the plate; the first way
/// that succeeds wins, and what the others said is told when none does. What a service answers is checked to show the
/// target, and trimmed when it is larger than asked. Error{Malformed} and nothing else says that an image of the plate
/// was read and no cutout can be made of it (the target is off the plate, its coordinates are none), and that no other
/// way may work another time.
Made make_cutout(const Order& order, PlateInputs& inputs);

/// What is written into the header of a file that is made of the plate's. `source_url`: without credentials.
vo::CutoutProvenance provenance_of(const Order& order, const std::string& source_url);

}  // namespace platefs::cache
