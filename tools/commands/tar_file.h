// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/commands/part_file.h"

namespace platefs::tools {

/// What stands in front of a file's bytes in a tar: a header of POSIX.1-1988 (ustar), and in front of that an extended
/// one of POSIX.1-2001 (pax) where name or size do not fit. `link`: the path of a file of the same tar of which this is
/// another name; it has no bytes then.
std::string tar_header(const std::string& path, std::uint64_t size, std::time_t time, const std::string& link = {});

/// The names of files at the root of a tar as TarFile writes it. Of what is none, or can't be read: those that come
/// before that.
std::vector<std::string> names_at_root(const std::filesystem::path& tar);

/// A tar that is written under another name until it is whole (PartFile), by one process at a time; regular files and
/// further names of them. Not thread-safe. Throws as fail_to_write().
class TarFile {
 public:
  using Take = std::function<void(std::span<const std::byte>)>;

  explicit TarFile(std::filesystem::path file);

  /// `bring` calls what it is given with the bytes, `size` in all; `second`, if not empty, is another name of the file.
  /// When it throws, or brings another number, the tar is as it was before and the Error goes on.
  void add(const std::string& path, std::uint64_t size, const std::function<void(const Take&)>& bring,
           const std::string& second = {});
  void add(const std::string& path, std::string_view text);
  /// Gives it its name.
  void finish();

 private:
  void write(std::string_view text) { part_.write(std::as_bytes(std::span{text})); }
  void pad(std::uint64_t block);

  PartFile part_;
  std::time_t time_;  ///< of all files
};

}  // namespace platefs::tools
