// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/rows.h"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>

namespace platefs::vo {
namespace {

template <typename Number>
CellView unless_nan(Number number) {
  return std::isnan(number) ? CellView{} : CellView{number};
}

CellView cell_in(const CellColumn::Nulls&, std::size_t) { return {}; }
CellView cell_in(const CellColumn::Truths& cells, std::size_t row) {
  const auto value = cells.values[row];
  return value < 0 ? CellView{} : CellView{value != 0};
}
CellView cell_in(const CellColumn::Integers& cells, std::size_t row) {
  if (!cells.is_null.empty() && cells.is_null[row]) return {};
  return cells.values[row];
}
CellView cell_in(const CellColumn::Floats& cells, std::size_t row) { return unless_nan(cells.values[row]); }
CellView cell_in(const CellColumn::Doubles& cells, std::size_t row) { return unless_nan(cells.values[row]); }
CellView cell_in(const CellColumn::Texts& cells, std::size_t row) {
  const auto& text = cells.values[row];
  return text.empty() ? CellView{} : CellView{text.view()};
}
CellView cell_in(const CellColumn::Mixed& cells, std::size_t row) { return view_of(cells.values[row]); }

void add_nulls(CellColumn::Nulls& cells, std::size_t count) { cells.count += count; }
void add_nulls(CellColumn::Truths& cells, std::size_t count) {
  cells.values.resize(cells.values.size() + count, std::int8_t{-1});
}
void add_nulls(CellColumn::Integers& cells, std::size_t count) {
  cells.is_null.resize(cells.values.size(), false);
  cells.values.resize(cells.values.size() + count);
  cells.is_null.resize(cells.values.size(), true);
}
void add_nulls(CellColumn::Floats& cells, std::size_t count) {
  cells.values.resize(cells.values.size() + count, std::numeric_limits<float>::quiet_NaN());
}
void add_nulls(CellColumn::Doubles& cells, std::size_t count) {
  cells.values.resize(cells.values.size() + count, std::numeric_limits<double>::quiet_NaN());
}
void add_nulls(CellColumn::Texts& cells, std::size_t count) { cells.values.resize(cells.values.size() + count); }
void add_nulls(CellColumn::Mixed& cells, std::size_t count) { cells.values.resize(cells.values.size() + count); }

void add(CellColumn::Truths& cells, bool value) { cells.values.push_back(value ? 1 : 0); }
void add(CellColumn::Integers& cells, std::int64_t value) {
  cells.values.push_back(value);
  if (!cells.is_null.empty()) cells.is_null.push_back(false);
}
void add(CellColumn::Floats& cells, float value) { cells.values.push_back(value); }
void add(CellColumn::Doubles& cells, double value) { cells.values.push_back(value); }
void add(CellColumn::Texts& cells, Text value) { cells.values.push_back(std::move(value)); }

template <typename Value>
using KindOf = std::conditional_t<
    std::is_same_v<Value, bool>, CellColumn::Truths,
    std::conditional_t<std::is_same_v<Value, std::int64_t>, CellColumn::Integers,
                       std::conditional_t<std::is_same_v<Value, float>, CellColumn::Floats, CellColumn::Doubles>>>;

}  // namespace

std::size_t CellColumn::size() const {
  if (const auto* nulls = std::get_if<Nulls>(&cells_)) return nulls->count;
  return std::visit(
      [](const auto& cells) -> std::size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(cells)>, Nulls>) {
          return cells.count;
        } else {
          return cells.values.size();
        }
      },
      cells_);
}

CellView CellColumn::at(std::size_t row) const {
  return std::visit([row](const auto& cells) { return cell_in(cells, row); }, cells_);
}

Text CellColumn::text_at(std::size_t row) const {
  if (const auto* texts = std::get_if<Texts>(&cells_)) return texts->values[row];
  return Text{text_of(at(row))};
}

/// The cells as those of that kind; null where they are of another one already.
template <typename Kind>
Kind* CellColumn::as() {
  if (auto* cells = std::get_if<Kind>(&cells_)) return cells;
  const auto* nulls = std::get_if<Nulls>(&cells_);
  if (nulls == nullptr) return nullptr;
  const auto count = nulls->count;
  auto& cells = cells_.emplace<Kind>();
  if (count > 0) add_nulls(cells, count);
  return &cells;
}

