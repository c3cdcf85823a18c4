// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace platefs::cache {

/// The open sparse file of one object. Stays readable after it was unlinked. Thread-safe.
class ObjectFile {
 public:
  /// Null when the file is not there.
  static std::shared_ptr<ObjectFile> open(const std::filesystem::path& path);
  /// Makes it and, if need be, its folder: the file must not be there (an id never names two contents).
  /// Throws Error{LocalIo} or Error{NoSpace}.
  static std::shared_ptr<ObjectFile> create(const std::filesystem::path& path);
  ~ObjectFile();
  ObjectFile(const ObjectFile&) = delete;
  ObjectFile& operator=(const ObjectFile&) = delete;

  int fd() const { return fd_; }
  /// Throws Error{LocalIo} or Error{NoSpace} with the path.
  void write(std::uint64_t offset, std::span<const std::byte> bytes) const;
  /// Fills `into` or says false.
  bool read(std::uint64_t offset, std::span<std::byte> into) const noexcept;

  /// Tells other processes that the file is in use (a shared flock), or no more.
  void mark_in_use(bool in_use) const noexcept;
  /// Nobody, here or in another process, has marked it. Looks through a descriptor of its own.
  static bool is_unused(const std::filesystem::path& path) noexcept;

 private:
  ObjectFile(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::filesystem::path path_;
};

}  // namespace platefs::cache
