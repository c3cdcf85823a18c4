// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/status.h"

#include <fmt/core.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "fs/tree/product_state_name.h"
#include "tools/cli/reporting.h"
#include "tools/cli/version.h"
#include "vo/base/error.h"
#include "vo/base/shown_text.h"

namespace platefs::tools {
namespace {

using nlohmann::json;

double seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000.0; }

json host_json(const vo::HostStatus& host) {
  return {{"origin", host.origin},
          {"under_way", host.under_way},
          {"waiting", host.waiting},
          {"requests", host.requests},
          {"failures", host.failures},
          {"bytes", host.bytes},
          {"left_alone_for_seconds", seconds(host.left_alone_for)}};
}

json gateway_json(const vo::GatewayStatus& gateway) {
  return {{"url", gateway.url},           {"answered", gateway.answered},
          {"hits", gateway.hits},         {"direct", gateway.direct},
          {"failures", gateway.failures}, {"left_alone_for_seconds", seconds(gateway.left_alone_for)}};
}

json transfer_json(const vo::TransferStatus& transfer) {
  return {{"url", transfer.url},
          {"seconds", seconds(transfer.age)},
          {"bytes", transfer.bytes},
          {"attempt", transfer.attempt},
          {"under_way", transfer.is_under_way}};
}

/// The process of a thread, and what ps calls it; of another PID namespace nothing is known.
struct Program {
  pid_t process = 0;
  std::string name;
};

Program program_of(pid_t thread) {
  if (thread <= 0) return {};
  std::ifstream status{fmt::format("/proc/{}/status", thread)};
  Program program;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Tgid:")) program.process = static_cast<pid_t>(std::atoi(line.c_str() + 5));
  }
  std::getline(std::ifstream{fmt::format("/proc/{}/comm", program.process)}, program.name);
  return program;
}

json file_json(const fs::FileInUse& file) {
  const auto facts = file.product->facts();
  const auto total = facts.size.value_or(facts.estimate);
  const auto program = program_of(file.thread);
  const auto age = std::chrono::steady_clock::now() - file.since;
  return {{"name", vo::shown_text(file.name)},
          {"state", fs::state_name(facts)},
          {"bytes", facts.held_bytes},
          {"total", total},
          {"total_is_exact", facts.size.has_value()},
          {"percent", total == 0 ? 0 : 100 * std::min(facts.held_bytes, total) / total},
          {"seconds", seconds(std::chrono::duration_cast<std::chrono::milliseconds>(age))},
          {"program", vo::shown_text(program.name)},
          {"pid", program.process}};
}

std::string file_line(const json& file) {
  const int process = file.at("pid");
  return fmt::format("{}  {} of {}{}, {} %, {:.0f} s{}\n", file.at("name").get<std::string>(),
                     size_text(file.at("bytes")), file.at("total_is_exact").get<bool>() ? "" : "about ",
                     size_text(file.at("total")), file.at("percent").get<int>(), file.at("seconds").get<double>(),
                     process == 0 ? "" : fmt::format("  ← {} {}", file.at("program").get<std::string>(), process));
}

std::string host_line(const json& host) {
  const double alone = host.at("left_alone_for_seconds");
  return fmt::format("  {}  {} requests, {} failures, {}, {} under way, {} waiting{}\n",
                     host.at("origin").get<std::string>(), host.at("requests").get<std::uint64_t>(),
                     host.at("failures").get<std::uint64_t>(), size_text(host.at("bytes")),
                     host.at("under_way").get<int>(), host.at("waiting").get<int>(),
                     alone > 0 ? fmt::format("; failing, left alone for {:.0f} s", alone) : "");
}

std::string gateway_line(const json& gateway) {
  const double alone = gateway.at("left_alone_for_seconds");
  return fmt::format("gateway  {}  {} requests answered, {} of them out of its cache; {} answered by archives{}\n",
                     gateway.at("url").get<std::string>(), gateway.at("answered").get<std::uint64_t>(),
                     gateway.at("hits").get<std::uint64_t>(), gateway.at("direct").get<std::uint64_t>(),
                     alone > 0 ? fmt::format("; failing, asked again in {:.0f} s", alone) : "");
}

