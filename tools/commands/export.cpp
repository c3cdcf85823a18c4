// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/export.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "fs/tree/fixed_names.h"
#include "tools/commands/exported_directory.h"
#include "tools/commands/exported_objects.h"
#include "tools/commands/exported_tar.h"
#include "tools/commands/s3_place.h"
#include "vo/base/error.h"
#include "vo/base/iso_utc.h"

namespace platefs::tools {
namespace {

const fs::PlatesFolder* folder_of(cache::ProductKind kind) {
  for (const auto& folder : fs::plates_folders()) {
    if (folder.product == kind) return &folder;
  }
  return nullptr;
}

bool is_file_of_a_plate(cache::ProductKind kind) {
  return kind == cache::ProductKind::Link || std::ranges::count(fs::kFilesOfAPlate, kind) > 0;
}

std::string path_in_folder(const FetchJob& job, const fs::PlatesFolder& folder) {
  return fmt::format("{}/{}/{}{}", job.target.target.directory_name(), folder.name, job.plate, folder.suffix);
}

bool ends_in(const std::string& name, std::string_view ending) { return name.ends_with(ending); }

void refuse_what_is_no_place(const std::string& to) {
  using vo::Error;
  if (to.find("://") != std::string::npos) {
    throw Error{vo::ErrorKind::Rejected,
                fmt::format("--to {}: a directory, a file that ends in .tar, or s3://BUCKET/PREFIX", to)};
  }
  for (const auto* ending : {".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst"}) {
    if (!ends_in(to, ending)) continue;
    throw Error{vo::ErrorKind::Rejected,
                fmt::format("--to {}: a tar is written as it is, since images hardly get smaller; name it *.tar", to)};
  }
}

}  // namespace

std::unique_ptr<Export> make_export(const std::string& said, const std::string& manifest,
                                    const CommonOptions& options) {
  if (said.starts_with(kS3)) {
    auto place = s3_place(said, options, [](const char* name) { return std::getenv(name); });
    return std::make_unique<ExportedObjects>(vo::S3Bucket{std::move(place.service), std::move(place.bucket)},
                                             std::move(place.prefix), manifest);
  }
  refuse_what_is_no_place(said);
  const std::filesystem::path to{said};
  std::error_code unknown;
  if (to.extension() == ".tar" && !std::filesystem::is_directory(to, unknown)) {
    return std::make_unique<ExportedTar>(to, manifest);
  }
  return std::make_unique<ExportedDirectory>(to, manifest);
}

std::string exported_path(const FetchJob& job) {
  const auto* folder = is_file_of_a_plate(job.id.kind) ? nullptr : folder_of(job.id.kind);
  if (folder != nullptr) return path_in_folder(job, *folder);
  return fmt::format("{}/{}/{}", job.target.target.directory_name(), job.plate, job.file);
}

std::string second_path(const FetchJob& job) {
  const auto* folder = folder_of(job.id.kind);
  return folder != nullptr && is_file_of_a_plate(job.id.kind) ? path_in_folder(job, *folder) : "";
}

ManifestEntry entry_for(const FetchJob& job) {
  const auto& plate = job.id.plate.plate();
  return {.path = exported_path(job), .did = plate.obs_publisher_did.str(), .archive = plate.archive.str()};
}

ManifestEntry entry_of_written(const FetchJob& job, std::uint64_t bytes, std::string sha256,
                               const cache::ProductFacts& facts) {
  auto entry = entry_for(job);
  entry.bytes = bytes;
  entry.sha256 = std::move(sha256);
  entry.source = facts.source;
  entry.url = facts.url;
  entry.etag = facts.etag;
  entry.fetched_at = vo::iso_utc(facts.fetched_at);
  return entry;
}

}  // namespace platefs::tools
