// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/options.h"

#include <fmt/core.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>

#include "vo/base/error.h"
#include "vo/http/proxy_choice.h"
#include "vo/services/table_search.h"
#include "vo/tables/star_sequence.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

/// A positive number and the unit letter behind it (0 if none).
struct Quantity {
  double number = 0;
  char unit = 0;
};

Quantity quantity_from(const std::string& text, std::string_view what) {
  Quantity quantity;
  const auto* end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, quantity.number);
  const bool has_unit = after != end;
  if (has_unit) quantity.unit = *after;
  const bool good = problem == std::errc{} && end - after <= 1 && std::isfinite(quantity.number) && quantity.number > 0;
  if (!good) throw Error{ErrorKind::Rejected, fmt::format("'{}' is no {}", text, what)};
  return quantity;
}

std::filesystem::path xdg(const char* variable, const char* below_home) {
  const char* set = std::getenv(variable);
  if (set != nullptr && *set == '/') return std::filesystem::path{set} / "platefs";
  const char* home = std::getenv("HOME");
  return std::filesystem::path{home != nullptr ? home : "/"} / below_home / "platefs";
}

std::string known_names(const CommonOptions& options) {
  std::string names;
  for (const auto& [name, entry] : options.entries) names += (names.empty() ? "" : ", ") + name;
  return names;
}

ArchiveEntry entry_for(const std::string& archive, const CommonOptions& options) {
  if (const auto known = options.entries.find(archive); known != options.entries.end()) {
    return known->second;
  }
  if (archive.find("://") == std::string::npos) {
    throw Error{ErrorKind::Rejected,
                fmt::format("there is no archive '{}'; known are {}, or give the URL of a TAP service", archive,
                            known_names(options))};
  }
  ArchiveEntry entry;
  entry.url = archive;
  entry.name = vo::Url::parse(archive).host();
  entry.origin = "command line";
  return entry;
}

// Two services of one host need two names: failures and plates are told apart by them.
void make_names_unique(std::vector<ArchiveEntry>& entries) {
  std::map<std::string, int> seen;
  for (auto& entry : entries) {
    const int count = ++seen[entry.name];
    if (count > 1) entry.name += fmt::format("~{}", count);
  }
}

/// What the keys of the cache name the service by.
std::string key_of(const ArchiveEntry& entry) {
  return vo::service_key({.name = entry.name, .url = vo::Url::parse_trusted(entry.url), .id = entry.id});
}

/// The service that was declared to be mirrored at `url`; empty for none.
std::string mirrored_at(const vo::Url& url, const CommonOptions& options) {
  for (const auto& [name, entry] : options.entries) {
    for (const auto& mirror : entry.mirrors) {
      if (vo::service_base(vo::Url::parse(mirror)) == vo::service_base(url)) {
        return key_of(entry);
      }
    }
  }
  return {};
}

/// Answers to everybody's GET may be kept on the way there. What goes through a proxy to https can't.
bool is_behind_cache(const ArchiveEntry& entry, const vo::Url& url, const CommonOptions& options) {
  if (entry.has_credentials() || !entry.login_url.empty()) return false;
  if (gateway_from(options)) return true;
  const auto given = options.proxy.empty() ? std::nullopt : std::optional{options.proxy};
  const auto proxies = vo::ProxyRules::from_environment([](const char* name) { return std::getenv(name); }, given);
  return url.scheme() == "http" && !proxies.proxy_for(url).empty();
}

std::shared_ptr<const vo::TableSettings> table_settings(const ArchiveEntry& entry, const CommonOptions& options) {
  vo::TableSettings settings;
  for (const auto& [name, value] : entry.columns) settings.columns.add(name, value);
  settings.index_directory = cache_directory(options) / "tables";
  for (const auto& base : options.cache_bases) settings.base_directories.push_back(base / "tables");
  settings.asks_anew = options.refresh;
  return std::make_shared<const vo::TableSettings>(std::move(settings));
}

/// Both conditions where there are two.
std::string both(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return fmt::format("({}) AND ({})", a, b);
}

/// What mount(8) lists under "filesystem-independent mount options", but for those that forbid something
/// (nosuid, nodev, noexec: libfuse takes them): who may mount and when is done with by now, and of a tree that is
/// never written to no times change, nothing waits to be written, and no locks are mandatory.
bool is_for_mount_only(std::string_view word) {
  constexpr std::array<std::string_view, 38> words{
      "defaults",   "_netdev",    "nofail",   "auto",       "noauto",   "user",       "nouser",      "users",
      "nousers",    "owner",      "noowner",  "group",      "nogroup",  "rw",         "ro",          "dev",
      "suid",       "exec",       "atime",    "noatime",    "relatime", "norelatime", "strictatime", "nostrictatime",
      "diratime",   "nodiratime", "lazytime", "nolazytime", "sync",     "async",      "dirsync",     "iversion",
      "noiversion", "mand",       "nomand",   "silent",     "loud",     "symfollow"};
  constexpr std::array<std::string_view, 7> beginnings{
      "x-", "X-", "comment=", "user=", "uhelper=", "helper=", "subtype="};
  return std::ranges::find(words, word) != words.end() ||
         std::ranges::any_of(beginnings, [&](std::string_view beginning) { return word.starts_with(beginning); });
}

