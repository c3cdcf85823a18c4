// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/table_writer.h"

#include <fitsio.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "vo/base/error.h"
#include "vo/votable/column.h"

namespace platefs::vo {
namespace {

using Kind = CellType::Kind;

constexpr std::size_t kMostColumns = 999;     // FITS 4.0 section 7.3.1: TFIELDS
constexpr std::size_t kLongestText = 28'000;  // cfitsio's buffer
/// A column as wide as its longest text may be many times larger than the texts.
constexpr std::size_t kLargestFixedColumn = 16u << 20;

void check(int status) {
  if (status == 0) return;
  char words[FLEN_STATUS] = {};
  fits_get_errstatus(status, words);
  fits_clear_errmsg();
  throw Error{ErrorKind::LocalIo, fmt::format("writing a FITS table: {}", words)};
}

std::string ascii(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80) continue;  // one '?' for each character, not each byte
    plain += byte >= 0x20 && byte < 0x7f ? c : byte < 0x80 ? ' ' : '?';
  }
  return plain;
}

std::string shortened(std::string text) {
  constexpr std::string_view kMark = "...";
  if (text.size() > kLongestText) text.replace(kLongestText - kMark.size(), std::string::npos, kMark);
  return text;
}

/// A FITS file in memory.
class MemoryFile {
 public:
  MemoryFile() {
    int status = 0;
    fits_create_memfile(&file_, &memory_, &room_, 2880, std::realloc, &status);
    check(status);
  }
  ~MemoryFile() {
    int ignored = 0;
    if (file_ != nullptr) fits_close_file(file_, &ignored);
    std::free(memory_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  fitsfile* get() { return file_; }

  /// The bytes up to the end of the present, last HDU.
  std::string bytes() {
    int status = 0;
    LONGLONG end = 0;
    fits_flush_file(file_, &status);
    fits_get_hduaddrll(file_, nullptr, nullptr, &end, &status);
    check(status);
    return {static_cast<const char*>(memory_), static_cast<std::size_t>(end)};
  }

 private:
  fitsfile* file_ = nullptr;
  void* memory_ = nullptr;
  std::size_t room_ = 0;
};

/// One column: what FITS calls its type, and its cells.
class Column {
 public:
  Column(const VotableDocument& table, std::size_t index)
      : table_(table), index_(index), written_(column_to_write(table.fields[index], table.rows, index)) {
    const bool is_number = !written_.type.is_array && !written_.type.is_text();
    code_ = is_number ? code_of(written_.type.kind) : 'A';
    if (code_ == 'A') take_texts();
  }

  std::string form() const {
    if (code_ != 'A') return std::string{code_};
    return is_variable() ? fmt::format("1PA({})", width_) : fmt::format("{}A", width_);
  }
  const VotableField& field() const { return table_.fields[index_]; }
  std::string null() const { return is_integer() ? written_.null.value_or("") : ""; }

  void write(fitsfile* file) const {
    if (table_.rows.empty()) return;
    const int number = static_cast<int>(index_) + 1;
    const auto rows = static_cast<LONGLONG>(table_.rows.size());
    int status = 0;
    if (code_ == 'A') {
      std::vector<char*> cells;
      for (const auto& text : texts_) cells.push_back(const_cast<char*>(text.c_str()));
      write_texts(file, number, cells, &status);
    } else if (code_ == 'L') {
      auto cells = values<char>([](const CellView& value) {
        const auto* truth = std::get_if<bool>(&value);
        return static_cast<char>(truth == nullptr ? 2 : *truth ? 1 : 0);
      });
      fits_write_colnull_log(file, number, 1, 1, rows, cells.data(), 2, &status);
    } else if (is_integer()) {
      const auto null = written_.null ? std::atoll(written_.null->c_str()) : 0;
      auto cells = values<LONGLONG>([null](const CellView& value) { return integer_of(value).value_or(null); });
      fits_write_col_lnglng(file, number, 1, 1, rows, cells.data(), &status);
    } else {
      auto cells = values<double>(
          [](const CellView& value) { return number_of(value).value_or(std::numeric_limits<double>::quiet_NaN()); });
      fits_write_col_dbl(file, number, 1, 1, rows, cells.data(), &status);
    }
    check(status);
  }

 private:
  static char code_of(Kind kind) {
    switch (kind) {
      case Kind::Boolean:
        return 'L';
      case Kind::UnsignedByte:
        return 'B';
      case Kind::Short:
        return 'I';
      case Kind::Int:
        return 'J';
      case Kind::Long:
        return 'K';
      case Kind::Float:
        return 'E';
      case Kind::Double:
        return 'D';
      case Kind::Bit:
      case Kind::Char:
      case Kind::UnicodeChar:
      case Kind::FloatComplex:
      case Kind::DoubleComplex:
      case Kind::Unknown:
        return 'A';
    }
    return 'A';
  }

  /// Each text in the heap, as long as it is.
  bool is_variable() const { return code_ == 'A' && !texts_.empty() && width_ > kLargestFixedColumn / texts_.size(); }

  // cfitsio writes texts of variable length one at a time.
  void write_texts(fitsfile* file, int number, std::vector<char*>& cells, int* status) const {
    const std::size_t at_once = is_variable() ? 1 : cells.size();
    for (std::size_t row = 0; row < cells.size(); row += at_once) {
      fits_write_col_str(file, number, static_cast<LONGLONG>(row) + 1, 1, static_cast<LONGLONG>(at_once),
                         cells.data() + row, status);
    }
  }

  bool is_integer() const { return std::string_view{"BIJK"}.find(code_) != std::string_view::npos; }

  CellView cell(std::size_t row) const { return table_.rows.cell(row, index_); }

  template <typename T, typename Convert>
  std::vector<T> values(const Convert& convert) const {
    std::vector<T> cells;
    cells.reserve(table_.rows.size());
    for (std::size_t row = 0; row < table_.rows.size(); ++row) cells.push_back(convert(cell(row)));
    return cells;
  }

  void take_texts() {
    for (std::size_t row = 0; row < table_.rows.size(); ++row) {
      texts_.push_back(shortened(ascii(text_of(cell(row)))));
      width_ = std::max(width_, texts_.back().size());
    }
  }

  const VotableDocument& table_;
  std::size_t index_;
  VotableColumn written_;
  char code_ = 'A';
  std::size_t width_ = 1;
  std::vector<std::string> texts_;
};

void write_text_key(fitsfile* file, const std::string& key, const std::string& value) {
  if (value.empty()) return;
  int status = 0;
  // More than a card holds needs the CONTINUE convention, which has to be declared.
  if (value.size() > 60) fits_write_key_longwarn(file, &status);
  fits_write_key_longstr(file, key.c_str(), ascii(value).c_str(), nullptr, &status);
  check(status);
}

void write_null(fitsfile* file, int number, const std::string& null) {
  if (null.empty()) return;
  int status = 0;
  fits_write_key_lng(file, fmt::format("TNULL{}", number).c_str(), std::atoll(null.c_str()), nullptr, &status);
  check(status);
}

void write_comments(fitsfile* file, const VotableDocument& table) {
  int status = 0;
  if (!table.description.empty()) fits_write_comment(file, ascii(table.description).c_str(), &status);
  for (const auto& info : table.infos) {
    const auto line = fmt::format("{}: {}{}{}", info.name, info.value, info.text.empty() ? "" : ", ", info.text);
    fits_write_comment(file, ascii(line).c_str(), &status);
  }
  check(status);
}

void create_table(fitsfile* file, const VotableDocument& table, const std::vector<Column>& columns) {
  std::vector<std::string> forms, names, units;
  for (const auto& column : columns) {
    forms.push_back(column.form());
    names.push_back(ascii(column.field().name));
    units.push_back(ascii(column.field().unit));
  }
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (auto& text : texts) list.push_back(text.data());
    return list;
  };
  int status = 0;
  fits_create_tbl(file, BINARY_TBL, static_cast<LONGLONG>(table.rows.size()), static_cast<int>(columns.size()),
                  pointers(names).data(), pointers(forms).data(), pointers(units).data(),
                  ascii(table.table_name).c_str(), &status);
  check(status);
}

}  // namespace

std::string fits_table(const VotableDocument& table) {
  std::vector<Column> columns;
  columns.reserve(table.fields.size());
  for (std::size_t i = 0; i < std::min(table.fields.size(), kMostColumns); ++i) columns.emplace_back(table, i);
  MemoryFile file;
  create_table(file.get(), table, columns);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int number = static_cast<int>(i) + 1;
    write_null(file.get(), number, columns[i].null());
    write_text_key(file.get(), fmt::format("TUCD{}", number), columns[i].field().ucd);
    write_text_key(file.get(), fmt::format("TCOMM{}", number), columns[i].field().description);
  }
  write_comments(file.get(), table);
  for (const auto& column : columns) column.write(file.get());
  return file.bytes();
}

}  // namespace platefs::vo
