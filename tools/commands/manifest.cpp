// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "tools/commands/part_file.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

}  // namespace

std::string line_of(const ManifestEntry& entry) {
  Json json{{"path", entry.path}};
  const auto add = [&json](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  if (entry.error.empty()) json["bytes"] = entry.bytes;
  add("sha256", entry.sha256);
  add("did", entry.did);
  add("archive", entry.archive);
  add("source", entry.source);
  add("url", entry.url);
  add("etag", entry.etag);
  add("fetched_at", entry.fetched_at);
  add("error", entry.error);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<ManifestEntry> entry_of(std::string_view line) {
  const auto json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("path") || !json["path"].is_string()) return std::nullopt;
  const auto text = [&json](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  ManifestEntry entry{.path = text("path"),
                      .sha256 = text("sha256"),
                      .did = text("did"),
                      .archive = text("archive"),
                      .source = text("source"),
                      .url = text("url"),
                      .etag = text("etag"),
                      .fetched_at = text("fetched_at"),
                      .error = text("error")};
  if (const auto bytes = json.find("bytes"); bytes != json.end() && bytes->is_number_unsigned()) {
    entry.bytes = bytes->get<std::uint64_t>();
  }
  return entry;
}

Manifest::Manifest(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream before{file_};
  for (std::string line; std::getline(before, line);) {
    if (auto entry = entry_of(line)) entries_.insert_or_assign(entry->path, *std::move(entry));
  }
  const bool has_whole_lines = [this] {
    std::ifstream end{file_, std::ios::binary | std::ios::ate};
    if (!end || end.tellg() <= 0) return true;
    end.seekg(-1, std::ios::end);
    return end.get() == '\n';
  }();
  fd_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) fail_to_write(file_, errno);
  if (!has_whole_lines) write_all(fd_, as_bytes("\n"), file_);
}

Manifest::~Manifest() {
  if (fd_ >= 0) ::close(fd_);
}

const ManifestEntry* Manifest::find(const std::string& path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : &found->second;
}

void Manifest::add(ManifestEntry entry) {
  const auto size = ::lseek(fd_, 0, SEEK_END);
  try {
    write_all(fd_, as_bytes(line_of(entry)), file_);
  } catch (...) {
    if (size < 0 || ::ftruncate(fd_, size) != 0) return fail_to_write(file_, errno);
    throw;
  }
  auto path = entry.path;
  entries_.insert_or_assign(std::move(path), std::move(entry));
}

void Manifest::finish() {
  PartFile sorted{file_};
  for (const auto& [path, entry] : entries_) sorted.write(as_bytes(line_of(entry)));
  sorted.finish();
}

}  // namespace platefs::tools
