// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/exported_directory.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "fs/tree/fixed_names.h"
#include "tools/commands/part_file.h"
#include "vo/base/iso_utc.h"
#include "vo/base/wait_for.h"

namespace platefs::tools {
namespace {

namespace stdfs = std::filesystem;

constexpr std::uint64_t kPiece = 1u << 20;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc{};
  }
  void add(std::span<const std::byte> bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string text;
    for (const auto byte : std::span{digest}.first(size)) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::vector<std::byte> bytes_of(cache::OpenFile& file, vo::ByteRange range) {
  const auto extent =
      vo::wait_for<cache::Extent>([&](vo::Completion<cache::Extent> done) { file.read(range, std::move(done)); });
  std::vector<std::byte> bytes(extent.size);
  cache::copy_extent(extent, bytes);
  return bytes;
}

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

bool holds(const stdfs::path& file, std::string_view text) {
  std::error_code missing;
  if (stdfs::file_size(file, missing) != text.size() || missing) return false;
  std::ifstream stream{file, std::ios::binary};
  const std::string content{std::istreambuf_iterator<char>{stream}, {}};
  return content == text;
}

ManifestEntry entry_for(const FetchJob& job) {
  const auto& plate = job.id.plate.plate();
  return {.path = exported_path(job), .did = plate.obs_publisher_did.str(), .archive = plate.archive.str()};
}

}  // namespace

std::string exported_path(const FetchJob& job) {
  const auto* folder = is_file_of_a_plate(job.id.kind) ? nullptr : folder_of(job.id.kind);
  if (folder != nullptr) return path_in_folder(job, *folder);
  return fmt::format("{}/{}/{}", job.target.target.directory_name(), job.plate, job.file);
}

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
  auto entry = entry_for(job);
  PartFile part{directory_ / entry.path};
  Sha256 digest;
  bool is_shared = false;
  for (std::uint64_t at = 0; at < file.size(); at += kPiece) {
    const auto bytes = bytes_of(file, {at, std::min(at + kPiece, file.size())});
    digest.add(bytes);
    if (at == 0) {
      const auto whole = file.whole_file();
      is_shared = whole && part.clone(whole->fd);
    }
    if (!is_shared) part.write(bytes);
  }
  part.finish();
  const auto facts = product.facts();
  entry.bytes = file.size();
  entry.sha256 = digest.hexadecimal();
  entry.source = facts.source;
  entry.url = facts.url;
  entry.etag = facts.etag;
  entry.fetched_at = vo::iso_utc(facts.fetched_at);
  if (const auto* folder = folder_of(job.id.kind); folder != nullptr && is_file_of_a_plate(job.id.kind)) {
    link(entry.path, path_in_folder(job, *folder));
  }
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

void ExportedDirectory::finish() {
  const std::lock_guard lock(mutex_);
  manifest_.finish();
}

}  // namespace platefs::tools
