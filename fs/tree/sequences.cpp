// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>
#include <variant>

#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::fs {
namespace {

namespace stdfs = std::filesystem;

constexpr auto kLooksEvery = std::chrono::seconds{2};
constexpr std::uintmax_t kLargestFile = 4u << 20;
constexpr std::size_t kMostRemembered = 2000;
constexpr std::size_t kMostFiles = 10'000;  ///< of a folder

/// "AG Dra" and "ag_dra" are one name.
std::string comparable(std::string_view name) {
  auto text = vo::lower_case(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// A file that names the target's place, however it is written.
bool is_place_of(const std::string& name, const Target& target) {
  const auto parsed = parse_target(name, target.radius);
  const auto* place = std::get_if<Target>(&parsed);
  return place != nullptr && vo::separation(place->position, target.position) < vo::Angle::arcseconds(1);
}

/// Which file, in which version; empty where there is none.
std::string version_of(const stdfs::path& file) {
  if (file.empty()) return {};
  std::error_code problem;
  const auto time = stdfs::last_write_time(file, problem);
  if (problem) return file.string();
  const auto size = stdfs::file_size(file, problem);
  return fmt::format("{} {} {}", file.string(), time.time_since_epoch().count(), size);
}

std::string content_of(const stdfs::path& file) {
  std::error_code problem;
  const auto size = stdfs::file_size(file, problem);
  if (problem) throw vo::Error{vo::ErrorKind::LocalIo, fmt::format("it can't be read: {}", problem.message())};
  if (size > kLargestFile) throw vo::Error{vo::ErrorKind::Rejected, fmt::format("{} bytes are no sequence", size)};
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream content;
  if (size > 0 && !(content << stream.rdbuf())) throw vo::Error{vo::ErrorKind::LocalIo, "it can't be read"};
  return content.str();
}

stdfs::path found_in(const stdfs::path& folder, const Target& target) {
  auto named = target;
  named.years.reset();
  named.radius_is_default = true;  // the name without what is behind @
  const auto object = comparable(named.title());
  std::error_code problem;
  stdfs::path by_place;
  std::size_t count = 0;
  for (auto entry = stdfs::directory_iterator{folder, problem}; !problem && entry != stdfs::directory_iterator{};
       entry.increment(problem)) {
    const auto& path = entry->path();
    if (path.extension() != ".csv" || ++count > kMostFiles) continue;
    if (comparable(path.stem().string()) == object) return path;
    if (by_place.empty() && is_place_of(path.stem().string(), target)) by_place = path;
  }
  return by_place;
}

}  // namespace

Sequences::Sequences(Sources sources, std::function<void(std::string_view)> warn)
    : sources_(std::move(sources)), warn_(std::move(warn)) {}

stdfs::path Sequences::file_of(const Target& target) const {
  for (const auto& folder : sources_.folders) {
    if (auto file = found_in(folder, target); !file.empty()) return file;
  }
  return sources_.file;
}

std::shared_ptr<const Sequence> Sequences::read(const stdfs::path& file, const Target& target) const {
  auto sequence = std::make_shared<Sequence>();
  sequence->file = file;
  try {
    sequence->stars = vo::lettered(vo::read_sequence(content_of(file)), {target.position, target.radius});
    sequence->marks = vo::marks_of(sequence->stars);
  } catch (const vo::Error& error) {
    sequence->problem = fmt::format("{}: {}", file.string(), error.message());
    warn_(sequence->problem);
  }
  // A file for all targets has nothing for most of them.
  if (sequence->stars.empty() && sequence->problem.empty()) return nullptr;
  return sequence;
}

std::shared_ptr<const Sequence> Sequences::of(const Target& target) const {
  if (sources_.file.empty() && sources_.folders.empty()) return nullptr;
  const auto key = target.directory_name();
  const auto now = Clock::now();
  std::string version;
  {
    const auto known = known_.lock();
    if (const auto found = known->find(key); found != known->end()) {
      if (now - found->second.looked_at < kLooksEvery) return found->second.sequence;
      version = found->second.version;
      found->second.looked_at = now;  // others need not look as well
    }
  }
  const auto file = file_of(target);
  const auto present = version_of(file);
  if (!version.empty() && present == version) {
    const auto known = known_.lock();
    if (const auto found = known->find(key); found != known->end()) return found->second.sequence;
  }
  auto sequence = file.empty() ? nullptr : read(file, target);
  const auto known = known_.lock();
  if (known->size() >= kMostRemembered) known->clear();
  (*known)[key] = {sequence, present, now};
  return sequence;
}

}  // namespace platefs::fs
