// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/stat.h>

#include <cstdint>

#include "fs/pages/documents.h"
#include "fs/tree/node.h"

namespace platefs::fs {

/// The owner of the mount and when it began.
struct Ownership {
  uid_t uid = 0;
  gid_t gid = 0;
  std::int64_t mounted_at = 0;       ///< Unix seconds
  bool mtime_is_fetch_time = false;  ///< --mtime fetched
};

/// What stat shows, and how long the kernel may believe it.
struct Attributes {
  struct stat stat = {};
  double attribute_timeout = 0;  ///< seconds; 0 while a size is only estimated
  double entry_timeout = 0;
};

/// The size policy: exact for documents and for files whose server told; a positive estimate, never
/// remembered by the kernel, for a file that has to be fetched or made first. Asks nobody.
class AttributePolicy {
 public:
  /// `documents` outlives the policy.
  AttributePolicy(const Documents& documents, Ownership ownership) : documents_(documents), ownership_(ownership) {}

  Attributes of(const Node& node, std::uint64_t inode) const;
  /// The time alone, Unix seconds: what is shown as st_mtime, or the mount's beginning.
  std::int64_t time_of(const Node& node) const;

 private:
  void describe_directory(const Node& node, Attributes& attributes) const;
  void describe_link(const Node& node, Attributes& attributes) const;
  void describe_document(const Node& node, Attributes& attributes) const;
  void describe_file(const Node& node, Attributes& attributes) const;
  std::int64_t time_of(const Node& node, std::int64_t fetched_at) const;
  void set_time(const Node& node, std::int64_t fetched_at, struct stat& stat) const;

  const Documents& documents_;
  Ownership ownership_;
};

}  // namespace platefs::fs
