// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace platefs::tools {

/// What is known of one file of an exported directory: a line of its manifest. A file that could not be had has `error`
/// in place of all but its path and its plate.
struct ManifestEntry {
  std::string path;  ///< from the directory
  std::uint64_t bytes = 0;
  std::string sha256 = {};  ///< 64 hexadecimal digits
  std::string did = {}, archive = {};
  std::string source = {}, url = {}, etag = {};  ///< as the attributes user.platefs.* of the mount say
  std::string fetched_at = {};                   ///< "2026-03-01T12:00:00Z"
  std::string error = {};
};

/// JSON, with its line feed.
std::string line_of(const ManifestEntry& entry);
/// Nothing: it is no line of a manifest, or one that was broken off.
std::optional<ManifestEntry> entry_of(std::string_view line);

/// manifest.jsonl: appended to, one write for each line, so that a run that is killed leaves what it had written, and
/// replaced by its sorted lines in the end. Not thread-safe. Throws Error{LocalIo}.
class Manifest {
 public:
  explicit Manifest(std::filesystem::path file);
  ~Manifest();
  Manifest(const Manifest&) = delete;
  Manifest& operator=(const Manifest&) = delete;

  /// The latest entry of a path; null: none.
  const ManifestEntry* find(const std::string& path) const;
  /// Of a path that has an entry: the later holds.
  void add(ManifestEntry entry);
  /// By path, each once.
  void finish();

 private:
  std::filesystem::path file_;
  int fd_ = -1;
  std::map<std::string, ManifestEntry> entries_;
};

}  // namespace platefs::tools
