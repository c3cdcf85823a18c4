// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace platefs::tools {

/// What to do where nobody can mend FUSE.
inline constexpr std::string_view kWithoutFuse = "no FUSE here? `platefs serve` shows the same tree over HTTP";

enum class Health { Good, Doubtful, Bad };

/// One thing that was looked at.
struct Finding {
  std::string what;  ///< "FUSE device"
  Health health = Health::Good;
  std::string found;   ///< "/dev/fuse can be opened"
  std::string remedy;  ///< empty when all is well
};

Finding check_fuse_device(const std::filesystem::path& device = "/dev/fuse");
/// fusermount3 mounts for those who are not root; it is looked for in `path` ($PATH).
Finding check_fusermount(const std::string& path, bool is_root);
/// --allow-other by those who are not root needs user_allow_other in fuse.conf.
Finding check_allow_other(const std::filesystem::path& fuse_conf, bool is_root);
/// Can be made and written, lies on a local disk, has room for `quota` more or less.
std::vector<Finding> check_cache_directory(const std::filesystem::path& directory, std::uint64_t quota);

}  // namespace platefs::tools
