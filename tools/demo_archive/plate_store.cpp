// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>

#include "tools/demo_archive/plate_files.h"
#include "vo/base/error.h"
#include "vo/base/thread.h"

namespace platefs::demo {
namespace {

constexpr std::array kRoles = {FileRole::Full, FileRole::Reduced, FileRole::Preview};
constexpr int kDrawingVersion = 1;  // counts up when the same plates are drawn in another way
constexpr std::size_t kDrawnToKeep = 32;

void add(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
}

/// Changes with whatever the files depend on (FNV-1a).
std::string version_of(const std::vector<Plate>& plates) {
  std::uint64_t hash = 0xCBF29CE484222325ull + kDrawingVersion;
  for (const auto& plate : plates) {
    if (plate.is_in_memory) continue;
    add(hash,
        fmt::format("{} {} {} {} {} {} {}", plate.publisher_did(), plate.t_min.value_or(0), plate.exposure_seconds,
                    plate.width, plate.height, full_name(plate), static_cast<int>(plate.peculiarity)));
    for (const auto& card : plate.solution_cards()) add(hash, card);
    for (const auto& exposure : plate.further)
      add(hash, fmt::format("{} {}", exposure.t_min.value_or(0), exposure.seconds));
  }
  return fmt::format("plates-{:016x}", hash);
}

/// A file is there whole or not at all, also when two archives start on one directory.
void write_file(const std::filesystem::path& path, const std::string& bytes) {
  if (bytes.empty()) return;
  auto unfinished = path;
  unfinished += fmt::format(".{}", ::getpid());
  {
    std::ofstream out(unfinished, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw vo::Error(vo::ErrorKind::LocalIo, "cannot write " + unfinished.string());
  }
  std::filesystem::rename(unfinished, path);
}

void remove_other_versions(const std::filesystem::path& state, const std::string& version) {
  for (const auto& entry : std::filesystem::directory_iterator(state)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("plates-") && name != version) std::filesystem::remove_all(entry.path());
  }
}

}  // namespace

std::string name_of(const Plate& plate, FileRole role) {
  switch (role) {
    case FileRole::Full:
      return full_name(plate);
    case FileRole::Reduced:
      return reduced_name(plate);
    case FileRole::Preview:
      return preview_name(plate);
  }
  return {};
}

PlateStore::PlateStore(const std::filesystem::path& state, std::vector<Plate> plates) : plates_(std::move(plates)) {
  for (const auto& plate : plates_) {
    by_did_.emplace(plate.publisher_did(), &plate);
    for (const auto role : kRoles) {
      const auto name = name_of(plate, role);
      if (!name.empty()) by_file_.emplace(fmt::format("{}/{}", folder_of(plate.collection), name), Named{&plate, role});
    }
  }
  const auto version = version_of(plates_);
  directory_ = state / version;
  try {
    std::filesystem::create_directories(directory_);
    remove_other_versions(state, version);
    make_missing();
  } catch (const std::filesystem::filesystem_error& error) {
    throw vo::Error(vo::ErrorKind::LocalIo, error.what());
  }
}

void PlateStore::make_missing() const {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto i = next++; i < plates_.size(); i = next++) make(plates_[i]);
  };
  std::optional<vo::Error> failure;
  vo::Thread other{"plates", work, [&](const vo::Error& error) { failure = error; }};
  work();
  other.join();
  if (failure) throw *failure;
}

void PlateStore::make(const Plate& plate) const {
  if (plate.is_in_memory) return;
  bool is_complete = true;
  for (const auto role : kRoles) {
    const auto path = path_of(plate, role);
    is_complete = is_complete && (path.empty() || std::filesystem::exists(path));
  }
  if (is_complete) return;
  std::filesystem::create_directories(directory_ / folder_of(plate.collection));
  const auto files = files_of(plate);
  write_file(path_of(plate, FileRole::Full), files.full);
  write_file(path_of(plate, FileRole::Reduced), files.reduced);
  write_file(path_of(plate, FileRole::Preview), files.preview);
}

std::filesystem::path PlateStore::path_of(const Plate& plate, FileRole role) const {
  const auto name = name_of(plate, role);
  return name.empty() ? std::filesystem::path() : directory_ / folder_of(plate.collection) / name;
}

const Plate* PlateStore::with_did(std::string_view publisher_did) const {
  const auto found = by_did_.find(publisher_did);
  return found == by_did_.end() ? nullptr : found->second;
}

PlateStore::Named PlateStore::with_file(std::string_view folder, std::string_view name) const {
  const auto found = by_file_.find(fmt::format("{}/{}", folder, name));
  return found == by_file_.end() ? Named{} : found->second;
}

ContentPointer PlateStore::content(const Plate& plate, FileRole role) const {
  if (name_of(plate, role).empty()) return nullptr;
  if (!plate.is_in_memory) return content_of_file(path_of(plate, role));
  const auto files = drawn(plate);
  return role == FileRole::Full ? files.full : role == FileRole::Reduced ? files.reduced : files.preview;
}

PlateStore::Drawn PlateStore::drawn(const Plate& plate) const {
  {
    const std::lock_guard lock(mutex_);
    for (auto i = recently_drawn_.begin(); i != recently_drawn_.end(); ++i) {
      if (i->id != plate.id) continue;
      recently_drawn_.splice(recently_drawn_.begin(), recently_drawn_, i);
      return recently_drawn_.front();
    }
  }
  auto files = files_of(plate);
  Drawn result{plate.id, content_of_text(std::move(files.full)), content_of_text(std::move(files.reduced)),
               content_of_text(std::move(files.preview))};
  const std::lock_guard lock(mutex_);
  recently_drawn_.push_front(result);
  if (recently_drawn_.size() > kDrawnToKeep) recently_drawn_.pop_back();
  return result;
}

std::uint64_t PlateStore::size_of(const Plate& plate, FileRole role) const {
  if (!plate.is_in_memory) return std::filesystem::file_size(path_of(plate, role));
  const auto pixels = static_cast<std::uint64_t>(plate.width) * static_cast<std::uint64_t>(plate.height);
  const auto data = role == FileRole::Full ? 2 * pixels : 2 * pixels / (kBinning * kBinning);
  return 2 * 2880 + (data + 2879) / 2880 * 2880;
}

}  // namespace platefs::demo
