// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "vo/votable/votable.h"

namespace platefs::vo {

// A table that was read once, in a form that is read again in a tenth of the time: the document without its rows, and
// the columns as they are in memory, numbers little-endian, each text once, compressed by zstd. Bytes: "PLTAB1\n\0",
// then one zstd frame with its size and checksum.

std::string packed_table(const FramedVotable& read);
bool is_packed_table(std::string_view bytes);
/// The table that was packed, as read_votable() gave it. Throws Error{Malformed} when the bytes are no packed table;
/// takes no more memory than such a table may have.
Votable unpacked_table(std::string_view bytes);

}  // namespace platefs::vo
