// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fs/http/entry.h"

namespace platefs::fs {

/// What a PROPFIND asks for (RFC 4918, section 9.1).
struct PropertyRequest {
  enum class Kind { All, Names, These };
  Kind kind = Kind::All;
  struct Property {
    std::string space;  ///< its namespace, "DAV:"
    std::string name;
  };
  std::vector<Property> these = {};
};

/// The body of a PROPFIND; an empty one asks for all. Throws Error{BadUsage} for what is no such document, has a
/// document type, or names more than 100 properties.
PropertyRequest parse_property_request(std::string_view body);

/// The Depth header: 0 or 1; nothing for "infinity" (and for none, which means that), which is refused.
std::optional<int> depth_of(std::string_view header);

struct ListedResource {
  std::string href;  ///< the encoded path
  Entry entry;
};

/// The document of a 207: each resource's live properties. A size that is not known before the file is opened is left
/// out, as 404 where it was asked for by name.
std::string multistatus(const std::vector<ListedResource>& resources, const PropertyRequest& wanted);

/// The body of the 403 for Depth: infinity.
std::string finite_depth_error();

}  // namespace platefs::fs
