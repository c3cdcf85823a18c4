// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/tabledata.h"

#include <fmt/core.h>

#include "vo/base/base64.h"
#include "vo/votable/row_collector.h"

namespace platefs::vo {
namespace {

class Tabledata {
 public:
  Tabledata(XmlCursor& content, const std::vector<CellType>& columns, MemoryBudget& budget)
      : content_(content), collected_(columns, budget) {}

  VotableRows read() {
    for (content_.skip_characters(); !content_.is_at_end(); content_.skip_characters()) {
      const auto tag = content_.tag();
      if (tag.is_end) content_.broken(fmt::format("</{}> ends nothing", tag.name));
      if (tag.local_name() == "TR") {
        read_row(tag);
      } else {
        content_.skip_element(tag);
      }
    }
    return collected_.take();
  }

 private:
  void read_row(const XmlCursor::Tag& row) {
    std::string_view text;
    while (!row.is_empty) {
      if (content_.take_plain_cell(text)) {
        add(text);
        continue;
      }
      content_.skip_characters();
      const auto tag = content_.tag();
      if (tag.is_end) {
        if (tag.name != row.name) content_.broken(fmt::format("<{}> is ended by </{}>", row.name, tag.name));
        break;
      }
      if (tag.local_name() == "TD") {
        read_cell(tag);
      } else {
        content_.skip_element(tag);
      }
    }
    collected_.end_row();
  }

  void read_cell(const XmlCursor::Tag& cell) {
    if (cell.is_empty) return add({});
    std::string pieces;
    std::string_view text = content_.characters(room_);
    for (auto tag = content_.tag(); !tag.is_end || tag.name != cell.name; tag = content_.tag()) {
      if (tag.is_end) content_.broken(fmt::format("<{}> is ended by </{}>", cell.name, tag.name));
      pieces += text;
      content_.skip_element(tag);
      text = content_.characters(room_);
    }
    if (!pieces.empty()) text = pieces += text;
    if (cell.has("encoding")) {
      pieces = base64_decoded(text);
      text = pieces;
    }
    add(text);
  }

  void add(std::string_view text) {
    const auto* type = collected_.next_type();
    if (type != nullptr) collected_.add_cell(cell_of_text(text, *type, converted_, collected_.budget()));
  }

  XmlCursor& content_;
  RowCollector collected_;
  std::string room_, converted_;
};

}  // namespace

VotableRows read_tabledata(XmlCursor content, const std::vector<CellType>& columns, MemoryBudget& budget) {
  return Tabledata{content, columns, budget}.read();
}

}  // namespace platefs::vo