std::string transfer_line(const json& transfer) {
  return fmt::format("  {:6.1f} s  {:>10}  {}\n", transfer.at("seconds").get<double>(), size_text(transfer.at("bytes")),
                     transfer.at("url").get<std::string>());
}

std::string text_of(const json& status) {
  std::string text = fmt::format("{}  platefs {}, process {}\n", status.at("mountpoint").get<std::string>(),
                                 status.at("version").get<std::string>(), status.at("pid").get<int>());
  const auto& cache = status.at("cache");
  text += fmt::format("cache  {} of {} in {} files, {} answers\n", size_text(cache.at("bytes")),
                      size_text(cache.at("quota")), cache.at("objects").get<std::uint64_t>(),
                      cache.at("documents").get<std::uint64_t>());
  const auto files = status.value("files", json::array());  // a mount of an older platefs tells none
  text += files.empty() ? "files  nobody waits for one\n" : "files\n";
  for (const auto& file : files) text += "  " + file_line(file);
  text += status.at("hosts").empty() ? "hosts  nothing asked yet\n" : "hosts\n";
  for (const auto& host : status.at("hosts")) text += host_line(host);
  if (const auto gateway = status.find("gateway"); gateway != status.end()) text += gateway_line(*gateway);
  text += status.at("transfers").empty() ? "transfers  none\n" : "transfers\n";
  for (const auto& transfer : status.at("transfers")) text += transfer_line(transfer);
  if (!status.at("failures").empty()) text += "failed lately\n";
  for (const auto& failure : status.at("failures")) {
    text += fmt::format("  {} of {}: {}\n", failure.at("file").get<std::string>(), failure.at("did").get<std::string>(),
                        failure.at("message").get<std::string>());
  }
  return text;
}

constexpr std::size_t kMostFailures = 200;

/// The latest ones, latest first.
std::vector<cache::Failure> latest(std::vector<cache::Failure> failures) {
  std::ranges::stable_sort(failures, std::greater{}, &cache::Failure::when);
  if (failures.size() > kMostFailures) failures.resize(kMostFailures);
  return failures;
}

}  // namespace

std::string status_json(const std::string& mountpoint, const vo::TransportStatus& transport,
                        const cache::StoreUsage& usage, const std::vector<cache::Failure>& failures,
                        const std::vector<fs::FileInUse>& files) {
  json status{{"version", version()},
              {"pid", ::getpid()},
              {"mountpoint", mountpoint},
              {"cache",
               {{"bytes", usage.bytes},
                {"quota", usage.quota},
                {"objects", usage.objects},
                {"documents", usage.documents},
                {"index_bytes", usage.index_bytes}}},
              {"files", json::array()},
              {"hosts", json::array()},
              {"transfers", json::array()},
              {"failures", json::array()}};
  for (const auto& file : files) status["files"].push_back(file_json(file));
  for (const auto& host : transport.hosts) status["hosts"].push_back(host_json(host));
  if (transport.gateway) status["gateway"] = gateway_json(*transport.gateway);
  for (const auto& transfer : transport.transfers) {
    status["transfers"].push_back(transfer_json(transfer));
  }
  for (const auto& failure : latest(failures)) {
    status["failures"].push_back({{"did", vo::shown_text(failure.did)},
                                  {"file", failure.file},
                                  {"message", vo::shown_text(failure.message)},
                                  {"when", failure.when}});
  }
  return status.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string now_text(const std::vector<fs::FileInUse>& files) {
  if (files.empty()) return "nothing is under way\n";
  std::string text;
  for (const auto& file : files) text += file_line(file_json(file));
  return text;
}

std::string status_text(std::string_view text) {
  try {
    return text_of(json::parse(text));
  } catch (const json::exception& error) {
    throw vo::Error{vo::ErrorKind::Malformed, fmt::format("no status of platefs: {}", error.what())};
  }
}

int pid_in(std::string_view text) {
  const auto status = json::parse(text, nullptr, false);
  const auto found = status.is_object() ? status.find("pid") : status.end();
  if (found == status.end() || !found->is_number_unsigned()) return 0;
  const auto pid = found->get<std::uint64_t>();
  return pid <= INT_MAX ? static_cast<int>(pid) : 0;
}

}  // namespace platefs::tools
