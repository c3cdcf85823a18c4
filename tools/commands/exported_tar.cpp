// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/exported_tar.h"

#include <span>
#include <utility>

#include "tools/commands/file_pieces.h"
#include "tools/commands/sha256.h"

namespace platefs::tools {

ExportedTar::ExportedTar(std::filesystem::path file, std::string manifest)
    : manifest_(std::move(manifest)), tar_(std::move(file)) {}

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
