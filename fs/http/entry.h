// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cache/files/product.h"
#include "fs/http/preconditions.h"
#include "fs/pages/documents.h"
#include "fs/tree/node.h"

namespace platefs::fs {

/// What is told of a file or a directory without asking anybody.
struct Entry {
  std::string name;
  bool is_directory = false;
  std::optional<std::uint64_t> size = {};  ///< exact; nothing: of a directory, or not known before it is opened
  std::uint64_t estimate = 0;              ///< where there is no size
  std::string media_type = {};             ///< of a file
  Validators validators = {};              ///< of a file of a plate
  std::int64_t observed = 0;               ///< Unix seconds: what a mount shows as its time
};

/// `observed` is the time that AttributePolicy shows.
Entry entry_of(std::string name, const Node& node, const Documents& documents, std::int64_t observed);

/// A media type as a header says it: "image/fits", "text/csv; charset=utf-8". What an archive wrote is checked:
/// application/octet-stream for what is no media type.
std::string content_type_of(const Node& document);
std::string content_type_of(const Node& file, const cache::ProductFacts& facts);

/// Those of the version that is open, or of the one that is known; the tag differs wherever the bytes may differ: it is
/// made of the file's identity, its version, size, archive's tag and the time when this copy came.
Validators validators_of(const Node& file, const cache::ProductFacts& facts, std::uint32_t version, std::uint64_t size);
/// Of a text that is made here: its bytes.
Validators validators_of(std::string_view text);

}  // namespace platefs::fs
