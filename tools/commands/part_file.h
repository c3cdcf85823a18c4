// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace platefs::tools {

/// Throws Error{NoSpace} or Error{LocalIo} with the path and what errno means.
[[noreturn]] void fail_to_write(const std::filesystem::path& file, int error);
/// Makes the folder and those above it.
void make_folder(const std::filesystem::path& folder);
/// All of it. `file` is for the Error.
void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& file);

/// A file that is written under another name, `.NAME.part`, until it is whole; its folder is made. What a process that
/// was killed left behind is begun anew by the next. Throws as fail_to_write().
class PartFile {
 public:
  enum class Writers {
    Any,  ///< of the same bytes
    One   ///< Error{Rejected} while another one is at it, also another process
  };
  explicit PartFile(std::filesystem::path file, Writers writers = Writers::Any);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  /// The blocks of another file, where the file system shares them; false: it does not.
  bool clone(int fd);
  void write(std::span<const std::byte> bytes);
  std::uint64_t size() const;
  /// Takes back what was written behind `size`.
  void cut_to(std::uint64_t size);
  /// Gives it its name.
  void finish();

 private:
  void claim();

  std::filesystem::path file_, part_;
  int fd_ = -1;
  int claim_ = -1;  ///< another descriptor of it, locked until it has its name; -1: of Any
  bool is_whole_ = false;
};

}  // namespace platefs::tools
