// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/packed_table.h"

#include <fmt/core.h>
#include <zstd.h>

#include <bit>
#include <cstring>
#include <memory>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "PLTAB1\n\0"sv;
constexpr int kFastest = 1;
constexpr std::uint64_t kLargest = std::uint64_t{512} << 20;

static_assert(std::endian::native == std::endian::little, "columns are kept as they are in memory");

enum class Form : std::uint8_t { Nulls, Truths, Integers, Floats, Doubles, Texts };

[[noreturn]] void unpackable(std::string_view what) {
  throw Error{ErrorKind::Malformed, fmt::format("a packed table {}", what)};
}

void check(std::size_t code, std::string_view what) {
  if (ZSTD_isError(code) != 0) unpackable(fmt::format("{}: {}", what, ZSTD_getErrorName(code)));
}

/// What is put is compressed piece by piece: beside the columns there is never all of it.
class Packer {
 public:
  Packer() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx), piece_(ZSTD_CStreamOutSize()), packed_(kMagic) {
    if (context_ == nullptr) throw std::bad_alloc{};
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kFastest), "can't be made");
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1), "can't be made");
  }

  void bytes(std::string_view bytes) { compress(bytes, ZSTD_e_continue); }
  template <typename Number>
  void number(Number value) {
    bytes({reinterpret_cast<const char*>(&value), sizeof value});
  }
  template <typename Number>
  void numbers(const std::vector<Number>& values) {
    static_assert(std::is_arithmetic_v<Number>);
    bytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number)});
  }
  std::string take() {
    compress({}, ZSTD_e_end);
    return std::move(packed_);
  }

 private:
  void compress(std::string_view bytes, ZSTD_EndDirective mode) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (bool is_done = false; !is_done;) {
      ZSTD_outBuffer output{piece_.data(), piece_.size(), 0};
      const auto left = ZSTD_compressStream2(context_.get(), &output, &input, mode);
      check(left, "can't be made");
      packed_.append(piece_.data(), output.pos);
      is_done = mode == ZSTD_e_end ? left == 0 : input.pos == input.size;
    }
  }

  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_;
  std::vector<char> piece_;
  std::string packed_;
};

/// Each text of the table once, in the order in which they are met; number 0 is the empty one.
class TextNumbers {
 public:
  explicit TextNumbers(const VotableRows& rows) {
    for (const auto& column : rows.columns()) {
      const auto* texts = std::get_if<CellColumn::Texts>(&column.cells());
      if (texts == nullptr) continue;
      for (const auto& text : texts->values) {
        if (!text.empty() && numbers_.emplace(text.view().data(), texts_.size() + 1).second) texts_.push_back(&text);
      }
    }
  }
  std::uint32_t of(const Text& text) const {
    return text.empty() ? 0 : static_cast<std::uint32_t>(numbers_.at(text.view().data()));
  }
  const std::vector<const Text*>& texts() const { return texts_; }

 private:
  std::unordered_map<const char*, std::size_t> numbers_;  ///< by the place of what columns share
  std::vector<const Text*> texts_;
};

struct PackColumn {
  Packer& to;
  const TextNumbers& numbers;

  void form(Form form) const { to.number(form); }
  void operator()(const CellColumn::Nulls&) const { form(Form::Nulls); }
  void operator()(const CellColumn::Truths& cells) const {
    form(Form::Truths);
    to.numbers(cells.values);
  }
  void operator()(const CellColumn::Integers& cells) const {
    form(Form::Integers);
    to.numbers(cells.values);
    std::vector<std::uint8_t> is_null(cells.values.size());
    for (std::size_t i = 0; i < cells.is_null.size(); ++i) is_null[i] = cells.is_null[i] ? 1 : 0;
    to.numbers(is_null);
  }
  void operator()(const CellColumn::Floats& cells) const {
    form(Form::Floats);
    to.numbers(cells.values);
  }
  void operator()(const CellColumn::Doubles& cells) const {
    form(Form::Doubles);
    to.numbers(cells.values);
  }
  void operator()(const CellColumn::Texts& cells) const {
    form(Form::Texts);
    std::vector<std::uint32_t> all;
    all.reserve(cells.values.size());
    for (const auto& text : cells.values) all.push_back(numbers.of(text));
    to.numbers(all);
  }
  [[noreturn]] void operator()(const CellColumn::Mixed&) const { unpackable("of mixed cells can't be made"); }
};

