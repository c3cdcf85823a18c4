// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <optional>

namespace platefs::cache {

/// This process's part in one index file: a shared flock on it, held as long as the process uses the
/// index. Whoever wants to move or delete a cache needs the file alone, so it does so to no cache in which
/// a process lives. The lock belongs to the file, not to its name: it tells when another file took the
/// name. Thread-safe.
class IndexClaim {
 public:
  enum class Access { ReadOnly, ReadWrite };
  /// Opens the file, ReadWrite also makes it. Nothing when another process holds it alone, which it does
  /// for moments, or has just moved it: try again. Throws std::system_error.
  static std::optional<IndexClaim> take(const std::filesystem::path& file, Access access);
  ~IndexClaim();
  IndexClaim(IndexClaim&& other) noexcept;
  IndexClaim& operator=(IndexClaim&& other) noexcept;

  /// 0 while `file` names it, ENOENT when it names another or nothing; another errno when that can't be found out.
  int lost_name(const std::filesystem::path& file) const noexcept;
  /// `fd` is open on it.
  bool is_file_of(int fd) const noexcept;
  /// No other process has a claim, and none gets one from now on.
  bool take_alone() const noexcept;

 private:
  explicit IndexClaim(int fd) : fd_(fd) {}
  void keep_private() const noexcept;
  int fd_;
};

}  // namespace platefs::cache
