// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace platefs::vo {

/// The part of a DataLink document for several IDs that is about `id`: the same document without
/// the rows of others and without the service descriptors that only those name (DataLink 1.1
/// section 4: one per row). Everything else stays as served. Nothing when no row is about `id`,
/// when the table is not TABLEDATA, the form that DataLink obliges services to offer, or when
/// elements are nested absurdly deep. Thread-safe.
std::optional<std::string> datalink_part(std::string_view document, std::string_view id);

}  // namespace platefs::vo
