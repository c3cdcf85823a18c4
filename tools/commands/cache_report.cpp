// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cache_report.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "tools/cli/reporting.h"
#include "tools/cli/text_table.h"
#include "tools/commands/known_targets.h"
#include "vo/base/iso_utc.h"
#include "vo/services/soda.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;
std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json file_json(const CachedFile& file, const std::string& path = {}) {
  return {{"number", file.info.id},
          {"file", file.file_name()},
          {"path", path.empty() ? Json{} : Json(path)},
          {"did", file.did},
          {"service", file.authority},
          {"region", file.region ? Json{"CIRCLE ICRS " + vo::circle_text(*file.region)} : Json{}},
          {"size", file.info.facts.size},
          {"held_bytes", file.info.held_bytes},
          {"pinned", file.info.pinned},
          {"last_use", vo::iso_utc(file.info.last_use)},
          {"url", file.info.facts.url}};
}

/// As a mount has it; where no target is known by which it does, the file of the plate's identifier.
std::string path_of(const CachedFile& file, const std::string& path) {
  if (!path.empty()) return path;
  return fmt::format("{} of {}{}", file.file_name(), file.did,
                     file.region ? ", circle " + vo::circle_text(*file.region) : "");
}

std::string counted(std::size_t number) { return fmt::format("{} file{}", number, number == 1 ? "" : "s"); }

/// One of a list that is written piece by piece.
std::string element(const Json& json, bool is_first) {
  auto text = dump(json);
  text.pop_back();
  std::string indented;
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "  ";
  }
  return (is_first ? "\n  " : ",\n  ") + indented;
}

TableLayout::Row row_of(const CachedFile& file, const std::string& path) {
  return {fmt::to_string(file.info.id),     size_text(file.info.held_bytes), size_text(file.info.facts.size),
          file.info.pinned ? "pinned" : "", vo::iso_utc(file.info.last_use), path_of(file, path)};
}

bool write_files_as_json(const cache::Store& store, const std::vector<cache::ObjectId>& files, FilePaths& paths) {
  bool is_written = write_out("["), is_first = true;
  store.for_each_object(files, [&](const cache::ObjectInfo& info) {
    const auto file = cached_file(info);
    is_written = is_written && write_out(element(file_json(file, paths.of(file)), std::exchange(is_first, false)));
  });
  return is_written && write_out(is_first ? "]\n" : "\n]\n");
}

}  // namespace

std::string status_report(const cache::Store& store, const std::filesystem::path& directory, bool as_json) {
  const auto usage = store.usage();
  const auto tables = store.table_usage();
  const auto pinned = store.pinned_usage();
  std::error_code ignored;
  const auto space = std::filesystem::space(directory, ignored);
  if (as_json) {
    return dump({{"directory", directory.string()},
                 {"bytes", usage.bytes},
                 {"quota", usage.quota},
                 {"files", usage.objects},
                 {"documents", usage.documents},
                 {"document_bytes", usage.document_bytes},
                 {"index_bytes", usage.index_bytes},
                 {"tables", tables.number},
                 {"table_bytes", tables.bytes},
                 {"pinned_files", pinned.number},
                 {"pinned_bytes", pinned.bytes},
                 {"disk_free", ignored ? 0 : space.available}});
  }
  const auto of_tables = tables.number == 0
                             ? std::string{}
                             : fmt::format("  {} index{} of tables that are archives, {}\n", tables.number,
                                           tables.number == 1 ? "" : "es", size_text(tables.bytes));
  return fmt::format(
      "{}\n  {} of {} in {}\n  {} answers, {}, in an index of {}\n{}  {} pinned, {}\n  {} free on the disk\n",
      directory.string(), size_text(usage.bytes), size_text(usage.quota), counted(usage.objects), usage.documents,
      size_text(usage.document_bytes), size_text(usage.index_bytes), of_tables, counted(pinned.number),
      size_text(pinned.bytes), size_text(ignored ? 0 : space.available));
}

