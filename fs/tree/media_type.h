// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "fs/tree/node.h"

namespace platefs::fs {

/// The media type of a text that is made here.
std::string_view media_type_of(DocumentKind kind);
/// The media type of a file: what its archive said (foreign text), else what its kind is.
std::string_view media_type_of(const cache::ProductFacts& facts, cache::ProductKind kind);

}  // namespace platefs::fs