void check_sequence(const std::filesystem::path& file) {
  if (file.empty()) return;
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream content;
  if (!stream || !(content << stream.rdbuf())) {
    throw Error{ErrorKind::Rejected,
                fmt::format("the sequence '{}' can't be read: {}", file.string(), std::strerror(errno))};
  }
  try {
    vo::read_sequence(content.str());
  } catch (const Error& error) {
    throw error.within(file.string());
  }
}

void check_proxy(const std::string& proxy) {
  const auto end = proxy.find("://");
  constexpr std::array<std::string_view, 6> schemes{"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  const bool is_known =
      end == std::string::npos || std::find(schemes.begin(), schemes.end(), proxy.substr(0, end)) != schemes.end();
  if (!is_known) {
    throw Error{ErrorKind::Rejected,
                fmt::format("the proxy '{}' is none such as http://host:port or socks5h://host:port",
                            vo::without_userinfo(proxy))};
  }
}

void check_cache_bases(const std::vector<std::filesystem::path>& bases) {
  for (const auto& base : bases) {
    if (::access((base / "index.mdb").c_str(), R_OK) == 0) continue;
    throw Error{
        ErrorKind::Rejected,
        fmt::format("the cache base '{}' has no index.mdb that can be read: {}; name the directory of a cache, or "
                    "leave it out of --cache-base",
                    base.string(), std::strerror(errno))};
  }
}

void check_ca_file(const std::filesystem::path& file) {
  if (file.empty() || ::access(file.c_str(), R_OK) == 0) return;
  throw Error{ErrorKind::Rejected,
              fmt::format("the certificates '{}' can't be read: {}; --ca-file, CURL_CA_BUNDLE or SSL_CERT_FILE names "
                          "them",
                          file.string(), std::strerror(errno))};
}

}  // namespace

std::uint64_t bytes_from(const std::string& text) {
  const auto quantity = quantity_from(text, "size such as 20G, 512M or 1.5T");
  constexpr std::string_view units = "KMGT";
  const auto found = units.find(static_cast<char>(std::toupper(static_cast<unsigned char>(quantity.unit))));
  constexpr double kLeastWithoutUnit = 1 << 20;  // bytes; less is a unit that was forgotten
  if (quantity.unit == 0 && quantity.number < kLeastWithoutUnit) {
    throw Error{ErrorKind::Rejected, fmt::format("the size '{0}' has no unit: say {0}G or {0}M", text)};
  }
  const bool is_known = quantity.unit == 0 || found != std::string_view::npos;
  const auto unit = quantity.unit == 0 ? 0 : found + 1;
  if (!is_known || quantity.number > 1e15) {
    throw Error{ErrorKind::Rejected, fmt::format("'{}' is no size such as 20G, 512M or 1.5T", text)};
  }
  return static_cast<std::uint64_t>(std::ldexp(quantity.number, static_cast<int>(10 * unit)));
}

vo::Angle radius_from(const std::string& text) {
  const auto quantity = quantity_from(text, "radius such as 10m, 0.5d or 90s");
  switch (quantity.unit) {
    case 'd':
      return vo::Angle::degrees(quantity.number);
    case 'm':
      return vo::Angle::arcminutes(quantity.number);
    case 's':
      return vo::Angle::arcseconds(quantity.number);
    default:
      break;
  }
  if (quantity.unit != 0) {
    throw Error{ErrorKind::Rejected, fmt::format("'{}' is no radius such as 10m, 0.5d or 90s", text)};
  }
  throw Error{ErrorKind::Rejected,
              fmt::format("the radius '{0}' has no unit: say {0}d, {0}m or {0}s (degrees, arc minutes, arc "
                          "seconds)",
                          text)};
}

std::filesystem::path default_cache_directory() { return xdg("XDG_CACHE_HOME", ".cache"); }

std::filesystem::path cache_directory(const CommonOptions& options) {
  return options.cache_dir.empty() ? default_cache_directory() : options.cache_dir;
}

std::filesystem::path default_log_file() { return xdg("XDG_STATE_HOME", ".local/state") / "log.txt"; }

/// The cache takes answers of archives with one id for answers of one archive: they are tables of one service.
void check_ids(const std::vector<ArchiveEntry>& entries) {
  std::map<std::string, const ArchiveEntry*> known;
  for (const auto& entry : entries) {
    if (entry.id.empty()) continue;
    const auto [other, is_new] = known.emplace(entry.id, &entry);
    const auto service_of = [](const ArchiveEntry& of) { return vo::service_base(vo::Url::parse_trusted(of.url)); };
    if (is_new || service_of(*other->second) == service_of(entry)) continue;
    throw Error{
        ErrorKind::Rejected,
        fmt::format("the archives {} and {} have one id, {}, under which the cache keeps the answers of one archive: "
                    "give one of them another id, or name one of them only",
                    other->second->name, entry.name, entry.id)};
  }
}

