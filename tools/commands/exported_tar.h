// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "tools/commands/export.h"
#include "tools/commands/tar_file.h"

namespace platefs::tools {

/// A tar of the tree that ExportedDirectory makes, written anew by each run. It has its name when it is complete, so
/// that one of an earlier run stays until then; what a run that was broken off had fetched is in the cache.
class ExportedTar final : public Export {
 public:
  ExportedTar(std::filesystem::path file, std::string manifest);

  bool has(const FetchJob& job, const cache::ProductFacts& facts) override;  ///< false
  /// A file that is on its way holds up no other one: it is written when it is here.
  void deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) override;
  void failed(const FetchJob& job, const std::string& error) override;
  void write(const std::string& path, std::string_view text) override;
  void finish(bool is_complete) override;

 private:
  std::string manifest_;
  std::mutex mutex_;
  TarFile tar_;                                   ///< under the mutex
  std::map<std::string, ManifestEntry> entries_;  ///< by path; under the mutex
};

}  // namespace platefs::tools
