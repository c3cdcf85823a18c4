// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/archive_probe.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <set>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/base/shown_text.h"
#include "vo/base/thread.h"
#include "vo/services/archive.h"
#include "vo/services/own_protocol.h"
#include "vo/services/table_search.h"
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

/// M 31, which every survey of the northern sky has.
constexpr double kProbedRa = 10.6847, kProbedDec = 41.2690;

/// Of a form, the smallest image of its first survey; else the images at a place. Throws when it does not answer so.
std::size_t rows_at_a_place(const vo::TapService& service, vo::Transport& transport, const std::stop_token& stop) {
  const auto place = vo::IcrsPosition::at(vo::Angle::degrees(kProbedRa), vo::Angle::degrees(kProbedDec));
  const auto plates = vo::Archive{service, transport}.plates_at(place, stop).table;
  if (service.kind != vo::ServiceKind::Template || plates.plates.empty()) return plates.plates.size();
  auto request = plates.own->cutout_request(plates, plates.plates.front(), {place, vo::Angle::arcminutes(1)});
  request.on_behalf_of = plates.service;
  request.max_body = kLargestAnswer;
  const auto response = vo::fetch(transport, std::move(request), stop);
  if (response.head.status >= 400) throw vo::error_of_status(response.head, response.body);
  if (!response.body.starts_with("SIMPLE  =")) {
    throw vo::Error{vo::ErrorKind::Malformed,
                    fmt::format("it answers no FITS file but {}: {}", response.head.media_type(),
                                vo::shown_text(response.body.substr(0, 200)))};
  }
  return plates.plates.size();
}

/// Rows of one that has a table to be asked for.
std::size_t rows_of_table(const vo::TapService& service, vo::Transport& transport, const std::stop_token& stop) {
  return asked(service, fmt::format("SELECT TOP 1 obs_publisher_did, access_url, s_region FROM {}", service.table),
               transport, stop)
      .rows.size();
}

/// "1200 rows, 1180 of them with a place; as of 1890-05-17T03:12:44".
std::string text_of(const vo::TableSearch::Facts& facts) {
  auto text = fmt::format("{} rows", facts.head.rows);
  if (facts.head.placed < facts.head.rows) text += fmt::format(", {} of them with a place", facts.head.placed);
  return text + fmt::format("; as of {}", vo::iso_datetime(vo::mjd_of_unix(static_cast<double>(facts.indexed_at))));
}

void probe_file_of_rows(const vo::TapService& service, vo::Transport& transport, const std::stop_token& stop,
                        ProbeResult& result) {
  const auto facts = vo::TableSearch{service, transport}.facts(stop);
  result.holds = text_of(facts);
  result.answered = !facts.failure;
  if (facts.failure) {
    result.problem = facts.failure->message();
    result.remedy = "its rows are those of before; look whether a browser reaches it, or try later";
  } else if (facts.head.placed == 0) {
    result.problem = "no row has a place: s_region, or s_ra and s_dec";
    result.remedy = "say by 'columns' in its section of the configuration which columns these are: platefs.toml(5)";
  }
}

/// Is asked for nothing.
struct Nobody final : vo::Transport {
  vo::TransferTicket start(vo::http::Request, std::shared_ptr<vo::TransferHandler> handler) override {
    handler->on_end(vo::Error{vo::ErrorKind::Offline, "nobody is asked"});
    return {};
  }
};

void probe_service(const vo::TapService& service, vo::Transport& transport, const std::stop_token& stop,
                   ProbeResult& result) {
  const bool is_tap = service.kind == vo::ServiceKind::Tap;
  const auto rows = is_tap ? rows_of_table(service, transport, stop) : rows_at_a_place(service, transport, stop);
  result.answered = true;
  if (rows == 0 && is_tap) {
    result.problem = fmt::format("its table {} is empty", service.table);
    result.remedy = "name another table in its section of the configuration: platefs.toml(5)";
  }
}

