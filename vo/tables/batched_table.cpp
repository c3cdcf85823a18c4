// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/batched_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/base64.h"
#include "vo/base/error.h"
#include "vo/base/words.h"
#include "vo/tables/delimited_text.h"
#include "vo/tables/ecsv_header.h"
#include "vo/votable/binary.h"
#include "vo/votable/fits_table.h"
#include "vo/votable/row_collector.h"
#include "vo/votable/tabledata.h"
#include "vo/votable/xml_cursor.h"

namespace platefs::vo {
namespace {

/// Of one batch, or of what is unpacked at once.
constexpr std::uint64_t kMostMemory = std::uint64_t{256} << 20;
constexpr std::size_t kMostColumns = 10'000;
/// What stands before and behind the rows of a large VOTable.
constexpr std::size_t kLargestEnds = std::size_t{4} << 20;

constexpr std::array<std::string_view, 12> kReals{"s_ra",   "s_dec",  "s_fov",        "s_resolution",
                                                  "t_min",  "t_max",  "t_exptime",    "t_resolution",
                                                  "em_min", "em_max", "em_res_power", "s_pixel_scale"};
constexpr std::array<std::string_view, 7> kIntegers{"access_estsize", "s_xel1", "s_xel2", "calib_level",
                                                    "t_xel",          "em_xel", "pol_xel"};

std::string_view datatype_of_text_column(std::string_view name) {
  const auto low = lower_case(name);
  if (std::ranges::find(kReals, low) != kReals.end()) return "double";
  return std::ranges::find(kIntegers, low) != kIntegers.end() ? "long" : "char";
}

class TextTable {
 public:
  TextTable(std::string_view text, RowReceiver& receiver) : lines_(text), receiver_(receiver) {}

  Votable read() {
    DelimitedLine line;
    if (!lines_.next(line)) throw Error::malformed("the table is empty: not even a line that names its columns");
    Votable table;
    table.has_table = true;
    table.fields = fields_of(line.cells);
    receiver_.begin(table.fields);
    std::vector<CellType> types;
    for (const auto& field : table.fields) types.push_back(cell_type(field));
    MemoryBudget budget{kMostMemory, &receiver_};
    RowCollector collected{types, budget};
    std::string room;
    while (lines_.next(line)) {
      if (line.cells.size() > types.size()) refuse_line(line, types.size());
      for (const auto& cell : line.cells) {
        const auto& type = *collected.next_type();
        collected.add_cell(says_nothing(cell) ? CellView{} : cell_of_text(cell, type, room, budget));
      }
      collected.end_row();
    }
    collected.take();
    return table;
  }

 private:
  std::vector<VotableField> fields_of(const std::vector<std::string>& names) const {
    if (names.size() > kMostColumns) throw Error::malformed(fmt::format("a table of {} columns", names.size()));
    const auto units = ecsv_units(lines_.comments());
    std::vector<VotableField> fields;
    for (const auto& name : names) {
      VotableField field;
      field.name = name;
      field.datatype = datatype_of_text_column(name);
      if (field.datatype == "char") field.arraysize = "*";
      if (const auto unit = units.find(name); unit != units.end()) field.unit = unit->second;
      fields.push_back(std::move(field));
    }
    return fields;
  }

  [[noreturn]] static void refuse_line(const DelimitedLine& line, std::size_t columns) {
    throw Error::malformed(
        fmt::format("line {} of the table has {} cells and its first line {}: a text that holds the "
                    "separator stands in quotes",
                    line.number, line.cells.size(), columns));
  }