bool write_files(const cache::Store& store, const std::vector<cache::ObjectId>& files, bool as_json) {
  const KnownTargets known{store};
  FilePaths paths{known};
  if (as_json) return write_files_as_json(store, files, paths);
  TableLayout layout{{{"number", true}, {"cached", true}, {"size", true}, {"pinned"}, {"last use"}, {"file"}}};
  const auto each = [&](const auto& visit) {
    store.for_each_object(files, [&](const cache::ObjectInfo& info) {
      const auto file = cached_file(info);
      visit(row_of(file, paths.of(file)));
    });
  };
  each([&](const TableLayout::Row& row) { layout.measure(row); });
  layout.settle(terminal_width());
  bool is_written = files.empty() || write_out(layout.heading());
  each([&](const TableLayout::Row& row) { is_written = is_written && write_out(layout.line(row)); });
  return is_written;
}

std::string targets_report(const cache::Store& store, bool as_json) {
  auto list = Json::array();
  std::string lines;
  for (const auto& key : store.document_keys(kTargetPrefix)) {
    const auto name = key.substr(kTargetPrefix.size());
    list.push_back(name);
    lines += name + "\n";
  }
  return as_json ? dump(list) : lines;
}

ChangeReport::ChangeReport(std::string done, bool as_json) : done_(std::move(done)), as_json_(as_json) {
  if (as_json_) write(fmt::format("{{\n  \"done\": \"{}\",\n  \"files\": [", done_));
}

void ChangeReport::add(const cache::ObjectInfo& changed) {
  if (as_json_) write(element(file_json(cached_file(changed)), files_ == 0));
  ++files_;
  bytes_ += changed.held_bytes;
}

void ChangeReport::keep(const cache::ObjectInfo& kept, const std::string& why) {
  kept_.push_back({cached_file(kept), why});
}

bool ChangeReport::finish() {
  if (as_json_) {
    auto kept = Json::array();
    for (const auto& [file, why] : kept_) {
      kept.push_back(file_json(file));
      kept.back()["why"] = why;
    }
    write(fmt::format("{}],\n  \"bytes\": {},\n  \"kept\": {}}}\n", files_ == 0 ? "" : "\n  ", bytes_, dump(kept)));
    return is_written_;
  }
  write(fmt::format("{} {}, {}\n", done_, counted(files_), size_text(bytes_)));
  for (const auto& [file, why] : kept_) {
    write(fmt::format("kept {} of {}: it is {}\n", file.file_name(), harmless(file.did), why));
  }
  return is_written_;
}

void VerifyReport::add(const CachedFile& file, cache::Store::Verified found) {
  ++files_;
  good_bytes_ += found.good_bytes;
  bad_bytes_ += found.bad_bytes;
  if (found.bad_bytes > 0) bad_.push_back({file, found.bad_bytes});
}

std::string VerifyReport::text(bool as_json) const {
  if (as_json) {
    Json json{{"files", files_},
              {"good_bytes", good_bytes_},
              {"bad_bytes", bad_bytes_},
              {"bad", Json::array()},
              {"orphaned_bytes", orphaned_bytes_}};
    for (const auto& [file, bytes] : bad_) {
      json["bad"].push_back(file_json(file));
      json["bad"].back()["bad_bytes"] = bytes;
    }
    return dump(json);
  }
  auto text = fmt::format("{} verified: {} are good, {} were bad\n", counted(files_), size_text(good_bytes_),
                          size_text(bad_bytes_));
  for (const auto& [file, bytes] : bad_) {
    text += fmt::format("dropped {} of {} of {}; they are fetched again when they are read\n", size_text(bytes),
                        file.file_name(), harmless(file.did));
  }
  if (orphaned_bytes_ > 0)
    text += fmt::format("removed {} that no file of the cache owns\n", size_text(orphaned_bytes_));
  return text;
}

}  // namespace platefs::tools
