// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string_view>

namespace platefs::vo {

/// The bytes of a table in a file of its own without a name, which nobody else can change or cut short, mapped into
/// memory. One thread at a time; the bytes live as long as it.
class TableFile {
 public:
  /// An empty one in `directory`. Throws Error{LocalIo, NoSpace}, as all of it.
  explicit TableFile(const std::filesystem::path& directory);
  ~TableFile();
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;

  int fd() const { return fd_; }
  /// Fills it with those of a regular file. Throws Error{NotFound} when there is none, Error{Cancelled} on `stop`.
  void copy_from(const std::filesystem::path& file, const std::stop_token& stop);
  /// Once it is filled: what it holds, unpacked where that is gzip-ed. Throws Error{Malformed} for broken packing.
  std::string_view bytes(const std::stop_token& stop);
  /// Pages that were looked at need not stay in memory.
  void forget_pages() const;

 private:
  void unpack(const std::stop_token& stop);
  void map();
  void unmap();

  std::filesystem::path directory_;
  int fd_;
  void* map_ = nullptr;
  std::size_t size_ = 0;
};

/// Which version of it a local file is: changes whenever the file does. Throws Error{NotFound}, Error{LocalIo}, and
/// Error{Rejected} for what is no regular file.
std::string version_of_file(const std::filesystem::path& file);

/// A name for the index of the table that `source` describes.
std::string index_file_name(std::string_view source);

}  // namespace platefs::vo
