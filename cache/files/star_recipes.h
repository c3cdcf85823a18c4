// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "cache/files/recipe.h"

// What is made of a plate's cutout; ProductId::variant says how it is shown.
namespace platefs::cache {

Made make_stamp(const Order& order, PlateInputs& inputs);
Made make_aligned(const Order& order, PlateInputs& inputs);
Made make_chart(const Order& order, PlateInputs& inputs);

}  // namespace platefs::cache
