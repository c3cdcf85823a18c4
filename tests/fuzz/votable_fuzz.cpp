// SPDX-License-Identifier: BSD-3-Clause
// A TAP answer of a stranger: reading it, making plates of it and writing it again must either succeed
// or throw vo::Error; what was written is read back with as many rows,
// and what was packed is unpacked as it was.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/obscore.h"
#include "vo/votable/packed_table.h"
#include "vo/votable/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  try {
    const auto framed = read_framed_votable({reinterpret_cast<const char*>(data), size});
    const auto& read = framed.table;
    if (!(unpacked_table(packed_table(framed)).rows == read.rows)) std::abort();
    const auto again = read_votable(votable_text({"plates", "", {}, read.fields, read.rows}));
    if (again.rows.size() != read.rows.size()) std::abort();
    plates_from(read, "fuzz");
  } catch (const Error&) {
    // an answer like any other
  }
  return 0;
}
