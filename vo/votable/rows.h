// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "vo/base/text.h"
#include "vo/votable/value.h"

namespace platefs::vo {

/// The cells of one column, each as wide as its datatype. NaN and an empty text are null.
class CellColumn {
 public:
  struct Nulls {
    std::size_t count;
  };
  struct Truths {
    std::vector<std::int8_t> values;  ///< 0, 1, or -1: null
  };
  struct Integers {
    std::vector<std::int64_t> values;
    std::vector<bool> is_null;  ///< empty: none is
  };
  struct Floats {
    std::vector<float> values;
  };
  struct Doubles {
    std::vector<double> values;
  };
  struct Texts {
    std::vector<Text> values;
  };
  /// What no archive sends, and a table made here may hold: values of several kinds.
  struct Mixed {
    std::vector<VotableValue> values;
  };
  using Cells = std::variant<Nulls, Truths, Integers, Floats, Doubles, Texts, Mixed>;

  CellColumn() = default;
  explicit CellColumn(Cells cells) : cells_(std::move(cells)) {}

  std::size_t size() const;
  CellView at(std::size_t row) const;
  /// The cell as a text that is shared with the column where it is one.
  Text text_at(std::size_t row) const;

  void append(const CellView& cell);
  /// The same, equal texts of the `pool` being one.
  void append(const CellView& cell, TextPool& pool);
  void append(Text text);
  /// That of another column, sharing its text.
  void append(const CellColumn& other, std::size_t row);
  void reserve(std::size_t rows);

  const Cells& cells() const { return cells_; }

 private:
  template <typename Kind>
  Kind* as();
  Mixed& as_mixed();
  template <typename Kind, typename Value>
  void append_to(Value value, const CellView& cell);
  void append_null();

  Cells cells_;
};

/// The rows of a table, kept column by column: a cell costs as much as its number, or 8 bytes and what its text has
/// that no other cell says. Rows are seen as if they were lists of values; all are as long as the longest, the missing
/// cells are null.
class VotableRows {
 public:
  class Row {
   public:
    Row(const VotableRows& rows, std::size_t number) : rows_(&rows), number_(number) {}

    std::size_t size() const { return rows_->columns().size(); }
    CellView view(std::size_t column) const { return rows_->cell(number_, column); }
    VotableValue operator[](std::size_t column) const { return value_of(view(column)); }
    VotableValue at(std::size_t column) const;  ///< throws std::out_of_range
    std::vector<VotableValue> values() const;
    friend bool operator==(const Row& a, const Row& b) { return a.values() == b.values(); }
    friend bool operator==(const Row& a, const std::vector<VotableValue>& b) { return a.values() == b; }

    class Iterator;
    Iterator begin() const;
    Iterator end() const;

   private:
    const VotableRows* rows_;
    std::size_t number_;
  };

  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    Iterator(const VotableRows& rows, std::size_t number) : rows_(&rows), number_(number) {}
    Row operator*() const { return {*rows_, number_}; }
    Iterator& operator++() {
      ++number_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.number_ == b.number_; }

   private:
    const VotableRows* rows_;
    std::size_t number_;
  };

  VotableRows() = default;
  VotableRows(const std::vector<std::vector<VotableValue>>& rows);  // NOLINT(google-explicit-constructor)
  VotableRows(std::initializer_list<std::vector<VotableValue>> rows);
  /// Columns of `rows` cells each, whose texts take so many bytes of memory.
  VotableRows(std::vector<CellColumn> columns, std::size_t rows, std::uint64_t text_bytes)
      : columns_(std::move(columns)), size_(rows), text_bytes_(text_bytes) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Row operator[](std::size_t row) const { return {*this, row}; }
  Row at(std::size_t row) const;  ///< throws std::out_of_range
  Row front() const { return {*this, 0}; }
  Row back() const { return {*this, size_ - 1}; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }
  const std::vector<CellColumn>& columns() const { return columns_; }
  /// Null where there is no such column.
  CellView cell(std::size_t row, std::size_t column) const {
    return column < columns_.size() ? columns_[column].at(row) : CellView{};
  }

  void push_back(const std::vector<VotableValue>& row);
  /// Those rows alone, in that order; texts are shared with what is here.
  VotableRows selected(const std::vector<std::size_t>& rows) const;
  void clear();
  /// Memory that the rows take, about.
  std::uint64_t bytes() const { return text_bytes_ + columns_.size() * (sizeof(CellColumn) + size_ * sizeof(double)); }

  friend bool operator==(const VotableRows& a, const VotableRows& b);

 private:
  std::vector<CellColumn> columns_;
  std::size_t size_ = 0;
  std::uint64_t text_bytes_ = 0;
};

class VotableRows::Row::Iterator {
 public:
  using value_type = VotableValue;
  using difference_type = std::ptrdiff_t;
  Iterator(const Row& row, std::size_t column) : row_(row), column_(column) {}
  VotableValue operator*() const { return row_[column_]; }
  Iterator& operator++() {
    ++column_;
    return *this;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.column_ == b.column_; }

 private:
  Row row_;
  std::size_t column_;
};

inline VotableRows::Row::Iterator VotableRows::Row::begin() const { return {*this, 0}; }
inline VotableRows::Row::Iterator VotableRows::Row::end() const { return {*this, size()}; }

}  // namespace platefs::vo