std::vector<ArchiveEntry> archives_from(const CommonOptions& options) {
  auto names = options.archives;
  if (names.empty()) names.emplace_back(kDefaultArchive);
  std::vector<ArchiveEntry> entries;
  for (const auto& name : names) {
    if (name == kAllPlates && !options.entries.contains(name)) {
      for (const auto& [each, entry] : options.entries) {
        if (entry.has_plates) entries.push_back(entry);
      }
    } else {
      entries.push_back(entry_for(name, options));
    }
  }
  make_names_unique(entries);
  check_ids(entries);
  return entries;
}

std::vector<vo::TapService> services_from(const CommonOptions& options) {
  std::vector<vo::TapService> services;
  for (const auto& entry : archives_from(options)) {
    vo::TapService service{.name = entry.name, .url = vo::Url::parse_trusted(entry.url), .table = entry.table};
    const bool said_now = options.given.contains("exclude-collection");
    service.excluded_collections =
        said_now ? options.excluded_collections : entry.excluded_collections.value_or(options.excluded_collections);
    service.id = entry.id;
    service.where = both(entry.where, options.where);
    service.kind = entry.kind;
    service.dataproduct_types = entry.dataproduct_types;
    service.place_form = entry.place_form;
    for (const auto& mirror : entry.mirrors) service.mirrors.push_back(vo::Url::parse(mirror));
    if (options.overlap) service.reach = radius_from(options.radius);
    service.is_behind_cache = is_behind_cache(entry, service.url, options);
    service.surveys = entry.plates;
    if (!entry.max_size.empty()) service.largest_cutout = radius_from(entry.max_size);
    service.mirror_of = mirrored_at(service.url, options);
    service.query_timeout = std::chrono::milliseconds(static_cast<long>(query_timeout(options) * 1000));
    if (entry.kind == vo::ServiceKind::Table) {
      service.answers_last = vo::TableSearch::answers_last(service);
      service.table_settings = table_settings(entry, options);
    }
    services.push_back(std::move(service));
  }
  return services;
}

std::optional<vo::StarCatalogue> catalogue_from(const CommonOptions& options) {
  if (!options.catalogue) return std::nullopt;
  const auto& entry = *options.catalogue;
  vo::TapService service{.name = entry.title, .url = vo::Url::parse(entry.url), .table = entry.table};
  service.query_timeout = std::chrono::milliseconds(static_cast<long>(query_timeout(options) * 1000));
  return vo::StarCatalogue{entry.title, std::move(service), entry.name,      entry.ra,
                           entry.dec,   entry.magnitude,    entry.brightest, entry.faintest};
}

double query_timeout(const CommonOptions& options) {
  return options.query_timeout_seconds.value_or(std::min(180.0, 6 * options.timeout_seconds));
}

std::optional<vo::Url> resolver_from(const CommonOptions& options) {
  if (options.resolver == "none") return std::nullopt;
  try {
    return vo::Url::parse(options.resolver);
  } catch (const Error& error) {
    throw Error{ErrorKind::Rejected,
                fmt::format("--resolver wants the URL of a Sesame service, or none: {}", error.message())};
  }
}

std::optional<vo::GatewayOptions> gateway_from(const CommonOptions& options) {
  if (options.gateway.empty() || options.gateway == "none") return std::nullopt;
  const auto wrong = [&](std::string_view why) {
    return Error{ErrorKind::Rejected, fmt::format("the gateway '{}' is none such as http://host:port{}",
                                                  vo::without_userinfo(options.gateway), why)};
  };
  try {
    vo::GatewayOptions gateway{vo::Url::parse(options.gateway), options.gateway_hosts};
    if (options.gateway.find('@') != std::string::npos) throw wrong(": it is told no password");
    if (gateway.url.path() != "/" || !gateway.url.query().empty()) throw wrong(": it has no path");
    return gateway;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Rejected) throw;
    throw wrong("");
  }
}

void check_options(const CommonOptions& options) {
  check_proxy(options.proxy);
  gateway_from(options);
  check_ca_file(options.ca_file);
  check_cache_bases(options.cache_bases);
  check_sequence(options.sequence);
  bytes_from(options.cache_size);
  radius_from(options.radius);
  resolver_from(options);
  for (const auto& entry : archives_from(options)) {
    vo::Url::parse_trusted(entry.url);
    credentials_of(entry);
    login_of(entry);
  }
}

DashO split_dash_o(const std::string& words, const std::vector<std::string>& known_options) {
  DashO split;
  for (std::size_t at = 0; at < words.size();) {
    const auto end = std::min(words.find(',', at), words.size());
    const auto word = words.substr(at, end - at);
    const auto key = word.substr(0, word.find('='));
    std::string dashed = key;
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    const bool is_ours = std::find(known_options.begin(), known_options.end(), dashed) != known_options.end();
    if (is_ours) {
      split.arguments.push_back("--" + dashed + word.substr(key.size()));
    } else if (!word.empty() && !is_for_mount_only(word)) {
      split.fuse_options.push_back(word);
    }
    at = end + 1;
  }
  return split;
}

}  // namespace platefs::tools
