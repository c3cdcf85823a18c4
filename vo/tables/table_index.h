// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/sky.h"

// A table of any size that is searched as an archive: batched_table.h reads it in batches, whatever its format,
// column_mapping.h makes its columns those of ObsCore, and the index below finds rows by their place.
namespace platefs::vo {

struct IndexEntry;

/// What is known of a table as a whole.
struct IndexHead {
  std::string source;        ///< whatever decides what the index holds: where the table is, how it is read
  std::string version;       ///< of the table
  std::string frame;         ///< the table without its rows
  std::uint64_t rows = 0;    ///< of the table
  std::uint64_t placed = 0;  ///< of these that have a place in the sky: the others are not in the index
};

/// Random access to the bytes of an index. Any number of threads at a time.
struct IndexBytes {
  virtual ~IndexBytes() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `out`. Throws Error{LocalIo} where that can't be read, Error{Corrupt} past the end.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// The rows of a table by their place, in a file that is looked into and never read as a whole. Entries of rows lie
/// sorted by size of the circle round their area, zone of declination, right ascension; 1024 of them make a block, of
/// which the directory at the end knows the bounds and the checksum. In front lie the rows in the same order, each with
/// its checksum in its entry. Numbers are little-endian. So a question reads the directory once, and of the blocks
/// those that may matter. Foreign bytes: every count, offset and checksum is looked at before it is used. Thread-safe.
class TableIndex {
 public:
  /// Throws Error{Corrupt} when the bytes are no sound index of this form, Error{LocalIo}.
  explicit TableIndex(std::unique_ptr<const IndexBytes> bytes);
  /// Of the file; Error{NotFound} when there is none.
  static std::shared_ptr<const TableIndex> open(const std::filesystem::path& file);
  ~TableIndex();

  const IndexHead& head() const { return head_; }
  std::uint64_t bytes() const { return bytes_->size(); }

  struct Row {
    std::uint32_t number = 0;  ///< in the table
    std::string bytes;         ///< as they were added
  };
  /// The rows round whose area lies a circle that contains `position`, or meets that of `reach` around it, in the order
  /// of the table, `most` at most and one more where there are more. Throws as the constructor.
  std::vector<Row> rows_at(const IcrsPosition& position, std::size_t most, Angle reach = Angle::degrees(0)) const;

  struct Block;

 private:
  std::unique_ptr<const IndexBytes> bytes_;
  IndexHead head_;
  std::uint64_t entries_at_ = 0, entries_ = 0;  ///< behind the rows
  std::vector<Block> blocks_;
};

/// Makes the file of an index: rows go to the disk as they come, of each some 50 bytes stay in memory. Files under way
/// have no name that anybody looks for; finish() puts the whole in place at once. Throws Error{LocalIo, NoSpace}.
class TableIndexBuilder {
 public:
  explicit TableIndexBuilder(std::filesystem::path file);
  ~TableIndexBuilder();
  TableIndexBuilder(const TableIndexBuilder&) = delete;
  TableIndexBuilder& operator=(const TableIndexBuilder&) = delete;

  /// A row without a place.
  void pass_over() { ++rows_; }
  /// The next row, all of whose area lies within `radius` of `centre`.
  void add(const IcrsPosition& centre, Angle radius, std::string_view row);
  /// Of `head` the texts count. Waits for the disk.
  void finish(IndexHead head);

 private:
  void flush();

  std::filesystem::path file_;
  int rows_file_ = -1;
  std::vector<IndexEntry> entries_;
  std::string pending_;
  std::uint64_t written_ = 0, rows_ = 0;
};

}  // namespace platefs::vo
