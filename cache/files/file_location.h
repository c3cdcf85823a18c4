// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cache/files/product.h"
#include "vo/base/url.h"

namespace platefs::cache {

/// Where an archive has a file ready, and what it says of it before anybody asks for it.
struct FileLocation {
  vo::Url url;
  std::optional<std::uint64_t> stated_size;  ///< bytes; often rounded down to a kB
  std::string media_type;
};

/// The source of a plate's file according to its links. `name`: the file's, for messages. Throws
/// Error{NotFound} when the archive offers none, Error{Rejected} with what its DataLink says instead, the
/// Error of a URL that is none. Pure.
FileLocation file_source(const LinksAnswer& links, const ProductId& id, const std::string& name);

/// What a file that the archive has ready will be: see expected_facts.
ProductFacts expected_download(const ProductId& id, const LinksAnswer* links);

}  // namespace platefs::cache
