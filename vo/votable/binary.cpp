// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/binary.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/utf8.h"
#include "vo/votable/row_collector.h"

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

CellView boolean_of(char c) {
  if (c == 'T' || c == 't' || c == '1') return true;
  if (c == 'F' || c == 'f' || c == '0') return false;
  return {};
}

/// A complex one is put into `room`.
CellView number_element(Input& input, Kind kind, std::string& room);

CellView complex_cell(Input& input, Kind part, std::string& room) {
  std::string ignored;
  room.clear();
  append_text(room, number_element(input, part, ignored));
  room += ' ';
  append_text(room, number_element(input, part, ignored));
  return room;
}

CellView number_element(Input& input, Kind kind, std::string& room) {
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
      return complex_cell(input, Kind::Float, room);
    case Kind::DoubleComplex:
      return complex_cell(input, Kind::Double, room);
    case Kind::Char:
    case Kind::UnicodeChar:
    case Kind::Unknown:
      break;
  }
  return {};
}

bool is_nan(const CellView& value) {
  if (const auto* number = std::get_if<float>(&value)) return std::isnan(*number);
  if (const auto* number = std::get_if<double>(&value)) return std::isnan(*number);
  return false;
}

/// Fixed strings are filled up with NUL or blanks; the first NUL ends a string (section 2.1).
CellView text_cell(std::string_view bytes, Kind kind, std::string& room) {
  std::string_view text = bytes;
  if (kind == Kind::UnicodeChar || !is_utf8(bytes)) {
    room = kind == Kind::UnicodeChar ? utf8_of_utf16(bytes) : as_utf8(bytes);
    text = room;
  }
  const auto shown = trimmed(text.substr(0, text.find('\0')));
  return shown.empty() ? CellView{} : CellView{shown};
}

void append_bits(std::string& text, std::string_view bytes, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[static_cast<std::size_t>(i / 8)]);
    if (i > 0) text += ' ';
    text += (byte >> (7 - i % 8) & 1) != 0 ? '1' : '0';
  }
}

CellView array_cell(Input& input, const CellType& type, std::uint64_t count, std::string& room, MemoryBudget& budget) {
  constexpr std::uint64_t kBytesOfElement = 8;
  if (count == 0) return {};
  room.clear();
  if (type.kind == Kind::Bit) {
    const auto bytes = input.take(count / 8 + (count % 8 != 0 ? 1 : 0));
    budget.spend(2 * count);
    append_bits(room, bytes, count);
    return room;
  }
  std::string complex;
  for (std::uint64_t i = 0; i < count; ++i) {
    budget.spend(kBytesOfElement);
    if (i > 0) room += ' ';
    const auto element = number_element(input, type.kind, complex);
    // A missing boolean has no text of its own, yet the elements after it must keep their places.
    append_text(room, std::holds_alternative<std::monostate>(element) ? CellView{"?"} : element);
  }
  return room;
}

std::uint64_t element_count(Input& input, const CellType& type) {
  if (!type.is_variable) return type.count;
  const auto count = static_cast<std::int32_t>(input.take_number<std::uint32_t>());
  if (count < 0) {
    throw Error{ErrorKind::Malformed, fmt::format("BINARY cell claims {} elements", count)};
  }
  return static_cast<std::uint64_t>(count);
}

CellView cell(Input& input, const CellType& type, std::string& room, MemoryBudget& budget) {
  const auto count = element_count(input, type);
  if (type.is_text()) {
    const auto width = element_bytes(type.kind);
    if (count > input.left() / width) input.take(input.left() + 1);  // says that it is cut off
    return text_cell(input.take(count * width), type.kind, room);
  }
  if (type.is_array) return array_cell(input, type, count, room, budget);
  return number_element(input, type.kind, room);
}

std::size_t flag_bytes(BinaryForm form, std::size_t columns) {
  return form == BinaryForm::Binary2 ? (columns + 7) / 8 : 0;
}

