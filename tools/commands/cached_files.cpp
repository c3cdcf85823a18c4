// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cached_files.h"

#include <sstream>
#include <utility>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::optional<vo::Cone> cone_in(const std::string& text) {
  std::istringstream stream{text};
  double ra = 0, dec = 0, radius = 0;
  if (!(stream >> ra >> dec >> radius)) return std::nullopt;
  try {
    return vo::Cone{vo::IcrsPosition::at(vo::Angle::degrees(ra), vo::Angle::degrees(dec)), vo::Angle::degrees(radius)};
  } catch (const vo::Error&) {
    return std::nullopt;
  }
}

bool shows_region(std::string_view kind) {
  return kind == "cutout" || kind == "stamp" || kind == "aligned" || kind == "chart";
}

}  // namespace

std::string CachedFile::file_name() const {
  if (kind == "link") return "links/" + link;
  if (kind == "preview" || kind == "stamp") return kind + ".jpg";
  return kind + (kind == "chart" ? ".png" : ".fits");
}

CachedFile cached_file(cache::ObjectInfo info) {
  CachedFile file;
  const auto lines = lines_of(info.key);
  file.info = std::move(info);
  if (lines.size() > 0) file.authority = lines[0];
  if (lines.size() > 1) file.did = lines[1];
  if (lines.size() > 2) file.kind = lines[2];
  if (lines.size() > 3 && shows_region(file.kind)) file.region = cone_in(lines[3]);
  if (lines.size() > 3 && file.kind == "link") file.link = lines[3];
  return file;
}

}  // namespace platefs::tools
