// SPDX-License-Identifier: BSD-3-Clause
// Records of an index that another program or a failing disk wrote, sealed with a checksum that holds:
// what can be read is written again as the same bytes.

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "cache/store/record.h"

namespace {

using namespace platefs::cache;

std::string sealed(std::string_view bytes) {
  std::string record{bytes};
  const auto checksum = checksum_of(std::as_bytes(std::span{bytes}));
  for (unsigned i = 0; i < 8; ++i) record += static_cast<char>(checksum >> (8 * i) & 0xff);
  return record;
}

/// Bytes of a flag other than 0 and 1 are read as 1, so a record is compared after one turn.
template <typename Decode>
void check(const std::string& record, Decode decode) {
  const auto once = decode(record);
  if (!once) return;
  const auto again = encode(*once);
  const auto twice = decode(again);
  if (!twice || encode(*twice) != again) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const auto& record : {std::string{bytes}, sealed(bytes)}) {
    check(record, decode_key);
    check(record, decode_object);
    check(record, decode_chunk);
    check(record, decode_document);
    check(record, decode_names);
    number_of_key(record);
  }
  return 0;
}
