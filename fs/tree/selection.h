// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "fs/tree/target_name.h"
#include "vo/services/obscore.h"

// Some of the plates of an answer: views of it that cause no query.
namespace platefs::fs {

/// The calendar year in which the exposure began; nothing where no date is known.
std::optional<int> year_of(const vo::Plate& plate);
/// Whether it began in those years, the last one included. Without a date: no.
bool is_within(const Years& years, const vo::Plate& plate);

/// By what the plates of a target are put into folders.
enum class Grouping { ByCollection, ByDecade };
inline constexpr std::array kGroupings{Grouping::ByCollection, Grouping::ByDecade};
/// "by-collection", "by-decade".
std::string_view folder_of(Grouping grouping);
/// The folder there that a plate is in: "1890s" or "undated"; the collection's name with a hyphen for what no name of a
/// file may hold, or "unnamed".
std::string group_of(Grouping grouping, const vo::Plate& plate);

}  // namespace platefs::fs