/// The first row of the stream stands there as a whole.
bool has_whole_row(std::string_view stream, const std::vector<CellType>& columns, BinaryForm form) {
  Input input{stream};
  const auto passes = [&input](std::uint64_t bytes) {
    if (bytes > input.left()) return false;
    input.take(bytes);
    return true;
  };
  if (!passes(flag_bytes(form, columns.size()))) return false;
  return std::ranges::all_of(columns, [&](const CellType& type) {
    if (type.is_variable && input.left() < sizeof(std::uint32_t)) return false;
    const auto count = element_count(input, type);
    return passes(type.is_text() || type.is_array || type.is_variable ? binary_size(type, count)
                                                                      : element_bytes(type.kind));
  });
}

class RowReader {
 public:
  RowReader(const std::vector<CellType>& types, BinaryForm form, MemoryBudget& budget)
      : form_(form), collected_(types, budget) {
    for (const auto& type : types) element_bytes(type.kind);  // all readable, or none
  }

  void read_row(Input& input) {
    const auto before = input.left();
    const auto flags = flags_of(input);
    std::size_t column = 0;
    for (const auto& type : collected_.types()) {
      const auto value = cell(input, type, room_, collected_.budget());  // a cell flagged null has its bytes, too
      const bool is_null = is_flagged(flags, column++) || is_nan(value) || type.is_null(value);
      collected_.add_cell(is_null ? CellView{} : value);
    }
    collected_.end_row();
    if (input.left() == before) {
      throw Error{ErrorKind::Malformed, "BINARY stream has bytes, but its rows have none"};
    }
  }
  VotableRows take() { return collected_.take(); }

 private:
  std::string_view flags_of(Input& input) const { return input.take(flag_bytes(form_, collected_.types().size())); }

  static bool is_flagged(std::string_view flags, std::size_t column) {
    if (flags.empty()) return false;
    return (static_cast<unsigned char>(flags[column / 8]) >> (7 - column % 8) & 1) != 0;
  }

  BinaryForm form_;
  RowCollector collected_;
  std::string room_;
};

}  // namespace

CellView binary_cell(std::string_view bytes, const CellType& type, std::string& room, MemoryBudget& budget) {
  Input input{bytes};
  return cell(input, type, room, budget);
}

std::uint64_t binary_size(const CellType& type, std::uint64_t count) {
  return type.kind == Kind::Bit ? count / 8 + (count % 8 != 0 ? 1 : 0) : count * element_bytes(type.kind);
}

VotableRows read_binary_rows(std::string_view stream, const std::vector<CellType>& columns, BinaryForm form,
                             MemoryBudget& budget) {
  Input input{stream};
  RowReader reader{columns, form, budget};
  while (!input.is_empty()) reader.read_row(input);
  return reader.take();
}

VotableRows read_binary_rows(const std::function<bool(std::string& bytes)>& more, const std::vector<CellType>& columns,
                             BinaryForm form, MemoryBudget& budget) {
  constexpr std::size_t kLargestRow = std::size_t{64} << 20;
  RowReader reader{columns, form, budget};
  std::string held;
  std::size_t at = 0;
  for (bool is_all = false; !is_all || at < held.size();) {
    const auto rest = std::string_view{held}.substr(at);
    if (!is_all && !has_whole_row(rest, columns, form)) {
      if (rest.size() > kLargestRow) throw Error{ErrorKind::Malformed, "BINARY stream has a row of more than 64 MiB"};
      held.erase(0, at);
      at = 0;
      is_all = !more(held);
      continue;
    }
    Input input{rest};
    reader.read_row(input);
    at = held.size() - input.left();
  }
  return reader.take();
}

void require_readable_cells(const FieldList& fields, const std::vector<CellType>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& field = fields[i];
    if (columns[i].has_unreadable_size) {
      throw Error{ErrorKind::Malformed, fmt::format("the FIELD {} of a BINARY table has an unreadable arraysize \"{}\"",
                                                    field.name, field.arraysize)};
    }
    if (columns[i].kind == CellType::Kind::Unknown) {
      throw Error{ErrorKind::Malformed,
                  fmt::format("the FIELD {} of a BINARY table has no datatype of the standard but \"{}\"", field.name,
                              field.datatype)};
    }
  }
}

}  // namespace platefs::vo
