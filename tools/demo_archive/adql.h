// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/demo_archive/adql_terms.h"
#include "tools/demo_archive/obscore_table.h"

namespace platefs::demo {

/// A query against ivoa.ObsCore, ready to run.
struct Query {
  struct Order {
    std::size_t column;
    bool is_descending;
  };
  std::optional<std::uint64_t> top;
  std::vector<std::size_t> columns;  ///< of the table, in the order selected
  Condition where;
  std::vector<Order> order;
};

/// Reads SELECT [TOP n] *|columns FROM ivoa.obscore [WHERE …] [ORDER BY …] (ADQL 2.1) with
/// comparisons, arithmetic, AND, OR, NOT, LIKE, ILIKE, BETWEEN, IN, IS NULL, and CONTAINS,
/// INTERSECTS, DISTANCE over POINT, CIRCLE and s_region. A `table` that is joined with an upload is
/// queried as FROM ivoa.obscore [AS o] JOIN TAP_UPLOAD.name [AS t] ON …, its columns also as o.*, t.*.
/// Column names and functions in any case. Throws vo::Error{Rejected} that says where it does not
/// understand. The result refers to `table`.
Query read_adql(std::string_view text, const ObscoreTable& table);

/// The rows that the query selects, at most `limit`, in its order (NULL last); `is_cut` tells whether
/// there were more.
struct Selection {
  std::vector<const ObscoreRow*> rows;
  bool is_cut = false;
};
Selection run(const Query& query, const ObscoreTable& table, std::uint64_t limit);

}  // namespace platefs::demo
