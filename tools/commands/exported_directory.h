// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "tools/commands/export.h"
#include "tools/commands/manifest.h"

namespace platefs::tools {

/// A directory. Each file is written under another name, tested by its size and renamed: what has its name is whole.
/// Where the file system shares blocks with the cache's (FICLONE), none are copied. The manifest grows with the files,
/// so that a run that is broken off leaves what it had.
class ExportedDirectory final : public Export {
 public:
  /// `directory` is made; `manifest` is the name of that in it.
  ExportedDirectory(std::filesystem::path directory, const std::string& manifest);

  /// Its file is there, as the manifest tells it, and the cache knows no other version.
  bool has(const FetchJob& job, const cache::ProductFacts& facts) override;
  void deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) override;
  void failed(const FetchJob& job, const std::string& error) override;
  /// One that is there already is left alone.
  void write(const std::string& path, std::string_view text) override;
  void finish(bool is_complete) override;

 private:
  void link(const std::string& path, const std::string& other) const;

  std::filesystem::path directory_;
  std::mutex mutex_;
  Manifest manifest_;  ///< under the mutex
};

}  // namespace platefs::tools
