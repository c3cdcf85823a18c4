// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/archive_probe.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <chrono>

#include "vo/base/error.h"
#include "vo/base/thread.h"
#include "vo/votable/votable.h"

namespace platefs::tools {
namespace {

constexpr std::uint64_t kLargestAnswer = 16ull << 20;

vo::Votable asked(const vo::TapService& service, const std::string& adql, vo::Transport& transport,
                  const std::stop_token& stop) {
  auto request = vo::sync_query(service, adql);
  request.max_body = kLargestAnswer;
  request.compressible = true;
  const auto response = vo::fetch(transport, std::move(request), stop);
  try {
    return vo::read_votable(response.body);
  } catch (const vo::Error& said) {
    if (response.head.status < 400) throw;
    // A page with an error status is an error before it is a page; a VOTable tells why.
    const auto by_status = vo::error_of_status(response.head, response.body);
    if (said.kind() != vo::ErrorKind::Rejected) throw by_status;
    throw vo::Error{by_status.kind(), fmt::format("{}: {}", by_status.message(), said.message())};
  }
}

const char* remedy_of(vo::ErrorKind kind) {
  using enum vo::ErrorKind;
  if (kind == NotAuthorized) {
    return "give credentials in its section of the configuration: platefs.toml(5), netrc or token-file";
  }
  if (kind == NotFound || kind == Rejected || kind == Malformed) {
    return "check url and table in the configuration (`platefs archives list` shows them); `platefs archives "
           "discover` finds services";
  }
  return "look whether a browser reaches it (proxy: --proxy), or try later; what is cached works without it: --offline";
}

ProbeResult probed(const vo::TapService& service, vo::Transport& transport, const std::stop_token& stop) {
  ProbeResult result{service.name, service.url.for_display(), false, 0, {}, {}};
  const auto began = std::chrono::steady_clock::now();
  try {
    const auto table =
        asked(service, fmt::format("SELECT TOP 1 obs_publisher_did, access_url, s_region FROM {}", service.table),
              transport, stop);
    result.answered = true;
    if (table.rows.empty()) {
      result.problem = fmt::format("its table {} is empty", service.table);
      result.remedy = "name another table in its section of the configuration: platefs.toml(5)";
    }
  } catch (...) {
    const auto error = vo::current_error(fmt::format("asking {}", service.name));
    result.problem = error.message();
    result.remedy = remedy_of(error.kind());
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

/// As part of an ADQL literal for LIKE, in lower case.
std::string part_of_literal(const std::string& word) {
  std::string text;
  for (const char c : word) {
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (c == '\'') text += c;
  }
  return text;
}

}  // namespace

std::vector<ProbeResult> probe_archives(const CommonOptions& options, vo::Transport& transport,
                                        const std::stop_token& stop) {
  const auto services = services_from(options);
  std::vector<ProbeResult> results(services.size());
  {
    std::vector<vo::Thread> threads;
    for (std::size_t i = 0; i < services.size(); ++i) {
      threads.emplace_back(
          "probe", [&, i] { results[i] = probed(services[i], transport, stop); },
          [&, i](const vo::Error& error) {
            results[i].archive = services[i].name;
            results[i].problem = error.message();
          });
    }
  }
  return results;
}

std::string discovery_adql(const std::vector<std::string>& words) {
  // The data model is how services say that they have ivoa.obscore; cases and versions vary.
  std::string adql =
      "SELECT DISTINCT ivoid, res_title, access_url FROM rr.resource NATURAL JOIN rr.capability NATURAL JOIN "
      "rr.interface NATURAL JOIN rr.res_detail WHERE standard_id LIKE 'ivo://ivoa.net/std/tap%' "
      "AND intf_role = 'std' AND detail_xpath = '/capability/dataModel/@ivo-id' "
      "AND 1 = ivo_nocasematch(detail_value, 'ivo://ivoa.net/std/obscore%')";
  for (const auto& word : words) {
    adql += fmt::format(" AND (1 = ivo_nocasematch(res_title, '%{0}%') OR ivoid LIKE '%{0}%')", part_of_literal(word));
  }
  return adql + " ORDER BY ivoid";
}

std::vector<DiscoveredService> discover_services(const std::string& registry, const std::vector<std::string>& words,
                                                 vo::Transport& transport, const std::stop_token& stop) {
  const vo::TapService service{.name = "registry", .url = vo::Url::parse(registry)};
  const auto table = asked(service, discovery_adql(words), transport, stop);
  const int ivoid = table.column("ivoid"), title = table.column("res_title"), url = table.column("access_url");
  if (ivoid < 0 || title < 0 || url < 0) {
    throw vo::Error{
        vo::ErrorKind::Rejected,
        fmt::format("{} answers without the columns of a registry; choose another by --registry", registry)};
  }
  std::vector<DiscoveredService> services;
  for (const auto row : table.rows) {
    const auto cell = [&](int column) { return vo::text_of(row.view(static_cast<std::size_t>(column))); };
    services.push_back({cell(ivoid), cell(title), cell(url)});
  }
  return services;
}

}  // namespace platefs::tools
