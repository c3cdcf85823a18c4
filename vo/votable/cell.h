// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vo/votable/votable.h"

namespace platefs::vo {

/// How the cells of one column are written (VOTable 1.4 sections 2.1, 2.2), worked out once per
/// column.
struct CellType {
  enum class Kind {
    Boolean,
    Bit,
    UnsignedByte,
    Short,
    Int,
    Long,
    Char,
    UnicodeChar,
    Float,
    Double,
    FloatComplex,
    DoubleComplex,
    Unknown,  ///< no datatype of the standard: text in TABLEDATA, unreadable in BINARY
  };

  Kind kind = Kind::Unknown;
  bool is_array = false;             ///< more than one element, or a number of them that varies
  bool is_variable = false;          ///< BINARY writes the number of elements in front
  std::uint64_t count = 1;           ///< elements when it is fixed
  bool has_unreadable_size = false;  ///< its arraysize is none: text in TABLEDATA, unreadable in BINARY
  VotableValue null;                 ///< the value that VALUES@null declares; monostate when none

  bool is_text() const;
  /// The cell has the value that stands for null.
  bool is_null(const CellView& cell) const;
};

CellType cell_type(const VotableField& field);

struct RowReceiver;

/// Counts the memory that a document makes us take, so that a small hostile one can't fill it: a cell is a byte in the
/// document, or a bit, and more here.
class MemoryBudget {
 public:
  /// With a `receiver`, which outlives it, rows are handed on in batches, and the budget is for each of them.
  explicit MemoryBudget(std::uint64_t bytes, RowReceiver* receiver = nullptr)
      : most_(bytes), left_(bytes), receiver_(receiver) {}
  /// Throws Error{Malformed} naming the limit when there are more than the budget allows.
  void spend(std::uint64_t bytes);
  /// A row costs more than its cells: a plate is made of it.
  void spend_row(std::size_t columns) { spend(columns * kBytesOfCell + kBytesOfRow); }
  RowReceiver* receiver() const { return receiver_; }
  /// What was spent is free again.
  void renew() { left_ = most_; }

 private:
  static constexpr std::uint64_t kBytesOfCell = 8;
  static constexpr std::uint64_t kBytesOfRow = 512;

  std::uint64_t most_, left_;
  RowReceiver* receiver_;
};

/// A TD. White space around it is no part of it; a number that can't be read is null (undeclared
/// "NULL", "--" and the like are seen in practice). A text stays in `text`, or is put into `room`.
CellView cell_of_text(std::string_view text, const CellType& type, std::string& room, MemoryBudget& budget);
VotableValue value_of_text(std::string_view text, const CellType& type, MemoryBudget& budget);

/// Decimal, or hexadecimal after "0x"; also with a leading "+".
std::optional<std::int64_t> integer_of_text(std::string_view text);
/// Decimal, NaN, Inf, +Inf, -Inf. Values outside the range of double become infinite or zero.
std::optional<double> number_of_text(std::string_view text);

/// Shortest decimals that give the same number back; NaN, Inf and -Inf as VOTable writes them.
std::string text_of_number(double number);
std::string text_of_number(float number);
void append_number(std::string& text, double number);
void append_number(std::string& text, float number);

}  // namespace platefs::vo