  DelimitedLines lines_;
  RowReceiver& receiver_;
};

/// Where the rows of a VOTable stand that has one table, far from both ends of the document.
struct FarRows {
  std::size_t begin = 0, end = 0;
  std::optional<BinaryForm> binary;  ///< nothing: they are a TABLEDATA
};

/// Another encoding than UTF-8 is for the reader of whole documents.
bool is_utf8_xml(std::string_view head) {
  if (head.substr(0, 200).find('\0') != head.npos) return false;
  const auto declared = head.substr(0, head.find('>'));
  return declared.find("encoding") == declared.npos || lower_case(declared).find("utf-8") != declared.npos;
}

/// Behind the start tag of the only element of that name in the head; 0: there is no such, or comments may hide one.
std::size_t behind_only(std::string_view head, std::string_view start) {
  const auto at = head.find(start);
  if (at == head.npos || head.find(start, at + 1) != head.npos || head.substr(0, at).find("<!--") != head.npos)
    return 0;
  const auto end = head.find('>', at);
  return end == head.npos || head[end - 1] == '/' ? 0 : end + 1;
}

/// A STREAM of base64 in the document itself, and what it is in.
std::optional<BinaryForm> form_of_stream(std::string_view head) {
  const auto tag = head.substr(head.rfind("<STREAM"));
  const auto form = head.substr(0, head.size() - tag.size());
  if (tag.find("href") != tag.npos || lower_case(tag).find("gzip") != tag.npos) return std::nullopt;
  if (trimmed(form).ends_with("<BINARY2>")) return BinaryForm::Binary2;
  return trimmed(form).ends_with("<BINARY>") ? std::optional{BinaryForm::Binary} : std::nullopt;
}

std::optional<FarRows> far_rows(std::string_view document) {
  if (document.size() < 3 * kLargestEnds) return std::nullopt;
  const auto head = document.substr(0, kLargestEnds);
  const auto of_cells = behind_only(head, "<TABLEDATA"), of_stream = behind_only(head, "<STREAM");
  // Exactly one of them.
  if ((of_cells == 0) == (of_stream == 0) || !is_utf8_xml(head)) return std::nullopt;
  FarRows rows{std::max(of_cells, of_stream), document.rfind(of_stream == 0 ? "</TABLEDATA>" : "</STREAM>"), {}};
  if (rows.end == document.npos || rows.end < document.size() - kLargestEnds) return std::nullopt;
  if (of_stream != 0) {
    rows.binary = form_of_stream(head.substr(0, of_stream));
    if (!rows.binary) return std::nullopt;
  }
  return rows;
}

/// The document without its rows is read as every other; then the rows, which need not be in memory at once.
Votable read_far_rows(std::string_view document, const FarRows& rows, RowReceiver& receiver) {
  std::string frame{document.substr(0, rows.begin)};
  frame += document.substr(rows.end);
  auto table = read_votable(frame);
  receiver.begin(table.fields);
  std::vector<CellType> types;
  for (const auto& field : table.fields) types.push_back(cell_type(field));
  MemoryBudget budget{kMostMemory, &receiver};
  if (!rows.binary) {
    read_tabledata(XmlCursor{document, rows.begin, rows.end}, types, budget);
    return table;
  }
  require_readable_cells(table.fields, types);
  Base64Pieces pieces{document.substr(rows.begin, rows.end - rows.begin)};
  read_binary_rows([&pieces](std::string& bytes) { return pieces.append_to(bytes); }, types, *rows.binary, budget);
  return table;
}

bool is_votable(std::string_view bytes) {
  const auto beginning = bytes.substr(0, 4096);
  const auto mark = beginning.find('<');  // the header of an ECSV file may tell of VOTables, too
  return mark <= beginning.find('#') && beginning.find("VOTABLE") != beginning.npos;
}

/// UTF-16: a '<' with zero bytes about.
bool is_wide_xml(std::string_view bytes) {
  return bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff") ||
         bytes.starts_with(std::string_view{"<\0", 2}) || bytes.starts_with(std::string_view{"\0<", 2});
}

}  // namespace

Votable read_table_in_batches(std::string_view bytes, RowReceiver& receiver) {
  if (bytes.starts_with("SIMPLE  =")) {
    MemoryBudget budget{kMostMemory, &receiver};
    return read_fits_table(std::as_bytes(std::span{bytes}), std::nullopt, budget);
  }
  if (is_votable(bytes) || is_wide_xml(bytes)) {
    if (const auto rows = far_rows(bytes)) return read_far_rows(bytes, *rows, receiver);
    return read_votable_in_batches(bytes, receiver).table;
  }
  const auto beginning = trimmed(bytes.substr(0, 512));
  if (beginning.starts_with('<') || beginning.find('\0') != beginning.npos) {
    throw Error::malformed("the file is no table: neither VOTable, FITS, CSV, TSV nor ECSV");
  }
  return TextTable{bytes, receiver}.read();
}

}  // namespace platefs::vo
