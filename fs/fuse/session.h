// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"
#include "fs/fuse/icon_guard.h"
#include "fs/pages/attributes.h"
#include "fs/pages/documents.h"
#include "fs/tree/activity.h"
#include "fs/tree/tree.h"
#include "vo/base/sky.h"

namespace platefs::fs {

struct MountOptions {
  std::string mountpoint;  ///< absolute
  vo::Angle default_radius = vo::Angle::arcminutes(10);
  Look look;
  bool allow_other = false;
  std::size_t prefetch = 4;               ///< plates made ready for who goes through them in order
  std::vector<std::string> fuse_options;  ///< further -o words for the kernel's mount
  Ownership ownership;
  /// Programs that get EACCES for what is not in the cache, see icon_guard.h.
  std::vector<std::string> guarded_programs = usual_guarded_programs();
  std::function<void(std::string_view)> log;
  std::shared_ptr<Activity> activity = std::make_shared<Activity>();  ///< what the mount is doing
};

/// A mounted tree. Mounts in the constructor (throws Error{LocalIo} saying why it can't), unmounts in the
/// destructor, whatever still has files open there.
class Session {
 public:
  /// `library` and `documents` outlive the session.
  Session(const MountOptions& options, cache::Library& library, const Documents& documents);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves until the mount is gone or request_exit() was called. Call once, on one thread.
  void run();
  /// Makes run() return soon. Any thread.
  void request_exit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platefs::fs
