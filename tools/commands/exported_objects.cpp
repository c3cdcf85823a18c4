// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/exported_objects.h"

#include <algorithm>
#include <array>
#include <span>
#include <sstream>
#include <utility>

#include "tools/commands/file_pieces.h"
#include "tools/commands/sha256.h"
#include "vo/base/wait_for.h"

namespace platefs::tools {
namespace {

constexpr std::uint64_t kMostManifestBytes = 1ull << 30;
constexpr auto kBetweenManifests = std::chrono::minutes(2);

std::string sha256_of(std::string_view text) {
  Sha256 digest;
  digest.add(std::as_bytes(std::span{text}));
  return digest.hexadecimal();
}

/// Of what an export holds, so that a browser shows it.
std::string media_type_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> types{
      {{".fits", "application/fits"},
       {".jpg", "image/jpeg"},
       {".png", "image/png"},
       {".gif", "image/gif"},
       {".html", "text/html; charset=utf-8"},
       {".csv", "text/csv; charset=utf-8"},
       {".txt", "text/plain; charset=utf-8"},
       {".json", "application/json"},
       {".jsonl", "application/x-ndjson"},
       {".vot", "application/x-votable+xml"}}};
  const auto* const found =
      std::ranges::find_if(types, [path](const auto& type) { return path.ends_with(type.first); });
  return std::string{found == types.end() ? "application/octet-stream" : found->second};
}

/// What stands there, from the cache: no more of it in memory than is sent at once.
void bring_from(cache::OpenFile& file, std::uint64_t offset, std::span<std::byte> into) {
  const vo::ByteRange range{offset, offset + into.size()};
  const auto extent =
      vo::wait_for<cache::Extent>([&](vo::Completion<cache::Extent> done) { file.read(range, std::move(done)); });
  if (extent.size != into.size()) throw vo::Error{vo::ErrorKind::Malformed, "it ended early"};
  cache::copy_extent(extent, into);
}

}  // namespace

ExportedObjects::ExportedObjects(vo::S3Bucket bucket, std::string prefix, const std::string& manifest)
    : bucket_(std::move(bucket)), prefix_(std::move(prefix)), manifest_(prefix_ + manifest) {
  std::istringstream lines{bucket_.get(manifest_, kMostManifestBytes).value_or("")};
  for (std::string line; std::getline(lines, line);) {
    if (auto entry = entry_of(line)) entries_.insert_or_assign(entry->path, *std::move(entry));
  }
  put_manifest();
}

bool ExportedObjects::has(const FetchJob& job, const cache::ProductFacts& facts) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(exported_path(job));
  if (entry == entries_.end() || !entry->second.error.empty()) return false;
  return facts.etag.empty() || facts.etag == entry->second.etag;
}

void ExportedObjects::deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) {
  const auto path = exported_path(job);
  Sha256 digest;
  for_each_piece(file, [&](std::span<const std::byte> bytes) { digest.add(bytes); });  // until it is here
  const vo::S3Bucket::Upload upload{file.size(), digest.hexadecimal(), media_type_of(path)};
  const auto bring = [&](std::uint64_t offset, std::span<std::byte> into) { bring_from(file, offset, into); };
  const auto stop = stop_.get_token();
  bucket_.put(prefix_ + path, upload, bring, stop);
  const auto second = second_path(job);
  const bool is_copied = second.empty() || bucket_.copy(prefix_ + path, prefix_ + second, stop);
  if (!is_copied) bucket_.put(prefix_ + second, upload, bring, stop);
  add(entry_of_written(job, file.size(), upload.sha256, product.facts()));
}

void ExportedObjects::failed(const FetchJob& job, const std::string& error) {
  auto entry = entry_for(job);
  entry.error = error;
  {
    const std::lock_guard lock(mutex_);
    const auto before = entries_.find(entry.path);
    if (before != entries_.end() && before->second.error.empty()) return;
  }
  add(std::move(entry));
}

void ExportedObjects::add(ManifestEntry entry) {
  bool is_time = false;
  {
    const std::lock_guard lock(mutex_);
    auto path = entry.path;
    entries_.insert_or_assign(std::move(path), std::move(entry));
    const auto now = std::chrono::steady_clock::now();
    is_time = now - put_at_ >= kBetweenManifests;
    if (is_time) put_at_ = now;
  }
  if (is_time) put_manifest();
}

void ExportedObjects::write(const std::string& path, std::string_view text) {
  const auto digest = sha256_of(text);
  if (bucket_.digest(prefix_ + path) == digest) return;
  bucket_.put(prefix_ + path, text, digest, media_type_of(path));
}

void ExportedObjects::put_manifest() {
  const std::lock_guard alone(putting_);
  std::string lines;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, entry] : entries_) lines += line_of(entry);
    put_at_ = std::chrono::steady_clock::now();
  }
  bucket_.put(manifest_, lines, sha256_of(lines), media_type_of(manifest_));
}

void ExportedObjects::finish(bool /*is_complete*/) { put_manifest(); }

}  // namespace platefs::tools
