// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace platefs::cache {

/// What a cache takes up, in bytes and numbers.
struct StoreUsage {
  std::uint64_t bytes = 0, quota = 0, objects = 0, documents = 0;
  std::uint64_t document_bytes = 0;  ///< of them in the index, compressed
  std::uint64_t index_bytes = 0;     ///< of the index's file
};

/// Objects that stay whatever needs room.
struct PinnedUsage {
  std::uint64_t number = 0, bytes = 0;
};

/// What indexes of tables that are archives take up (vo/services/table_search.h), in files of their own.
struct TableUsage {
  std::uint64_t number = 0, bytes = 0;
};

}  // namespace platefs::cache
