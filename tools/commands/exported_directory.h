// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "tools/commands/fetch_run.h"
#include "tools/commands/manifest.h"

namespace platefs::tools {

/// A directory of plain files with the paths that they have in a mount, and its manifest: `fetch --to`. Each file is
/// written under another name, tested by its size and renamed: what has its name is whole. Where the file system shares
/// blocks with the cache's (FICLONE), none are copied. Thread-safe. Throws Error{LocalIo} or Error{NoSpace} with the
/// path.
class ExportedDirectory final : public FetchDelivery {
 public:
  /// `directory` is made; `manifest` is the name of that in it.
  ExportedDirectory(std::filesystem::path directory, const std::string& manifest);

  /// Its file is there, as the manifest tells it, and the cache knows no other version.
  bool has(const FetchJob& job, const cache::ProductFacts& facts) override;
  void deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) override;
  void failed(const FetchJob& job, const std::string& error) override;

  /// A text of `path`, from the directory; it has no line in the manifest. One that is there already is left alone.
  void write(const std::string& path, std::string_view text);
  void finish();

 private:
  void link(const std::string& path, const std::string& other) const;

  std::filesystem::path directory_;
  std::mutex mutex_;
  Manifest manifest_;  ///< under the mutex
};

/// Where a job's file is, from the directory: "M31/1890-05-17_i00811/cutout.fits", "M31/stamps/1890-05-17_i00811.jpg".
std::string exported_path(const FetchJob& job);

}  // namespace platefs::tools
