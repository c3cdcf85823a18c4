// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "vo/votable/cell.h"
#include "vo/votable/row_receiver.h"
#include "vo/votable/rows.h"

namespace platefs::vo {

/// Puts the cells of a table into columns, in the order in which a document has them, and spends of the budget what
/// they take. Where the budget has a receiver of rows, they are handed to it in batches.
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
    if (budget_.receiver() != nullptr && rows_ == kRowsOfBatch) hand_on();
  }
  /// All rows; none where they were handed on.
  VotableRows take() {
    if (budget_.receiver() == nullptr) return collected();
    hand_on();
    return {};
  }

 private:
  static constexpr std::size_t kRowsOfBatch = 4096;

  VotableRows collected() { return {std::move(columns_), rows_, texts_.bytes()}; }
  void hand_on() {
    budget_.receiver()->take(collected());
    columns_ = std::vector<CellColumn>(types_.size());
    texts_ = {};
    rows_ = 0;
    spent_on_texts_ = 0;
    budget_.renew();
  }

  const std::vector<CellType>& types_;
  MemoryBudget& budget_;
  std::vector<CellColumn> columns_;
  TextPool texts_;
  std::size_t at_ = 0;
  std::size_t rows_ = 0;
  std::uint64_t spent_on_texts_ = 0;
};

}  // namespace platefs::vo
