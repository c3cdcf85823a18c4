// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "fs/tree/node.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// Which documents changed while they were open: their names then mean another inode, as the name of a plate's file
/// does when the archive replaces the file. Such documents are few; beyond 10,000 they are forgotten, and begin again.
/// Thread-safe.
class RenewedTexts {
 public:
  /// Gives the new node of a document the version that its name means.
  void apply_to(Node& document) const;
  /// From here on the name of `document` means another version than this.
  void renew(const Node& document);

 private:
  vo::Guarded<std::map<std::string, std::uint32_t>> versions_;  ///< by the identity of version 0
};

}  // namespace platefs::fs
