// SPDX-License-Identifier: BSD-3-Clause
// A table that is an archive, in whatever form: its rows go through a mapping whose text is the first line of the
// input.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "vo/base/error.h"
#include "vo/tables/batched_table.h"
#include "vo/tables/column_mapping.h"

namespace {

using namespace platefs::vo;

struct Mapped final : RowReceiver {
  explicit Mapped(std::string_view value) { mapping.add("t_min", value); }
  void begin(const FieldList& fields) override {
    if (!table) table.emplace(mapping, fields, "the table");
  }
  void take(VotableRows rows) override {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t i = 0; i < table->fields().size(); ++i) size += text_of(table->cell(rows, row, i)).size();
    }
  }
  ColumnMapping mapping;
  std::optional<MappedTable> table;
  std::size_t size = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto line = input.find('\n');
  try {
    Mapped mapped{input.substr(0, line)};
    read_table_in_batches(line == input.npos ? std::string_view{} : input.substr(line + 1), mapped);
  } catch (const Error& error) {
    if (error.message().empty()) std::abort();
  }
  return 0;
}
