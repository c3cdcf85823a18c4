// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/exported_directory.h"

#include <fstream>
#include <iterator>
#include <span>
#include <utility>

#include "tools/commands/file_pieces.h"
#include "tools/commands/part_file.h"
#include "tools/commands/sha256.h"

namespace platefs::tools {
namespace {

namespace stdfs = std::filesystem;

bool holds(const stdfs::path& file, std::string_view text) {
  std::error_code missing;
  if (stdfs::file_size(file, missing) != text.size() || missing) return false;
  std::ifstream stream{file, std::ios::binary};
  const std::string content{std::istreambuf_iterator<char>{stream}, {}};
  return content == text;
}

}  // namespace

ExportedDirectory::ExportedDirectory(stdfs::path directory, const std::string& manifest)
    : directory_((make_folder(directory), std::move(directory))), manifest_(directory_ / manifest) {}

bool ExportedDirectory::has(const FetchJob& job, const cache::ProductFacts& facts) {
  const auto path = exported_path(job);
  const std::lock_guard lock(mutex_);
  const auto* entry = manifest_.find(path);
  if (entry == nullptr || !entry->error.empty()) return false;
  if (!facts.etag.empty() && facts.etag != entry->etag) return false;
  std::error_code missing;
  return stdfs::file_size(directory_ / path, missing) == entry->bytes && !missing;
}

void ExportedDirectory::deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) {
  const auto path = exported_path(job);
  PartFile part{directory_ / path};
  Sha256 digest;
  bool is_first = true, is_shared = false;
  for_each_piece(file, [&](std::span<const std::byte> bytes) {
    digest.add(bytes);
    if (std::exchange(is_first, false)) {
      const auto whole = file.whole_file();
      is_shared = whole && part.clone(whole->fd);
    }
    if (!is_shared) part.write(bytes);
  });
  part.finish();
  if (const auto other = second_path(job); !other.empty()) link(path, other);
  auto entry = entry_of_written(job, file.size(), digest.hexadecimal(), product.facts());
  const std::lock_guard lock(mutex_);
  manifest_.add(std::move(entry));
}

/// The second name of a file, as in the mount; a file of its own where the file system has no such names.
void ExportedDirectory::link(const std::string& path, const std::string& other) const {
  const auto from = directory_ / path, to = directory_ / other;
  make_folder(to.parent_path());
  std::error_code failure;
  stdfs::remove(to, failure);
  stdfs::create_hard_link(from, to, failure);
  if (failure) stdfs::copy_file(from, to, stdfs::copy_options::overwrite_existing, failure);
  if (failure) fail_to_write(to, failure.value());
}

void ExportedDirectory::failed(const FetchJob& job, const std::string& error) {
  auto entry = entry_for(job);
  entry.error = error;
  const std::lock_guard lock(mutex_);
  const auto* before = manifest_.find(entry.path);
  if (before == nullptr || !before->error.empty()) manifest_.add(std::move(entry));
}

void ExportedDirectory::write(const std::string& path, std::string_view text) {
  if (holds(directory_ / path, text)) return;
  PartFile part{directory_ / path};
  part.write(std::as_bytes(std::span{text}));
  part.finish();
}

void ExportedDirectory::finish(bool /*is_complete*/) {
  const std::lock_guard lock(mutex_);
  manifest_.finish();
}

}  // namespace platefs::tools