std::string decompressed(std::string_view frame) {
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) unpackable("is no zstd frame");
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
  if (context == nullptr) throw std::bad_alloc{};
  std::string bytes;
  std::vector<char> piece(ZSTD_DStreamOutSize());
  ZSTD_inBuffer input{frame.data(), frame.size(), 0};
  std::size_t left = 1;
  while (left != 0) {
    ZSTD_outBuffer output{piece.data(), piece.size(), 0};
    left = ZSTD_decompressStream(context.get(), &output, &input);
    check(left, "is broken");
    bytes.append(piece.data(), output.pos);
    if (bytes.size() > kLargest) unpackable("is too large");
    if (left != 0 && output.pos == 0 && input.pos == input.size) unpackable("is cut off");
  }
  return bytes;
}

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(std::uint64_t size) {
    if (size > rest_.size()) unpackable("is cut off");
    const auto taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  template <typename Number>
  Number number() {
    Number value{};
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  template <typename Number>
  std::vector<Number> numbers(std::uint64_t count) {
    if (count > rest_.size() / sizeof(Number)) unpackable("is cut off");
    std::vector<Number> values(static_cast<std::size_t>(count));
    const auto from = bytes(count * sizeof(Number));
    if (!from.empty()) std::memcpy(values.data(), from.data(), from.size());
    return values;
  }
  bool is_empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// Number 0 is the empty one; adds what they take to `memory`.
std::vector<Text> unpacked_texts(Unpacker& from, std::uint64_t& memory) {
  const auto lengths = from.numbers<std::uint32_t>(from.number<std::uint64_t>());
  std::vector<Text> texts(1);
  texts.reserve(lengths.size() + 1);
  for (const auto length : lengths) {
    texts.emplace_back(from.bytes(length));
    memory += Text::memory_of(length);
  }
  return texts;
}

CellColumn::Integers unpacked_integers(Unpacker& from, std::uint64_t rows) {
  CellColumn::Integers cells{from.numbers<std::int64_t>(rows), {}};
  const auto is_null = from.numbers<std::uint8_t>(rows);
  if (is_null.empty() || std::memchr(is_null.data(), 1, is_null.size()) == nullptr) return cells;
  cells.is_null.assign(is_null.begin(), is_null.end());
  return cells;
}

CellColumn::Texts unpacked_text_cells(Unpacker& from, std::uint64_t rows, const std::vector<Text>& texts) {
  CellColumn::Texts cells;
  cells.values.reserve(static_cast<std::size_t>(rows));
  for (const auto number : from.numbers<std::uint32_t>(rows)) {
    if (number >= texts.size()) unpackable("names a text that it does not have");
    cells.values.push_back(texts[number]);
  }
  return cells;
}

CellColumn unpacked_column(Unpacker& from, std::uint64_t rows, const std::vector<Text>& texts) {
  switch (from.number<Form>()) {
    case Form::Nulls:
      return CellColumn{CellColumn::Nulls{static_cast<std::size_t>(rows)}};
    case Form::Truths:
      return CellColumn{CellColumn::Truths{from.numbers<std::int8_t>(rows)}};
    case Form::Integers:
      return CellColumn{unpacked_integers(from, rows)};
    case Form::Floats:
      return CellColumn{CellColumn::Floats{from.numbers<float>(rows)}};
    case Form::Doubles:
      return CellColumn{CellColumn::Doubles{from.numbers<double>(rows)}};
    case Form::Texts:
      return CellColumn{unpacked_text_cells(from, rows, texts)};
  }
  unpackable("has a column of an unknown form");
}

}  // namespace

std::string packed_table(const FramedVotable& read) {
  const auto& rows = read.table.rows;
  const TextNumbers numbers{rows};
  Packer to;
  to.number(std::uint64_t{read.frame.size()});
  to.bytes(read.frame);
  to.number(std::uint64_t{numbers.texts().size()});
  for (const auto* text : numbers.texts()) to.number(static_cast<std::uint32_t>(text->size()));
  for (const auto* text : numbers.texts()) to.bytes(text->view());
  to.number(std::uint64_t{rows.size()});
  to.number(std::uint64_t{rows.columns().size()});
  for (const auto& column : rows.columns()) std::visit(PackColumn{to, numbers}, column.cells());
  return to.take();
}

bool is_packed_table(std::string_view bytes) { return bytes.starts_with(kMagic); }

Votable unpacked_table(std::string_view bytes) {
  if (!is_packed_table(bytes)) unpackable("begins otherwise");
  const auto whole = decompressed(bytes.substr(kMagic.size()));
  Unpacker from{whole};
  auto table = read_votable(from.bytes(from.number<std::uint64_t>()));
  std::uint64_t memory = 0;
  const auto texts = unpacked_texts(from, memory);
  const auto rows = from.number<std::uint64_t>();
  const auto count = from.number<std::uint64_t>();
  if (count != table.fields.size() && rows > 0) unpackable("has another number of columns than of fields");
  // Rows without a byte of their own: the number of them is only a claim.
  if (rows > kLargest / 8) unpackable("has too many rows");
  std::vector<CellColumn> columns;
  for (std::uint64_t i = 0; i < count; ++i) columns.push_back(unpacked_column(from, rows, texts));
  if (!from.is_empty()) unpackable("goes on behind its end");
  table.rows = {std::move(columns), static_cast<std::size_t>(rows), memory};
  return table;
}

}  // namespace platefs::vo
