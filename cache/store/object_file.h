// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace platefs::cache {

/// The open sparse file of one object. Stays readable after it was unlinked. Thread-safe.
class ObjectFile {
 public:
  enum class Access { Read, ReadWrite };
  /// A file, or the errno that says why there is none.
  struct Opened {
    std::shared_ptr<const ObjectFile> file;
    int error = 0;
  };

  /// Only a regular file is opened, and no symbolic link is followed: what else lies there is not ours.
  static Opened open(const std::filesystem::path& path, Access access);
  /// A new file, with its folder; EEXIST when there is one of the name.
  static Opened create(const std::filesystem::path& path);
  ~ObjectFile();
  ObjectFile(const ObjectFile&) = delete;
  ObjectFile& operator=(const ObjectFile&) = delete;

  int fd() const { return fd_; }
  bool allows(Access access) const { return access == Access::Read || access_ == Access::ReadWrite; }
  /// Throws Error{LocalIo} or Error{NoSpace} with the path.
  void write(std::uint64_t offset, std::span<const std::byte> bytes) const;
  /// Fills `into` or says false.
  bool read(std::uint64_t offset, std::span<std::byte> into) const noexcept;

  /// Bytes that had been tested could not be read through fd() any more: the file was cut short.
  void note_failure() const noexcept { has_failed_ = true; }
  bool has_failed() const noexcept { return has_failed_; }
  /// When it was used last, in the time of whoever keeps it.
  std::atomic<std::uint64_t>& used_at() const noexcept { return used_at_; }

 private:
  ObjectFile(int fd, Access access, std::filesystem::path path) : fd_(fd), access_(access), path_(std::move(path)) {}
  static Opened opened(int fd, Access access, const std::filesystem::path& path);

  int fd_;
  Access access_;
  std::filesystem::path path_;
  mutable std::atomic<bool> has_failed_{false};
  mutable std::atomic<std::uint64_t> used_at_{0};
};

}  // namespace platefs::cache
