// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/binary.h"

#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

using Kind = CellType::Kind;

/// The unread rest of a stream.
class Input {
 public:
  explicit Input(std::string_view stream) : rest_(stream) {}

  bool is_empty() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  std::string_view take(std::uint64_t bytes) {
    if (bytes > rest_.size()) {
      throw Error{ErrorKind::Malformed,
                  fmt::format("BINARY stream is cut off: a cell of {} bytes, {} are left", bytes, rest_.size())};
    }
    const auto taken = rest_.substr(0, static_cast<std::size_t>(bytes));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  template <typename Unsigned>
  Unsigned take_number() {
    Unsigned number = 0;
    for (const char c : take(sizeof(Unsigned))) {
      number = static_cast<Unsigned>(static_cast<std::uint64_t>(number) << 8 | static_cast<unsigned char>(c));
    }
    return number;
  }

 private:
  std::string_view rest_;
};

std::uint64_t element_bytes(Kind kind) {
  switch (kind) {
    case Kind::Boolean:
    case Kind::Bit:
    case Kind::UnsignedByte:
    case Kind::Char:
      return 1;
    case Kind::Short:
    case Kind::UnicodeChar:
      return 2;
    case Kind::Int:
    case Kind::Float:
      return 4;
    case Kind::Long:
    case Kind::Double:
    case Kind::FloatComplex:
      return 8;
    case Kind::DoubleComplex:
      return 16;
    case Kind::Unknown:
      break;
  }
  throw Error{ErrorKind::Malformed, "a FIELD of a BINARY table has no datatype of the standard"};
}

VotableValue boolean_of(char c) {
  if (c == 'T' || c == 't' || c == '1') return true;
  if (c == 'F' || c == 'f' || c == '0') return false;
  return {};
}

VotableValue number_element(Input& input, Kind kind);

std::string complex_text(Input& input, Kind part) {
  auto text = text_of(number_element(input, part));
  return text + ' ' + text_of(number_element(input, part));
}

VotableValue number_element(Input& input, Kind kind) {
  switch (kind) {
    case Kind::Boolean:
      return boolean_of(input.take(1).front());
    case Kind::Bit:
      return std::int64_t{input.take_number<std::uint8_t>() >> 7};
    case Kind::UnsignedByte:
      return std::int64_t{input.take_number<std::uint8_t>()};
    case Kind::Short:
      return std::int64_t{static_cast<std::int16_t>(input.take_number<std::uint16_t>())};
    case Kind::Int:
      return std::int64_t{static_cast<std::int32_t>(input.take_number<std::uint32_t>())};
    case Kind::Long:
      return static_cast<std::int64_t>(input.take_number<std::uint64_t>());
    case Kind::Float:
      return std::bit_cast<float>(input.take_number<std::uint32_t>());
    case Kind::Double:
      return std::bit_cast<double>(input.take_number<std::uint64_t>());
    case Kind::FloatComplex:
      return complex_text(input, Kind::Float);
    case Kind::DoubleComplex:
      return complex_text(input, Kind::Double);
    case Kind::Char:
    case Kind::UnicodeChar:
    case Kind::Unknown:
      break;
  }
  return {};
}

bool is_nan(const VotableValue& value) {
  if (const auto* number = std::get_if<float>(&value)) return std::isnan(*number);
  if (const auto* number = std::get_if<double>(&value)) return std::isnan(*number);
  return false;
}

/// Fixed strings are filled up with NUL or blanks; the first NUL ends a string (section 2.1).
VotableValue text_cell(std::string_view bytes, Kind kind) {
  const auto text = kind == Kind::UnicodeChar ? utf8_of_utf16(bytes) : as_utf8(bytes);
  const auto shown = trimmed(std::string_view(text).substr(0, text.find('\0')));
  if (shown.empty()) return {};
  return std::string{shown};
}

std::string bits(std::string_view bytes, std::uint64_t count) {
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[static_cast<std::size_t>(i / 8)]);
    if (i > 0) text += ' ';
    text += (byte >> (7 - i % 8) & 1) != 0 ? '1' : '0';
  }
  return text;
}

std::string element_text(const VotableValue& element) {
  // A missing boolean has no text of its own, yet the elements after it must keep their places.
  return std::holds_alternative<std::monostate>(element) ? "?" : text_of(element);
}

VotableValue array_cell(Input& input, const CellType& type, std::uint64_t count, ElementBudget& budget) {
  if (count == 0) return {};
  if (type.kind == Kind::Bit) {
    const auto bytes = input.take(count / 8 + (count % 8 != 0 ? 1 : 0));
    budget.spend(count);
    return bits(bytes, count);
  }
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) {
    budget.spend(1);
    if (i > 0) text += ' ';
    text += element_text(number_element(input, type.kind));
  }
  return text;
}

std::uint64_t element_count(Input& input, const CellType& type) {
  if (!type.is_variable) return type.count;
  const auto count = static_cast<std::int32_t>(input.take_number<std::uint32_t>());
  if (count < 0) {
    throw Error{ErrorKind::Malformed, fmt::format("BINARY cell claims {} elements", count)};
  }
  return static_cast<std::uint64_t>(count);
}

VotableValue cell(Input& input, const CellType& type, ElementBudget& budget) {
  const auto count = element_count(input, type);
  if (type.is_text()) {
    const auto width = element_bytes(type.kind);
    if (count > input.left() / width) input.take(input.left() + 1);  // says that it is cut off
    return text_cell(input.take(count * width), type.kind);
  }
  if (type.is_array) return array_cell(input, type, count, budget);
  return number_element(input, type.kind);
}

class RowReader {
 public:
  RowReader(const std::vector<CellType>& columns, BinaryForm form, ElementBudget& budget)
      : columns_(columns), form_(form), budget_(budget) {
    for (const auto& column : columns) element_bytes(column.kind);  // all readable, or none
  }

  std::vector<VotableValue> row(Input& input) {
    const auto before = input.left();
    budget_.spend_row(columns_.size());
    auto cells = cells_of(input, flags(input));
    if (input.left() == before) {
      throw Error{ErrorKind::Malformed, "BINARY stream has bytes, but its rows have none"};
    }
    return cells;
  }

 private:
  std::string_view flags(Input& input) const {
    return form_ == BinaryForm::Binary2 ? input.take((columns_.size() + 7) / 8) : std::string_view{};
  }

  std::vector<VotableValue> cells_of(Input& input, std::string_view flags) {
    std::vector<VotableValue> cells(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto value = cell(input, columns_[i], budget_);  // a cell flagged null has its bytes, too
      if (!is_flagged(flags, i) && !is_nan(value) && value != columns_[i].null) {
        cells[i] = std::move(value);
      }
    }
    return cells;
  }

  static bool is_flagged(std::string_view flags, std::size_t column) {
    if (flags.empty()) return false;
    return (static_cast<unsigned char>(flags[column / 8]) >> (7 - column % 8) & 1) != 0;
  }

  const std::vector<CellType>& columns_;
  BinaryForm form_;
  ElementBudget& budget_;
};

}  // namespace

std::vector<std::vector<VotableValue>> read_binary_rows(std::string_view stream, const std::vector<CellType>& columns,
                                                        BinaryForm form, ElementBudget& budget) {
  Input input{stream};
  RowReader reader{columns, form, budget};
  std::vector<std::vector<VotableValue>> rows;
  while (!input.is_empty()) rows.push_back(reader.row(input));
  return rows;
}

}  // namespace platefs::vo
