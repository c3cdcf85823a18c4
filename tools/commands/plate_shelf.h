// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/error.h"
#include "vo/base/url.h"
#include "vo/http/transport.h"

namespace platefs::tools {

/// One FITS file that was found.
struct ShelvedFile {
  std::filesystem::path local;  ///< empty: it lies behind `url`
  std::optional<vo::Url> url;
  std::string path;  ///< below what was named on the command line, with '/'

  std::string shown() const { return url ? url->for_display() : local.string(); }
};

struct ShelfContent {
  std::vector<ShelvedFile> files;  ///< each once, by path
  std::vector<vo::Error> failures;
};

/// The FITS files (.fits, .fit, .fts, also with .gz or .fz) that the words of a command line name: a folder with all
/// below it, a file, a URL of a file, a URL that ends in "/" of a page that lists a folder (of nginx, Apache, or any
/// other with links) with the folders below it, or a file (or "-") with a URL or path in each line. Asks servers for
/// pages. What can't be read is among the failures. Throws Error{Cancelled} on `stop`.
ShelfContent shelf_content(const std::vector<std::string>& words, vo::Transport& transport,
                           const std::stop_token& stop);

/// The targets of the links of an HTML page, as they are written, references replaced.
std::vector<std::string> links_of_page(std::string_view html);
bool is_name_of_fits(std::string_view name);

}  // namespace platefs::tools
