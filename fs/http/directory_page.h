// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/http/entry.h"

namespace platefs::fs {

/// A directory for a person and for programs that follow links, such as wget -r: names, bytes (with ~ where they are
/// only estimated), dates of observation. All links are relative and lead down; the way up is a button, which such
/// programs do not press, so that one target stays one target. `title`: the path, decoded.
std::string directory_page(const std::string& title, const std::vector<Entry>& entries);

}  // namespace platefs::fs
