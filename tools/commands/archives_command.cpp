// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/archives_command.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/cli/configuration.h"
#include "tools/cli/interruptible_wait.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/cli/text_table.h"
#include "tools/commands/archive_probe.h"
#include "tools/commands/index_command.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"
#include "vo/base/thread.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;

bool print(const Json& json) { return write_out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

std::string credentials_text(const ArchiveEntry& entry) {
  std::string text;
  const auto add = [&](const std::string& reference, const char* kind) {
    if (!reference.empty()) text += (text.empty() ? "" : ", ") + std::string{kind};
  };
  add(entry.netrc, "netrc");
  add(entry.token_file.empty() ? entry.token_env : entry.token_file, "token");
  add(entry.client_certificate, "certificate");
  return text;
}

std::string kind_of(const ArchiveEntry& entry) {
  for (const auto& [word, kind] : service_kinds()) {
    if (kind == entry.kind) return word;
  }
  return {};
}

/// Everything known by name, and what is in use without one.
std::vector<ArchiveEntry> known_archives(const CommonOptions& options, std::set<std::string>& in_use) {
  std::vector<ArchiveEntry> entries;
  for (const auto& entry : archives_from(options)) {
    in_use.insert(entry.name);
    if (!options.entries.contains(entry.name)) entries.push_back(entry);
  }
  for (const auto& [name, entry] : options.entries) entries.push_back(entry);
  return entries;
}

/// A table's rows are counted as they were read last.
std::string held_by(const ArchiveEntry& entry, CommonOptions options) {
  if (entry.kind != vo::ServiceKind::Table) return entry.holds;
  options.archives = {entry.name};
  return kept_table(services_from(options).front());
}

int list(const ArchivesCommand& command) {
  std::set<std::string> in_use;
  const auto entries = known_archives(command.common, in_use);
  TextTable table;
  table.columns = {{"archive"},
                   {"asked"},
                   {"kind"},
                   {"service"},
                   {"title", false, 10, true},
                   {"holds", false, 10, true},
                   {"tried with", false, 10, true},
                   {"table", false, 8, true},
                   {"credentials", false, 6, true},
                   {"from", false, 10, true}};
  auto json = Json::array();
  std::string names;
  for (const auto& entry : entries) {
    const bool is_asked = in_use.contains(entry.name);
    const auto url = vo::Url::parse_trusted(entry.url).for_display();
    names += entry.name + "\n";
    table.rows.push_back(
        {entry.name, is_asked ? "yes" : "", kind_of(entry), url, entry.title, held_by(entry, command.common),
         entry.tried, entry.kind == vo::ServiceKind::Tap ? entry.table : "", credentials_text(entry), entry.origin});
    json.push_back({{"archive", entry.name},
                    {"asked", is_asked},
                    {"kind", kind_of(entry)},
                    {"url", url},
                    {"holds", held_by(entry, command.common)},
                    {"tried", entry.tried},
                    {"table", entry.table},
                    {"where", entry.where},
                    {"credentials", credentials_text(entry)},
                    {"from", entry.origin},
                    {"title", entry.title}});
  }
  if (command.names_only) return write_out(names) ? kDone : kFailed;
  return (command.as_json ? print(json) : write_out(table.text(terminal_width()))) ? kDone : kFailed;
}

/// Waits for `ask(stop_token)` or Ctrl-C; nothing after the latter.
template <typename T, typename Ask>
std::optional<vo::Outcome<T>> interruptibly(InterruptibleWait& wait, const Ask& ask) {
  vo::Thread work;
  auto answer = wait.answer_to<T>([&](vo::Completion<T> done) {
    const auto told = std::make_shared<vo::Completion<T>>(std::move(done));
    work = vo::Thread{"ask", [&ask, told](const std::stop_token& stop) { (*told)(ask(stop)); },
                      [told](const vo::Error& error) { (*told)(error); }};
  });
  work.request_stop();
  return answer;
}

int probe(ArchivesCommand command) {
  if (!command.names.empty()) {
    command.common.archives = command.names;
  } else if (!command.common.given.contains("archive")) {
    command.common.archives.clear();
    for (const auto& entry : command.common.entries) command.common.archives.push_back(entry.first);
  }
  check_options(command.common);
  InterruptibleWait wait;
  const auto transport = make_transport(command.common, Log::to_stderr(command.common.log_level));
  std::optional<Spinner> spinner{std::in_place, command.common, asking(command.common)};
  using Results = std::vector<ProbeResult>;
  const auto answer = interruptibly<Results>(
      wait, [&](const std::stop_token& stop) { return probe_archives(command.common, *transport, stop); });
  spinner.reset();
  if (!answer) return wait.exit_code();
  TextTable table;
  table.columns = {{"archive"}, {"answers"}, {"seconds", true}, {"TAP service"}, {"holds"}, {"problem"}};
  auto json = Json::array();
  std::size_t good = 0;
  for (const auto& result : answer->value()) {
    if (result.answered) ++good;
    table.rows.push_back({result.archive, result.answered ? "yes" : "no", fmt::format("{:.2f}", result.seconds),
                          result.url, result.holds, result.problem});
    json.push_back({{"archive", result.archive},
                    {"url", result.url},
                    {"answered", result.answered},
                    {"seconds", result.seconds},
                    {"holds", result.holds},
                    {"problem", result.problem},
                    {"remedy", result.remedy}});
  }
  if (!(command.as_json ? print(json) : write_out(table.text()))) return kFailed;
  for (const auto& result : answer->value()) {
    if (!command.as_json && !result.remedy.empty()) {
      message("{}: {}", harmless(result.archive), result.remedy);
    }
  }
  return good == json.size() ? kDone : good > 0 ? kDoneInPart : kFailed;
}

/// A name for the section of the configuration: the authority of "ivo://org.gavo.dc/tap".
std::string suggested_name(const DiscoveredService& service) {
  const auto begin = service.ivoid.find("://");
  if (begin == std::string::npos) return service.ivoid;
  const auto authority = service.ivoid.substr(begin + 3);
  return authority.substr(0, authority.find('/'));
}

int tell_that_registry_failed(const std::string& registry, const vo::Error& error) {
  message("the registry {} gives no list of services: {}", registry, error.what());
  message("choose another TAP service with the registry's tables by --registry, or try later");
  return kFailed;
}

/// How one is used: by its URL alone, or by a section of the configuration.
std::string use_of(const DiscoveredService& service) {
  std::string keys =
      fmt::format("  [archive.\"{}\"]\n  url = \"{}\"\n", harmless(suggested_name(service)), harmless(service.url));
  if (service.kind != "tap") keys += fmt::format("  kind = \"{}\"\n", service.kind);
  if (!service.table.empty()) keys += fmt::format("  table = \"{}\"\n", harmless(service.table));
  const bool needs_no_section = service.kind == "tap" && service.table.empty();
  const auto by_url =
      needs_no_section ? fmt::format("platefs mount {} MOUNTPOINT, or in ", harmless(service.url)) : std::string{"in "};
  return fmt::format("\nTo use one: {}{}:\n{}", by_url, configuration_files().back().string(), keys);
}

int tell_discovery(const ArchivesCommand& command, const Discovery& found) {
  TextTable table;
  table.columns = {{"identifier"}, {"kind"}, {"service"}, {"table", false, 8, true}, {"title"}};
  auto json = Json::array();
  for (const auto& service : found.services) {
    table.rows.push_back({service.ivoid, service.kind, service.url, service.table, service.title});
    json.push_back({{"ivoid", service.ivoid},
                    {"kind", service.kind},
                    {"url", service.url},
                    {"table", service.table},
                    {"title", service.title}});
  }
  for (const auto& problem : found.problems) {
    message("the registry {} could not be asked for {}", command.common.registry, harmless(problem));
  }
  const int code = found.problems.empty() ? kDone : kDoneInPart;
  if (command.as_json) return print(json) ? code : kFailed;
  if (table.rows.empty()) {
    message("the registry {} knows no such service", command.common.registry);
    return code;
  }
  if (!write_out(table.text(terminal_width()))) return kFailed;
  write_message(use_of(found.services.front()));
  return code;
}

int discover(const ArchivesCommand& command) {
  InterruptibleWait wait;
  const auto transport = make_transport(command.common, Log::to_stderr(command.common.log_level));
  std::optional<Spinner> spinner{std::in_place, command.common, "asking the registry"};
  const auto answer = interruptibly<Discovery>(wait, [&](const std::stop_token& stop) {
    return discover_services(command.common.registry, command.names, *transport, stop);
  });
  spinner.reset();
  if (!answer) return wait.exit_code();
  if (!*answer) return tell_that_registry_failed(command.common.registry, answer->error());
  return tell_discovery(command, answer->value());
}

}  // namespace

int run_archives(const ArchivesCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    if (command.action == "probe") return probe(command);
    if (command.action == "discover") return discover(command);
    if (command.action == "index") return index_plates(command);
    return list(command);
  });
}

}  // namespace platefs::tools
