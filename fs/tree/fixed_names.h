// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "cache/library.h"
#include "fs/tree/node.h"

namespace platefs::fs {

// Names that the tree has whatever the archives say.

struct NamedDocument {
  std::string_view name;
  DocumentKind kind;
};

/// What `.platefs` holds.
std::span<const NamedDocument> control_documents();
/// What is made of a target's answer; errors.txt, which comes and goes, is apart.
std::span<const NamedDocument> target_documents();

std::optional<DocumentKind> document_named(std::span<const NamedDocument> documents, std::string_view name);

/// A plate's file in its directory; for a link the directory that it is in.
std::string_view file_name_of(cache::ProductKind kind);

/// Behind a plate's name in `cutouts/` and in `previews/`.
inline constexpr std::string_view kCutoutSuffix = ".fits";
inline constexpr std::string_view kPreviewSuffix = ".jpg";

}  // namespace platefs::fs
