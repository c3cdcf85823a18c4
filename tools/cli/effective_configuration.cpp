// SPDX-License-Identifier: BSD-3-Clause
#include <sstream>

#include "tools/cli/configuration.h"
#include "tools/cli/toml.h"
#include "vo/base/mjd.h"
#include "vo/http/proxy_choice.h"

namespace platefs::tools {
namespace {

toml::array array_of(const std::vector<std::string>& texts) {
  toml::array array;
  for (const auto& text : texts) array.push_back(text);
  return array;
}

void add(toml::table& table, const char* key, const std::string& text) {
  if (!text.empty()) table.insert(key, text);
}

toml::array array_of(const std::vector<vo::Survey>& plates) {
  toml::array array;
  for (const auto& plate : plates) {
    toml::table table;
    add(table, "id", plate.id);
    add(table, "value", plate.value);
    add(table, "title", plate.title);
    if (plate.dec_min > -90) table.insert("dec-min", plate.dec_min);
    if (plate.dec_max < 90) table.insert("dec-max", plate.dec_max);
    if (plate.pixel_scale) table.insert("pixel-scale", *plate.pixel_scale);
    if (plate.t_min) add(table, "date-min", vo::iso_date(*plate.t_min));
    if (plate.t_max) add(table, "date-max", vo::iso_date(*plate.t_max));
    array.push_back(std::move(table));
  }
  return array;
}

toml::table table_of(const ArchiveEntry& entry) {
  toml::table table;
  add(table, "url", vo::Url::parse_trusted(entry.url).for_display());
  add(table, "id", entry.id);
  add(table, "title", entry.title);
  add(table, "table", entry.table);
  add(table, "where", entry.where);
  if (entry.dataproduct_types != ArchiveEntry{}.dataproduct_types) {
    table.insert("dataproduct-types", array_of(entry.dataproduct_types));
  }
  for (const auto& [word, kind] : service_kinds()) {
    if (entry.kind == kind && kind != vo::ServiceKind::Tap) table.insert("kind", word);
  }
  if (!entry.columns.empty()) {
    toml::table columns;
    for (const auto& [name, value] : entry.columns) columns.insert(name, value);
    table.insert("columns", std::move(columns));
  }
  for (const auto& [word, form] : place_forms()) {
    if (entry.place_form == form) table.insert("search", word);
  }
  if (entry.excluded_collections) {
    table.insert("exclude-collection", array_of(*entry.excluded_collections));
  }
  add(table, "citation", entry.citation);
  add(table, "acknowledgement", entry.acknowledgement);
  // Files that hold secrets are named, never shown.
  add(table, "netrc", entry.netrc);
  add(table, "token-file", entry.token_file);
  add(table, "token-env", entry.token_env);
  add(table, "client-certificate", entry.client_certificate);
  add(table, "client-key", entry.client_key);
  add(table, "login-url", entry.login_url);
  add(table, "login-file", entry.login_file);
  if (!entry.hosts.empty()) table.insert("hosts", array_of(entry.hosts));
  if (entry.max_requests > 0) table.insert("max-requests", entry.max_requests);
  if (entry.max_rate > 0) table.insert("max-rate", entry.max_rate);
  add(table, "max-size", entry.max_size);
  if (!entry.plates.empty()) table.insert("plates", array_of(entry.plates));
  if (!entry.mirrors.empty()) table.insert("mirrors", array_of(entry.mirrors));
  return table;
}

toml::table table_of(const CatalogueEntry& entry) {
  toml::table table;
  add(table, "url", vo::Url::parse(entry.url).for_display());
  add(table, "title", entry.title);
  add(table, "table", entry.table);
  add(table, "name", entry.name);
  add(table, "ra", entry.ra);
  add(table, "dec", entry.dec);
  add(table, "magnitude", entry.magnitude);
  table.insert("brightest", entry.brightest);
  table.insert("faintest", entry.faintest);
  return table;
}

}  // namespace

std::string effective_configuration(const CommonOptions& options) {
  toml::table general;
  toml::array names;
  toml::table archives;
  for (const auto& entry : archives_from(options)) {
    names.push_back(entry.name);
    archives.insert(entry.name, table_of(entry));
  }
  general.insert("archives", std::move(names));
  general.insert("exclude-collection", array_of(options.excluded_collections));
  add(general, "where", options.where);
  general.insert("radius", options.radius);
  general.insert("resolver", vo::without_userinfo(options.resolver));
  general.insert("cache-dir", cache_directory(options).string());
  if (!options.cache_bases.empty()) {
    toml::array bases;
    for (const auto& base : options.cache_bases) bases.push_back(base.string());
    general.insert("cache-base", std::move(bases));
  }
  general.insert("cache-size", options.cache_size);
  general.insert("offline", options.offline);
  general.insert("jobs-per-host", options.jobs_per_host);
  general.insert("timeout", options.timeout_seconds);
  general.insert("query-timeout", query_timeout(options));
  add(general, "ca-file", options.ca_file.string());
  general.insert("allow-private-addresses", options.allow_private_addresses);
  add(general, "proxy", vo::without_userinfo(options.proxy));
  general.insert("mtime", options.mtime);
  general.insert("overlap", options.overlap);
  general.insert("placeholders", options.placeholders);
  general.insert("positive", options.positive);
  general.insert("kernel", options.kernel);
  add(general, "sequence", options.sequence.string());
  general.insert("allow-other", options.allow_other);
  general.insert("guard", array_of(options.guarded_programs));
  general.insert("log-level", options.log_level);
  general.insert("registry", vo::Url::parse(options.registry).for_display());
  toml::table sections;
  if (const auto gateway = gateway_from(options)) {
    toml::table table;
    add(table, "url", gateway->url.for_display());
    if (!gateway->hosts.empty()) table.insert("hosts", array_of(gateway->hosts));
    sections.insert("gateway", std::move(table));
  }
  if (options.catalogue) sections.insert("catalogue", table_of(*options.catalogue));
  toml::table s3;
  add(s3, "endpoint", options.s3.endpoint.empty() ? "" : vo::Url::parse(options.s3.endpoint).for_display());
  add(s3, "region", options.s3.region);
  add(s3, "credentials-file", options.s3.credentials_file);
  if (!s3.empty()) sections.insert("s3", std::move(s3));
  sections.insert("archive", std::move(archives));
  std::ostringstream text;
  text << "# What is in effect: the command line over the configuration over what is built in.\n"
       << general << "\n\n"
       << sections << "\n";
  return text.str();
}

}  // namespace platefs::tools
