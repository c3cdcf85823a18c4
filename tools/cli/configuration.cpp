// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/configuration.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>

#include "tools/cli/nearest_word.h"
#include "tools/cli/toml_values.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/services/cutout_template.h"
#include "vo/tables/column_mapping.h"

namespace platefs::tools {
namespace {

using toml_values::columns, toml_values::identifier, toml_values::meaning_of, toml_values::number, toml_values::one_of,
    toml_values::path, toml_values::paths, toml_values::text, toml_values::texts, toml_values::truth, toml_values::url,
    toml_values::urls, toml_values::wrong;
using vo::Error;
using vo::ErrorKind;

/// Of the service; a table may be a file, whose path is relative to the configuration file's folder.
std::string url_of(const std::string& said, vo::ServiceKind kind, const std::string& configuration) {
  if (kind != vo::ServiceKind::Table) return vo::Url::parse(said).text();
  if (said.find("://") != std::string::npos) return vo::Url::parse_trusted(said).text();
  auto path = said;
  const char* home = std::getenv("HOME");
  if (path.starts_with("~/") && home != nullptr) path.replace(0, 1, home);
  const auto folder = std::filesystem::absolute(configuration).parent_path();
  return vo::Url::of_file((folder / path).lexically_normal().string()).text();
}

template <typename Into>
struct Key {
  const char* name;
  std::function<void(const toml::node&, Into&)> apply;
};

using Options = CommonOptions;

// The names are those of the command line, so that one word serves everywhere.
const std::vector<Key<Options>>& general() {
  static const std::vector<Key<Options>> keys{
      {"archives", [](const auto& node, Options& o) { o.archives = texts(node); }},
      {"exclude-collection", [](const auto& node, Options& o) { o.excluded_collections = texts(node); }},
      {"where", [](const auto& node, Options& o) { o.where = text(node); }},
      {"radius", [](const auto& node, Options& o) { radius_from(o.radius = text(node)); }},
      {"resolver",
       [](const auto& node, Options& o) {
         o.resolver = text(node);
         resolver_from(o);
       }},
      {"cache-dir", [](const auto& node, Options& o) { o.cache_dir = path(node); }},
      {"cache-base", [](const auto& node, Options& o) { o.cache_bases = paths(node); }},
      {"cache-size", [](const auto& node, Options& o) { bytes_from(o.cache_size = text(node)); }},
      {"offline", [](const auto& node, Options& o) { o.offline = truth(node); }},
      {"jobs-per-host", [](const auto& node, Options& o) { o.jobs_per_host = static_cast<int>(number(node, 1, 32)); }},
      {"timeout", [](const auto& node, Options& o) { o.timeout_seconds = number(node, 0.1, 86400); }},
      {"query-timeout", [](const auto& node, Options& o) { o.query_timeout_seconds = number(node, 0.1, 86400); }},
      {"ca-file", [](const auto& node, Options& o) { o.ca_file = path(node); }},
      {"allow-private-addresses", [](const auto& node, Options& o) { o.allow_private_addresses = truth(node); }},
      {"proxy", [](const auto& node, Options& o) { o.proxy = text(node); }},
      {"mtime",
       [](const auto& node, Options& o) {
         o.mtime = one_of(node, {"observed", "fetched"});
       }},
      {"overlap", [](const auto& node, Options& o) { o.overlap = truth(node); }},
      {"placeholders", [](const auto& node, Options& o) { o.placeholders = truth(node); }},
      {"positive", [](const auto& node, Options& o) { o.positive = truth(node); }},
      {"kernel",
       [](const auto& node, Options& o) {
         o.kernel = one_of(node, {"bilinear", "lanczos3"});
       }},
      {"sequence", [](const auto& node, Options& o) { o.sequence = path(node); }},
      {"allow-other", [](const auto& node, Options& o) { o.allow_other = truth(node); }},
      {"guard", [](const auto& node, Options& o) { o.guarded_programs = texts(node); }},
      {"log-level",
       [](const auto& node, Options& o) {
         o.log_level = one_of(node, {"debug", "info", "warning", "error", "off"});
       }},
      {"registry", [](const auto& node, Options& o) { o.registry = url(node); }},
  };
  return keys;
}

/// "1953-05-01": MJD.
double date(const toml::node& node) {
  std::optional<toml::date> read;
  try {
    read = toml::parse("date = " + text(node))["date"].value<toml::date>();
  } catch (const toml::parse_error&) {
    read.reset();
  }
  if (!read) wrong("wants a date such as \"1953-05-01\"");
  const std::chrono::year_month_day day{std::chrono::year{read->year}, std::chrono::month{read->month},
                                        std::chrono::day{read->day}};
  return vo::mjd_of_unix(static_cast<double>(std::chrono::sys_days{day}.time_since_epoch().count()) * 86400);
}

const std::vector<Key<vo::Survey>>& of_plate() {
  static const std::vector<Key<vo::Survey>> keys{
      {"id", [](const auto& node, vo::Survey& s) { s.id = text(node); }},
      {"value", [](const auto& node, vo::Survey& s) { s.value = text(node); }},
      {"title", [](const auto& node, vo::Survey& s) { s.title = text(node); }},
      {"dec-min", [](const auto& node, vo::Survey& s) { s.dec_min = number(node, -90, 90); }},
      {"dec-max", [](const auto& node, vo::Survey& s) { s.dec_max = number(node, -90, 90); }},
      {"pixel-scale", [](const auto& node, vo::Survey& s) { s.pixel_scale = number(node, 1e-3, 3600); }},
      {"date-min", [](const auto& node, vo::Survey& s) { s.t_min = date(node); }},
      {"date-max", [](const auto& node, vo::Survey& s) { s.t_max = date(node); }},
  };
  return keys;
}

std::vector<vo::Survey> plates(const toml::node& node);

const std::vector<Key<ArchiveEntry>>& of_archive() {
  static const std::vector<Key<ArchiveEntry>> keys{
      {"url", [](const auto& node, ArchiveEntry& e) { e.url = text(node); }},  // see url_of()
      {"kind", [](const auto& node, ArchiveEntry& e) { e.kind = meaning_of(node, service_kinds()); }},
      {"id", [](const auto& node, ArchiveEntry& e) { e.id = identifier(node); }},
      {"title", [](const auto& node, ArchiveEntry& e) { e.title = text(node); }},
      {"table", [](const auto& node, ArchiveEntry& e) { e.table = text(node); }},
      {"columns", [](const auto& node, ArchiveEntry& e) { e.columns = columns(node); }},
      {"where", [](const auto& node, ArchiveEntry& e) { e.where = text(node); }},
      {"dataproduct-types", [](const auto& node, ArchiveEntry& e) { e.dataproduct_types = texts(node); }},
      {"search", [](const auto& node, ArchiveEntry& e) { e.place_form = meaning_of(node, place_forms()); }},
      {"exclude-collection", [](const auto& node, ArchiveEntry& e) { e.excluded_collections = texts(node); }},
      {"citation", [](const auto& node, ArchiveEntry& e) { e.citation = text(node); }},
      {"acknowledgement", [](const auto& node, ArchiveEntry& e) { e.acknowledgement = text(node); }},
      {"netrc", [](const auto& node, ArchiveEntry& e) { e.netrc = path(node); }},
      {"token-file", [](const auto& node, ArchiveEntry& e) { e.token_file = path(node); }},
      {"client-certificate", [](const auto& node, ArchiveEntry& e) { e.client_certificate = path(node); }},
      {"client-key", [](const auto& node, ArchiveEntry& e) { e.client_key = path(node); }},
      {"login-url", [](const auto& node, ArchiveEntry& e) { e.login_url = url(node); }},
      {"login-file", [](const auto& node, ArchiveEntry& e) { e.login_file = path(node); }},
      {"max-requests",
       [](const auto& node, ArchiveEntry& e) { e.max_requests = static_cast<int>(number(node, 1, 32)); }},
      {"max-rate", [](const auto& node, ArchiveEntry& e) { e.max_rate = number(node, 0.01, 1000); }},
      {"hosts", [](const auto& node, ArchiveEntry& e) { e.hosts = texts(node); }},
      {"mirrors", [](const auto& node, ArchiveEntry& e) { e.mirrors = urls(node); }},
      {"plates", [](const auto& node, ArchiveEntry& e) { e.plates = plates(node); }},
      {"max-size", [](const auto& node, ArchiveEntry& e) { radius_from(e.max_size = text(node)); }},
      {"token-env", [](const auto& node, ArchiveEntry& e) { e.token_env = text(node); }},
  };
  return keys;
}

const std::vector<Key<CatalogueEntry>>& of_catalogue() {
  static const std::vector<Key<CatalogueEntry>> keys{
      {"url", [](const auto& node, CatalogueEntry& e) { e.url = url(node); }},
      {"title", [](const auto& node, CatalogueEntry& e) { e.title = text(node); }},
      {"table", [](const auto& node, CatalogueEntry& e) { e.table = text(node); }},
      {"name", [](const auto& node, CatalogueEntry& e) { e.name = text(node); }},
      {"ra", [](const auto& node, CatalogueEntry& e) { e.ra = text(node); }},
      {"dec", [](const auto& node, CatalogueEntry& e) { e.dec = text(node); }},
      {"magnitude", [](const auto& node, CatalogueEntry& e) { e.magnitude = text(node); }},
      {"brightest", [](const auto& node, CatalogueEntry& e) { e.brightest = number(node, -30, 40); }},
      {"faintest", [](const auto& node, CatalogueEntry& e) { e.faintest = number(node, -30, 40); }},
  };
  return keys;
}

const std::vector<Key<Options>>& of_gateway() {
  static const std::vector<Key<Options>> keys{
      {"url", [](const auto& node, Options& o) { o.gateway = text(node); }},
      {"hosts", [](const auto& node, Options& o) { o.gateway_hosts = texts(node); }},
  };
  return keys;
}

const std::vector<Key<S3Entry>>& of_s3() {
  static const std::vector<Key<S3Entry>> keys{
      {"endpoint", [](const auto& node, S3Entry& e) { e.endpoint = url(node); }},
      {"region", [](const auto& node, S3Entry& e) { e.region = identifier(node); }},
      {"credentials-file", [](const auto& node, S3Entry& e) { e.credentials_file = path(node); }},
      {"profile", [](const auto& node, S3Entry& e) { e.profile = text(node); }},
  };
  return keys;
}

template <typename Into>
std::vector<std::string> names_of(const std::vector<Key<Into>>& keys) {
  std::vector<std::string> names;
  for (const auto& key : keys) names.emplace_back(key.name);
  return names;
}

/// "FILE:LINE: ", for whatever went wrong while `work` looked at the place.
template <typename Work>
void at(const std::string& file, const toml::source_region& place, const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    throw Error{ErrorKind::Rejected, fmt::format("{}:{}: {}", file, place.begin.line, error.what())};
  }
}

template <typename Into>
void apply_key(const std::vector<Key<Into>>& keys, const toml::key& key, const toml::node& value, Into& into) {
  auto wanted = std::string{key.str()};
  std::ranges::replace(wanted, '_', '-');  // both are written in TOML
  for (const auto& known : keys) {
    if (wanted != known.name) continue;
    try {
      return known.apply(value, into);
    } catch (const Error& error) {
      throw error.within(fmt::format("'{}'", known.name));
    }
  }
  const auto nearest = nearest_word(key.str(), names_of(keys));
  wrong(
      fmt::format("unknown key '{}'{}", key.str(),
                  nearest.empty() ? "; platefs.toml(5) lists them all" : fmt::format("; did you mean '{}'?", nearest)));
}

std::vector<vo::Survey> plates(const toml::node& node) {
  std::vector<vo::Survey> list;
  const auto* array = node.as_array();
  if (array == nullptr) wrong("wants a list: [{ id = \"…\", title = \"…\" }, …]");
  for (const auto& each : *array) {
    if (!each.is_table()) wrong("wants a list of plates: [{ id = \"…\", title = \"…\" }, …]");
    auto& survey = list.emplace_back();
    for (const auto& [key, value] : *each.as_table()) apply_key(of_plate(), key, value, survey);
  }
  return list;
}

bool is_good_name(std::string_view name) {
  return !name.empty() && name.find_first_of("/,\n") == std::string_view::npos;
}

void apply_archive(const std::string& file, const toml::key& key, const toml::node& node, Options& options) {
  const std::string name{key.str()};
  at(file, key.source(), [&] {
    if (!node.is_table()) wrong(fmt::format("archive '{}' wants a section [archive.{}]", name, name));
    if (!is_good_name(name)) wrong(fmt::format("'{}' is no name for an archive", name));
  });
  auto& entry = options.entries[name];
  entry.name = name;
  for (const auto& [inner, value] : *node.as_table()) {
    at(file, inner.source(), [&, &inner = inner, &value = value] { apply_key(of_archive(), inner, value, entry); });
  }
  if (const auto* said = node.as_table()->get("url"); said != nullptr && said->is_string()) {
    at(file, said->source(), [&] {
      try {
        entry.url = url_of(entry.url, entry.kind, file);
      } catch (const Error& error) {
        throw error.within("'url'");
      }
    });
  }
  entry.origin = fmt::format("{}:{}", file, key.source().begin.line);
  at(file, key.source(), [&] {
    if (entry.url.empty()) wrong(fmt::format("archive '{}' has no url of its service", name));
    if (entry.kind == vo::ServiceKind::Template) {
      try {
        vo::check_cutout_template(entry.url, entry.plates);
      } catch (const Error& error) {
        wrong(fmt::format("archive '{}': {}", name, error.message()));
      }
    } else if (!entry.plates.empty() || !entry.max_size.empty()) {
      wrong(fmt::format("archive '{}' is no template: remove 'plates' and 'max-size'", name));
    }
    if (entry.kind != vo::ServiceKind::Tap && !entry.where.empty()) {
      wrong(fmt::format("archive '{}' is no TAP service and takes no ADQL: remove 'where'", name));
    }
    if (entry.kind != vo::ServiceKind::Table && !entry.columns.empty()) {
      wrong(fmt::format("archive '{}' is no table: 'columns' is for kind = \"table\"", name));
    }
  });
}

void apply_catalogue(const std::string& file, const toml::node& node, Options& options) {
  at(file, node.source(), [&] {
    if (!node.is_table()) wrong("'catalogue' wants a section [catalogue] with url and table");
  });
  CatalogueEntry entry;
  for (const auto& [inner, value] : *node.as_table()) {
    at(file, inner.source(), [&, &inner = inner, &value = value] { apply_key(of_catalogue(), inner, value, entry); });
  }
  at(file, node.source(), [&] {
    if (entry.url.empty() || entry.table.empty()) wrong("[catalogue] wants the url of a TAP service, and a table");
  });
  if (entry.title.empty()) entry.title = entry.table;
  options.catalogue = std::move(entry);
}

/// One that the command line names is for the same archives.
void apply_gateway(const std::string& file, const toml::node& node, Options& options) {
  at(file, node.source(), [&] {
    if (!node.is_table()) wrong("'gateway' wants a section [gateway] with url");
  });
  Options said;
  for (const auto& [inner, value] : *node.as_table()) {
    at(file, inner.source(), [&, &inner = inner, &value = value] { apply_key(of_gateway(), inner, value, said); });
  }
  at(file, node.source(), [&] { gateway_from(said); });
  options.gateway_hosts = std::move(said.gateway_hosts);
  if (!options.given.contains("gateway")) options.gateway = std::move(said.gateway);
}

void apply_s3(const std::string& file, const toml::node& node, Options& options) {
  at(file, node.source(), [&] {
    if (!node.is_table()) wrong("'s3' wants a section [s3]");
  });
  for (const auto& [inner, value] : *node.as_table()) {
    at(file, inner.source(), [&, &inner = inner, &value = value] { apply_key(of_s3(), inner, value, options.s3); });
  }
}

void apply_table(const toml::table& table, const std::string& file, Options& options) {
  auto keys = general();
  keys.push_back({"archive", [](const auto&, Options&) {}});
  keys.push_back({"catalogue", [](const auto&, Options&) {}});
  keys.push_back({"gateway", [](const auto&, Options&) {}});
  keys.push_back({"s3", [](const auto&, Options&) {}});
  for (const auto& [key, value] : table) {
    if (options.given.contains(key.str() == "archives" ? "archive" : std::string{key.str()})) {
      Options unused;  // still checked
      at(file, key.source(), [&, &key = key, &value = value] { apply_key(keys, key, value, unused); });
      continue;
    }
    at(file, key.source(), [&, &key = key, &value = value] { apply_key(keys, key, value, options); });
  }
  if (const auto* gateway = table.get("gateway")) apply_gateway(file, *gateway, options);
  if (const auto* catalogue = table.get("catalogue")) apply_catalogue(file, *catalogue, options);
  if (const auto* s3 = table.get("s3")) apply_s3(file, *s3, options);
  const auto* archives = table.get("archive");
  if (archives == nullptr) return;
  at(file, archives->source(), [&] {
    if (!archives->is_table())
      wrong("'archive' wants sections [archive.NAME]; to choose among them: archives = [\"NAME\"]");
  });
  for (const auto& [key, value] : *archives->as_table()) apply_archive(file, key, value, options);
}

}  // namespace

void apply_configuration(std::string_view text, const std::string& file, CommonOptions& options) {
  try {
    apply_table(toml::parse(text), file, options);
  } catch (const toml::parse_error& error) {
    throw Error{ErrorKind::Rejected, fmt::format("{}:{}: {}", file, error.source().begin.line, error.description())};
  }
}

std::vector<std::string> general_keys() { return names_of(general()); }
std::vector<std::string> archive_keys() { return names_of(of_archive()); }
std::vector<std::string> catalogue_keys() { return names_of(of_catalogue()); }
std::vector<std::string> gateway_keys() { return names_of(of_gateway()); }
std::vector<std::string> s3_keys() { return names_of(of_s3()); }

}  // namespace platefs::tools
