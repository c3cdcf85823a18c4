// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "vo/votable/cell.h"
#include "vo/votable/rows.h"

namespace platefs::vo {

/// Puts the cells of a table into columns, in the order in which a document has them, and spends of the budget what
/// they take.
class RowCollector {
 public:
  /// Both outlive it.
  RowCollector(const std::vector<CellType>& types, MemoryBudget& budget)
      : types_(types), budget_(budget), columns_(types.size()) {}

  const std::vector<CellType>& types() const { return types_; }
  MemoryBudget& budget() { return budget_; }
  /// Of the row's next cell; null: the row is full.
  const CellType* next_type() const { return at_ < types_.size() ? &types_[at_] : nullptr; }
  void add_cell(const CellView& cell) { columns_[at_++].append(cell, texts_); }
  /// Cells that are missing are null. Throws Error{Malformed} when the table takes too much.
  void end_row() {
    while (at_ < columns_.size()) add_cell({});
    at_ = 0;
    ++rows_;
    budget_.spend_row(columns_.size());
    budget_.spend(texts_.bytes() - spent_on_texts_);
    spent_on_texts_ = texts_.bytes();
  }
  VotableRows take() { return {std::move(columns_), rows_, texts_.bytes()}; }

 private:
  const std::vector<CellType>& types_;
  MemoryBudget& budget_;
  std::vector<CellColumn> columns_;
  TextPool texts_;
  std::size_t at_ = 0;
  std::size_t rows_ = 0;
  std::uint64_t spent_on_texts_ = 0;
};

}  // namespace platefs::vo
