// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cached_files.h"

#include <fmt/core.h>
#include <fnmatch.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>

#include "fs/target_name.h"
#include "vo/error.h"

namespace platefs::tools {
namespace {

using Matches = std::function<bool(const CachedFile&)>;

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
    return vo::Cone{vo::IcrsPosition::at(vo::Angle::degrees(ra), vo::Angle::degrees(dec)),
                    vo::Angle::degrees(radius)};
  } catch (const vo::Error&) {
    return std::nullopt;
  }
}

std::optional<cache::ObjectId> number_in(const std::string& text) {
  cache::ObjectId id = 0;
  const auto* end = text.data() + text.size();
  const auto [at, problem] = std::from_chars(text.data(), end, id);
  return problem == std::errc{} && at == end ? std::optional{id} : std::nullopt;
}

std::string attribute(const std::string& path, const char* name) {
  std::array<char, 4096> value{};
  const auto size = ::getxattr(path.c_str(), name, value.data(), value.size());
  return size > 0 ? std::string{value.data(), static_cast<std::size_t>(size)} : std::string{};
}

/// By which file a path in a mount means: its name says which of the plate's.
Matches of_path(const std::filesystem::path& path, const std::string& did) {
  static const std::map<std::string, std::string> by_name{
      {"cutout.fits", "cutout"}, {"full.fits", "full"}, {"preview.jpg", "preview"}};
  static const std::map<std::string, std::string> by_folder{
      {"cutouts", "cutout"}, {"previews", "preview"}, {"links", "link"}};
  const auto name = path.filename().string();
  const auto folder = path.parent_path().filename().string();
  std::string kind;
  if (const auto found = by_name.find(name); found != by_name.end()) kind = found->second;
  if (const auto found = by_folder.find(folder); found != by_folder.end()) kind = found->second;
  const auto link = kind == "link" ? name : "";
  return [did, kind, link](const CachedFile& file) {
    return file.did == did && (kind.empty() || file.kind == kind) && (link.empty() || file.link == link);
  };
}

Matches of_target(const cache::Store& store, const fs::Target& target) {
  const auto names = store.names("target/" + target.canonical_name());
  return [names, target](const CachedFile& file) {
    if (!file.region) return names.contains(file.did);
    return file.region->centre == target.position &&
           (target.radius_is_default || file.region->radius == target.radius);
  };
}

std::optional<Matches> as_path(const std::string& selector) {
  std::filesystem::path path{selector};
  if (!path.has_filename()) path = path.parent_path();
  const auto did = attribute(path, "user.platefs.did");
  if (did.empty()) return std::nullopt;
  return of_path(path, did);
}

Matches meaning_of(const cache::Store& store, const std::string& selector) {
  if (const auto id = number_in(selector)) {
    return [id](const CachedFile& file) { return file.info.id == *id; };
  }
  if (auto by_path = as_path(selector)) return *by_path;
  // A target's directory in a mount means the target.
  std::filesystem::path path{selector};
  const auto name = path.has_filename() ? path.filename() : path.parent_path().filename();
  const auto parsed = fs::parse_target(name.string(), vo::Angle::arcminutes(10));
  if (const auto* target = std::get_if<fs::Target>(&parsed)) return of_target(store, *target);
  return [selector](const CachedFile& file) {
    return file.did == selector || ::fnmatch(selector.c_str(), file.did.c_str(), 0) == 0;
  };
}

}  // namespace

std::string CachedFile::file_name() const {
  if (kind == "link") return "links/" + link;
  return kind == "preview" ? "preview.jpg" : kind + ".fits";
}

CachedFile cached_file(cache::ObjectInfo info) {
  CachedFile file;
  const auto lines = lines_of(info.key);
  file.info = std::move(info);
  if (lines.size() > 0) file.did = lines[0];
  if (lines.size() > 1) file.kind = lines[1];
  if (lines.size() > 2 && file.kind == "cutout") file.region = cone_in(lines[2]);
  if (lines.size() > 2 && file.kind == "link") file.link = lines[2];
  return file;
}

std::vector<CachedFile> selected_files(const cache::Store& store, const std::vector<CachedFile>& files,
                                       const std::string& selector) {
  const auto matches = meaning_of(store, selector);
  std::vector<CachedFile> selected;
  std::copy_if(files.begin(), files.end(), std::back_inserter(selected), matches);
  if (selected.empty()) {
    throw vo::Error{vo::ErrorKind::NotFound,
                    fmt::format("nothing in the cache is '{}'; `platefs cache list` shows what there is, "
                                "`platefs fetch` brings more", selector)};
  }
  return selected;
}

}  // namespace platefs::tools