CellColumn::Mixed& CellColumn::as_mixed() {
  if (auto* mixed = std::get_if<Mixed>(&cells_)) return *mixed;
  Mixed mixed;
  const auto count = size();
  mixed.values.reserve(count + 1);
  for (std::size_t row = 0; row < count; ++row) mixed.values.push_back(value_of(at(row)));
  return cells_.emplace<Mixed>(std::move(mixed));
}

template <typename Kind, typename Value>
void CellColumn::append_to(Value value, const CellView& cell) {
  if (auto* cells = as<Kind>()) return add(*cells, std::move(value));
  as_mixed().values.push_back(value_of(cell));
}

void CellColumn::append_null() {
  std::visit([](auto& cells) { add_nulls(cells, 1); }, cells_);
}

void CellColumn::append(const CellView& cell) {
  std::visit(
      [&](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::monostate>) {
          append_null();
        } else if constexpr (std::is_same_v<Value, std::string_view>) {
          append(Text{value});
        } else {
          append_to<KindOf<Value>>(value, cell);
        }
      },
      cell);
}

void CellColumn::append(const CellView& cell, TextPool& pool) {
  const auto* text = std::get_if<std::string_view>(&cell);
  if (text == nullptr) return append(cell);
  const auto* texts = std::get_if<Texts>(&cells_);
  const bool is_as_before = texts != nullptr && !texts->values.empty() && texts->values.back() == *text;
  append(is_as_before ? texts->values.back() : pool.of(*text));
}

void CellColumn::append(Text text) {
  if (text.empty()) return append_null();
  if (auto* cells = as<Texts>()) return add(*cells, std::move(text));
  as_mixed().values.emplace_back(text.str());
}

void CellColumn::append(const CellColumn& other, std::size_t row) {
  if (const auto* texts = std::get_if<Texts>(&other.cells_)) return append(texts->values[row]);
  append(other.at(row));
}

void CellColumn::reserve(std::size_t rows) {
  std::visit(
      [rows](auto& cells) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(cells)>, Nulls>) cells.values.reserve(rows);
      },
      cells_);
}

VotableValue VotableRows::Row::at(std::size_t column) const {
  if (column >= size()) throw std::out_of_range{"no such column"};
  return (*this)[column];
}

std::vector<VotableValue> VotableRows::Row::values() const {
  std::vector<VotableValue> values;
  values.reserve(size());
  for (std::size_t column = 0; column < size(); ++column) values.push_back((*this)[column]);
  return values;
}

VotableRows::VotableRows(const std::vector<std::vector<VotableValue>>& rows) {
  for (const auto& row : rows) push_back(row);
}

VotableRows::VotableRows(std::initializer_list<std::vector<VotableValue>> rows) {
  for (const auto& row : rows) push_back(row);
}

VotableRows::Row VotableRows::at(std::size_t row) const {
  if (row >= size_) throw std::out_of_range{"no such row"};
  return {*this, row};
}

void VotableRows::push_back(const std::vector<VotableValue>& row) {
  while (columns_.size() < row.size()) columns_.emplace_back(CellColumn::Nulls{size_});
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    columns_[column].append(column < row.size() ? view_of(row[column]) : CellView{});
    const auto* text = column < row.size() ? std::get_if<std::string>(&row[column]) : nullptr;
    if (text != nullptr) text_bytes_ += Text::memory_of(text->size());
  }
  ++size_;
}

VotableRows VotableRows::selected(const std::vector<std::size_t>& rows) const {
  std::vector<CellColumn> columns(columns_.size());
  for (std::size_t column = 0; column < columns.size(); ++column) {
    for (const auto row : rows) columns[column].append(columns_[column], row);
  }
  return {std::move(columns), rows.size(), text_bytes_};
}

void VotableRows::clear() { *this = {}; }

bool operator==(const VotableRows& a, const VotableRows& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t row = 0; row < a.size(); ++row) {
    if (!(a[row] == b[row])) return false;
  }
  return true;
}

}  // namespace platefs::vo
