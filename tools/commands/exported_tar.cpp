// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/exported_tar.h"

#include <fmt/core.h>

#include <span>
#include <utility>

#include "tools/commands/file_pieces.h"
#include "tools/commands/sha256.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

/// "manifest-2-of-4.jsonl" (Shard::manifest_name).
bool is_of_a_part(std::string_view manifest) {
  return manifest.starts_with("manifest-") && manifest.ends_with(".jsonl");
}

/// The tasks of an array that name one tar would leave the targets of the last one alone in it.
std::filesystem::path not_of_another_part(std::filesystem::path file, const std::string& manifest) {
  if (!is_of_a_part(manifest)) return file;
  for (const auto& name : names_at_root(file)) {
    if (!is_of_a_part(name) || name == manifest) continue;
    throw vo::Error{vo::ErrorKind::Rejected,
                    fmt::format("--to {}: that has another part of the targets ({}); give each part a file of its own, "
                                "such as {}-$I.tar, or a directory, which all may share",
                                file.string(), name, file.stem().string())};
  }
  return file;
}

}  // namespace

ExportedTar::ExportedTar(std::filesystem::path file, std::string manifest)
    : manifest_(std::move(manifest)), tar_(not_of_another_part(std::move(file), manifest_)) {}

bool ExportedTar::has(const FetchJob& /*job*/, const cache::ProductFacts& /*facts*/) { return false; }

void ExportedTar::deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) {
  // Until it is here; the second time it comes from the cache.
  if (!file.whole_file()) for_each_piece(file, [](std::span<const std::byte>) {});
  const auto path = exported_path(job);
  Sha256 digest;
  const std::lock_guard lock(mutex_);
  if (entries_.contains(path) && entries_[path].error.empty()) return;
  tar_.add(
      path, file.size(),
      [&](const TarFile::Take& take) {
        for_each_piece(file, [&](std::span<const std::byte> bytes) {
          digest.add(bytes);
          take(bytes);
        });
      },
      second_path(job));
  entries_.insert_or_assign(path, entry_of_written(job, file.size(), digest.hexadecimal(), product.facts()));
}

void ExportedTar::failed(const FetchJob& job, const std::string& error) {
  auto entry = entry_for(job);
  entry.error = error;
  auto path = entry.path;
  const std::lock_guard lock(mutex_);
  entries_.try_emplace(std::move(path), std::move(entry));
}

void ExportedTar::write(const std::string& path, std::string_view text) {
  const std::lock_guard lock(mutex_);
  tar_.add(path, text);
}

void ExportedTar::finish(bool is_complete) {
  if (!is_complete) return;
  const std::lock_guard lock(mutex_);
  std::string lines;
  for (const auto& [path, entry] : entries_) lines += line_of(entry);
  tar_.add(manifest_, lines);
  tar_.finish();
}

}  // namespace platefs::tools