ProbeResult probed(const vo::TapService& service, vo::Transport& transport, const std::stop_token& stop) {
  ProbeResult result{service.name, service.url.for_display(), false, 0, {}, {}};
  const auto began = std::chrono::steady_clock::now();
  try {
    const bool is_file = service.kind == vo::ServiceKind::Table;
    is_file ? probe_file_of_rows(service, transport, stop, result) : probe_service(service, transport, stop, result);
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

std::string kept_table(const vo::TapService& service) {
  if (service.kind != vo::ServiceKind::Table) return {};
  Nobody nobody;
  const auto facts = vo::TableSearch{service, nobody}.kept_facts();
  return facts ? text_of(*facts) : std::string{};
}

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

namespace {

std::string words_condition(const std::vector<std::string>& words) {
  std::string adql;
  for (const auto& word : words) {
    adql += fmt::format(" AND (1 = ivo_nocasematch(res_title, '%{0}%') OR ivoid LIKE '%{0}%')", part_of_literal(word));
  }
  return adql + " ORDER BY ivoid";
}

/// "siap2" or "siap1" by the standard that a record names.
std::string kind_of_images(const std::string& standard) {
  return standard.find("#query-2") != std::string::npos ? "siap2" : "siap1";
}

/// One service, however its URL ends.
std::string base_of_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

class Discoverer {
 public:
  Discoverer(const std::string& registry, vo::Transport& transport, const std::stop_token& stop)
      : service_{.name = "registry", .url = vo::Url::parse(registry)}, transport_(transport), stop_(stop) {}

  void ask(const std::string& adql) {
    const auto table = asked(service_, adql, transport_, stop_);
    const int ivoid = table.column("ivoid"), title = table.column("res_title"), url = table.column("access_url");
    if (ivoid < 0 || title < 0 || url < 0) {
      throw vo::Error{vo::ErrorKind::Rejected,
                      fmt::format("{} answers without the columns of a registry; choose another by --registry",
                                  service_.url.for_display())};
    }
    const int name = table.column("table_name"), standard = table.column("standard_id");
    for (const auto row : table.rows) {
      const auto cell = [&](int column) {
        return column < 0 ? std::string{} : vo::text_of(row.view(static_cast<std::size_t>(column)));
      };
      DiscoveredService found{cell(ivoid), cell(title), cell(url)};
      if (standard >= 0) found.kind = kind_of_images(cell(standard));
      if (auto named = cell(name); !vo::same_ignoring_case(named, "ivoa.obscore")) found.table = std::move(named);
      const bool is_new =
          known_.insert(fmt::format("{} {} {}", found.kind, base_of_url(found.url), found.table)).second;
      if (is_new) found_.services.push_back(std::move(found));
    }
  }

  void ask_also(const std::string& adql, const char* what) {
    try {
      ask(adql);
    } catch (const vo::Error& error) {
      if (error.kind() == vo::ErrorKind::Cancelled) throw;
      found_.problems.push_back(fmt::format("{}: {}", what, error.message()));
    }
  }

  Discovery take() { return std::move(found_); }

 private:
  vo::TapService service_;
  vo::Transport& transport_;
  const std::stop_token& stop_;
  std::set<std::string> known_;
  Discovery found_;
};

}  // namespace

std::string discovery_adql(const std::vector<std::string>& words) {
  // The data model is how services say that they have ivoa.obscore; cases and versions vary.
  return "SELECT DISTINCT ivoid, res_title, access_url FROM rr.resource NATURAL JOIN rr.capability NATURAL JOIN "
         "rr.interface NATURAL JOIN rr.res_detail WHERE standard_id LIKE 'ivo://ivoa.net/std/tap%' "
         "AND intf_role = 'std' AND detail_xpath = '/capability/dataModel/@ivo-id' "
         "AND 1 = ivo_nocasematch(detail_value, 'ivo://ivoa.net/std/obscore%')" +
         words_condition(words);
}

std::string discovery_of_tables_adql(const std::vector<std::string>& words) {
  return "SELECT DISTINCT ivoid, res_title, access_url, table_name FROM rr.resource NATURAL JOIN rr.capability NATURAL "
         "JOIN rr.interface NATURAL JOIN rr.res_table WHERE standard_id LIKE 'ivo://ivoa.net/std/tap%' "
         "AND intf_role = 'std' AND (1 = ivo_nocasematch(table_utype, 'ivo://ivoa.net/std/obscore%') "
         "OR 1 = ivo_nocasematch(table_name, 'ivoa.obscore'))" +
         words_condition(words);
}

std::string discovery_of_images_adql(const std::vector<std::string>& words) {
  return "SELECT DISTINCT ivoid, res_title, access_url, standard_id FROM rr.resource NATURAL JOIN rr.capability "
         "NATURAL "
         "JOIN rr.interface WHERE standard_id LIKE 'ivo://ivoa.net/std/sia%' AND intf_role = 'std' "
         "AND (1 = ivo_nocasematch(res_title, '%plate%') OR 1 = ivo_nocasematch(res_title, '%photograph%') "
         "OR 1 = ivo_nocasematch(res_description, '%photographic%') "
         "OR 1 = ivo_nocasematch(res_description, '%plates%'))" +
         words_condition(words);
}

Discovery discover_services(const std::string& registry, const std::vector<std::string>& words,
                            vo::Transport& transport, const std::stop_token& stop) {
  Discoverer discoverer{registry, transport, stop};
  discoverer.ask(discovery_adql(words));
  discoverer.ask_also(discovery_of_tables_adql(words), "tables by their utype or name");
  discoverer.ask_also(discovery_of_images_adql(words), "image services");
  return discoverer.take();
}

}  // namespace platefs::tools
