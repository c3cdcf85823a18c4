// SPDX-License-Identifier: BSD-3-Clause
// A FITS file of a stranger: reading its table must either succeed or throw vo::Error, within its budget, and what was
// read can be written as a VOTable and read back with as many rows.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "vo/base/error.h"
#include "vo/votable/fits_table.h"
#include "vo/votable/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  try {
    MemoryBudget budget{std::uint64_t{16} << 20};
    const auto read = read_fits_table(std::as_bytes(std::span{data, size}), std::nullopt, budget);
    const auto again = read_votable(votable_text({"table", "", {}, read.fields, read.rows}));
    if (again.rows.size() != read.rows.size()) std::abort();
  } catch (const Error&) {
    // an answer like any other
  }
  return 0;
}
