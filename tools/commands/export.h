// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/cli/options.h"
#include "tools/commands/fetch_run.h"
#include "tools/commands/manifest.h"

namespace platefs::tools {

/// A tree of plain files with the paths that they have in a mount, and a manifest of them, for a machine without
/// platefs: `fetch --to`. Thread-safe. Throws Error{LocalIo} or Error{NoSpace} with the path.
class Export : public FetchDelivery {
 public:
  /// A text of `path`, from the tree's root; it has no line in the manifest.
  virtual void write(const std::string& path, std::string_view text) = 0;
  /// After all the others: the manifest. `is_complete`: the run came to its end.
  virtual void finish(bool is_complete) = 0;
};

/// To a directory, to a file that is named *.tar, or to an S3 service as `options` know it (s3_place.h); `manifest` is
/// the name of that in it. Throws Error{Rejected} for what can't be written (a compressed tar, another URL).
std::unique_ptr<Export> make_export(const std::string& to, const std::string& manifest, const CommonOptions& options);

/// Where a job's file is, from the root: "M31/1890-05-17_i00811/cutout.fits", "M31/stamps/1890-05-17_i00811.jpg".
std::string exported_path(const FetchJob& job);
/// The second name that a mount has of it, "M31/cutouts/1890-05-17_i00811.fits"; empty: none.
std::string second_path(const FetchJob& job);

/// What the manifest tells of it before it is known to be good.
ManifestEntry entry_for(const FetchJob& job);
/// The same of a file that is written.
ManifestEntry entry_of_written(const FetchJob& job, std::uint64_t bytes, std::string sha256,
                               const cache::ProductFacts& facts);

}  // namespace platefs::tools
