// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cache_report.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "tools/cli/reporting.h"
#include "tools/cli/text_table.h"
#include "tools/commands/known_targets.h"
#include "vo/base/iso_utc.h"
#include "vo/services/soda.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;
using Files = std::vector<CachedFile>;

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json file_json(const CachedFile& file) {
  return {{"number", file.info.id},
          {"file", file.file_name()},
          {"path", file.path.empty() ? Json{} : Json(file.path)},
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
std::string path_of(const CachedFile& file) {
  if (!file.path.empty()) return file.path;
  return fmt::format("{} of {}{}", file.file_name(), file.did,
                     file.region ? ", circle " + vo::circle_text(*file.region) : "");
}

std::uint64_t held_bytes(const Files& files) {
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.info.held_bytes;
  return bytes;
}

std::string counted(std::size_t number) { return fmt::format("{} file{}", number, number == 1 ? "" : "s"); }

}  // namespace

std::string status_report(const cache::Store& store, const Files& files, const std::filesystem::path& directory,
                          bool as_json) {
  const auto usage = store.usage();
  const auto tables = store.table_usage();
  Files pinned;
  std::copy_if(files.begin(), files.end(), std::back_inserter(pinned),
               [](const auto& file) { return file.info.pinned; });
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
                 {"pinned_files", pinned.size()},
                 {"pinned_bytes", held_bytes(pinned)},
                 {"disk_free", ignored ? 0 : space.available}});
  }
  const auto of_tables = tables.number == 0
                             ? std::string{}
                             : fmt::format("  {} index{} of tables that are archives, {}\n", tables.number,
                                           tables.number == 1 ? "" : "es", size_text(tables.bytes));
  return fmt::format(
      "{}\n  {} of {} in {}\n  {} answers, {}, in an index of {}\n{}  {} pinned, {}\n  {} free on the disk\n",
      directory.string(), size_text(usage.bytes), size_text(usage.quota), counted(usage.objects), usage.documents,
      size_text(usage.document_bytes), size_text(usage.index_bytes), of_tables, counted(pinned.size()),
      size_text(held_bytes(pinned)), size_text(ignored ? 0 : space.available));
}

std::string files_report(const Files& files, bool as_json) {
  if (as_json) {
    auto list = Json::array();
    for (const auto& file : files) list.push_back(file_json(file));
    return dump(list);
  }
  TextTable table;
  table.columns = {{"number", true}, {"cached", true}, {"size", true}, {"pinned"}, {"last use"}, {"file"}};
  for (const auto& file : files) {
    table.rows.push_back({fmt::to_string(file.info.id), size_text(file.info.held_bytes),
                          size_text(file.info.facts.size), file.info.pinned ? "pinned" : "",
                          vo::iso_utc(file.info.last_use), path_of(file)});
  }
  return table.text(terminal_width());
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

std::string change_report(const std::string& done, const Files& changed, const std::vector<KeptFile>& kept,
                          bool as_json) {
  if (as_json) {
    Json json{{"done", done}, {"bytes", held_bytes(changed)}, {"files", Json::array()}, {"kept", Json::array()}};
    for (const auto& file : changed) json["files"].push_back(file_json(file));
    for (const auto& [file, why] : kept) {
      json["kept"].push_back(file_json(file));
      json["kept"].back()["why"] = why;
    }
    return dump(json);
  }
  auto text = fmt::format("{} {}, {}\n", done, counted(changed.size()), size_text(held_bytes(changed)));
  for (const auto& [file, why] : kept) {
    text += fmt::format("kept {} of {}: it is {}\n", file.file_name(), harmless(file.did), why);
  }
  return text;
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
