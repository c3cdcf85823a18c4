// SPDX-License-Identifier: BSD-3-Clause
// The index of a table as another program or a failing disk left it: as it is, and with its checksums made right. It is
// refused, or gives rows.

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/indexed_rows.h"
#include "vo/tables/index_format.h"
#include "vo/tables/table_index.h"

namespace {

using namespace platefs::vo;

class Memory final : public IndexBytes {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) throw Error{ErrorKind::Corrupt, "past the end"};
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }

 private:
  std::string bytes_;
};

template <typename T>
T at(const std::string& bytes, std::uint64_t offset) {
  T value{};
  if (offset <= bytes.size() && bytes.size() - offset >= sizeof value) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

template <typename T>
void put(std::string& bytes, std::uint64_t offset, const T& value) {
  if (offset <= bytes.size() && bytes.size() - offset >= sizeof value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
  }
}

void seal_block(std::string& bytes, std::uint64_t block_at, const IndexBeginning& beginning) {
  auto block = at<TableIndex::Block>(bytes, block_at);
  const auto entries = (beginning.directory_at - beginning.entries_at) / sizeof(IndexEntry);
  if (block.first > entries || block.count > entries - block.first) return;
  for (std::uint64_t i = 0; i < block.count; ++i) {
    const auto entry_at = beginning.entries_at + (block.first + i) * sizeof(IndexEntry);
    auto entry = at<IndexEntry>(bytes, entry_at);
    if (entry.offset > bytes.size() || entry.length > bytes.size() - entry.offset) continue;
    entry.seal = index_seal(std::string_view{bytes}.substr(entry.offset, entry.length));
    put(bytes, entry_at, entry);
  }
  block.seal = index_seal(bytes.data() + beginning.entries_at + block.first * sizeof(IndexEntry),
                          block.count * sizeof(IndexEntry));
  put(bytes, block_at, block);
}

std::string sealed(std::string bytes) {
  auto beginning = at<IndexBeginning>(bytes, 0);
  beginning.magic = kIndexMagic;
  beginning.size = bytes.size();
  if (beginning.directory_at > bytes.size() || beginning.entries_at > beginning.directory_at) return bytes;
  auto blocks_at = beginning.directory_at;
  for (int text = 0; text < 3 && blocks_at < bytes.size(); ++text) {
    const auto size = at<std::uint64_t>(bytes, blocks_at);
    if (size > bytes.size()) break;
    blocks_at += sizeof size + size;
  }
  blocks_at += 2 * sizeof(std::uint64_t);
  for (; blocks_at + sizeof(TableIndex::Block) <= bytes.size(); blocks_at += sizeof(TableIndex::Block)) {
    seal_block(bytes, blocks_at, beginning);
  }
  beginning.directory_seal = index_seal(std::string_view{bytes}.substr(beginning.directory_at));
  beginning.seal = seal_of(beginning);
  put(bytes, 0, beginning);
  return bytes;
}

void look_into(const std::string& bytes) {
  try {
    const TableIndex index{std::make_unique<const Memory>(bytes)};
    for (const auto& [ra, dec] : {std::pair{0.0, 90.0}, {10.2, 20.0}, {359.9, -45.0}}) {
      VotableRows rows;
      for (const auto& row : index.rows_at(IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), 1000)) {
        append_indexed_row(row.bytes, 3, rows);
      }
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  look_into(bytes);
  look_into(sealed(bytes));
  return 0;
}
