// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/declared_command.h"

#include <map>

namespace platefs::tools {
namespace {

WordKind kind_of(const std::string& long_name) {
  static const std::map<std::string, WordKind> kinds{
      {"config", WordKind::File},    {"targets", WordKind::File},        {"ca-file", WordKind::File},
      {"sequence", WordKind::File},  {"cache-dir", WordKind::Directory}, {"cache-base", WordKind::Directory},
      {"archive", WordKind::Archive}};
  const auto found = kinds.find(long_name);
  return found == kinds.end() ? WordKind::Anything : found->second;
}

/// CLI11's Range takes "nan", since no comparison with it says that it is outside.
CLI::Validator number_between(double least, double most) {
  return CLI::Validator{
      [least, most](const std::string& text) {
        double number = 0;
        const bool is_inside = CLI::detail::lexical_cast(text, number) && number >= least && number <= most;
        return is_inside ? std::string{}
                         : "Value " + text + " not in range " + std::to_string(least) + " to " + std::to_string(most);
      },
      ""};
}

/// The words between the braces of CLI11's "TEXT:{a,b,c}".
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> words;
  const auto open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return words;
  for (auto at = open + 1; at < close;) {
    const auto end = std::min(type.find(',', at), close);
    words.push_back(type.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

OptionDescription describe(const CLI::Option& option) {
  OptionDescription made;
  for (const auto& name : option.get_lnames()) made.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) made.names.push_back("-" + name);
  made.description = option.get_description();
  if (option.get_items_expected_max() == 0) return made;
  made.choices = choices_in(option.get_type_name());
  const auto& names = option.get_lnames();
  made.value = !made.choices.empty() ? WordKind::Choice : names.empty() ? WordKind::Anything : kind_of(names.front());
  return made;
}

}  // namespace

void add_place_options(CLI::App& app, CommonOptions& common) {
  app.add_option("--config", common.config_file,
                 "configuration in place of $XDG_CONFIG_HOME/platefs/config.toml and /etc/platefs/config.toml")
      ->type_name("FILE")
      ->take_last();
  app.add_option("--cache-dir", common.cache_dir, "where answers and files are kept [$XDG_CACHE_HOME/platefs]")
      ->type_name("DIR")
      ->take_last();
  auto* quiet = app.add_flag("-q,--quiet", common.quiet, "say nothing but results and errors");
  app.add_flag("-v,--verbose", common.verbose, "say what is asked of whom")->excludes(quiet);
  app.add_flag("--no-progress", common.no_progress, "no bar and no line that says what is waited for");
}

void add_archive_options(CLI::App& app, CommonOptions& common) {
  add_place_options(app, common);
  app.add_option("--archive", common.archives, "an archive's name or the URL of its TAP service; repeatable")
      ->type_name("NAME|URL")
      ->allow_extra_args(false);
  app.add_option("--exclude-collection", common.excluded_collections,
                 "leave out collections like this SQL pattern; repeatable")
      ->type_name("PATTERN")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--where", common.where, "a further ADQL condition on the ObsCore table")->type_name("ADQL");
  app.add_option("--radius", common.radius, "cutout radius: 0.5d, 10m or 90s")
      ->type_name("SIZE")
      ->capture_default_str();
  app.add_flag("--overlap", common.overlap, "list plates that meet the circle of that radius, too");
  app.add_option("--resolver", common.resolver, "where names of objects are looked up (Sesame), or none")
      ->type_name("URL")
      ->capture_default_str();
  app.add_option("--cache-base", common.cache_bases,
                 "a cache, often published and read-only, that is looked into before an archive is asked; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--cache-size", common.cache_size, "most that files may take there: 512M, 20G, 1.5T")
      ->type_name("SIZE")
      ->capture_default_str();
  app.add_flag("--offline", common.offline, "serve what is cached, make no connection");
  app.add_flag("--refresh", common.refresh, "ask again what was asked before");
  app.add_option("--jobs-per-host", common.jobs_per_host, "requests in flight at one host")
      ->type_name("N")
      ->check(CLI::Range(1, 32).description(""))
      ->capture_default_str();
  app.add_option("--timeout", common.timeout_seconds, "seconds to wait for a byte of progress")
      ->type_name("SECONDS")
      ->check(number_between(0.1, 86400.0))
      ->capture_default_str();
  app.add_option(
         "--query-timeout", common.query_timeout_seconds,
         "the same for queries, which services work on before they answer [180, or six times a shorter --timeout]")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0).description(""));
  app.add_option("--ca-file", common.ca_file,
                 "certificates (PEM) to trust in place of the system's [$CURL_CA_BUNDLE, $SSL_CERT_FILE]")
      ->type_name("FILE");
  app.add_flag("--allow-private-addresses", common.allow_private_addresses,
               "let archives lead to addresses of this computer and of private networks");
  app.add_option("--proxy", common.proxy, "http://host:port or socks5h://host:port")->type_name("URL");
  app.add_option("--gateway", common.gateway, "a site's cache to ask in place of archives: http://host:port, or none")
      ->type_name("URL");
  app.add_option("--log-level", common.log_level, "what is worth a line")
      ->type_name("WORD")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
}

std::vector<std::string> long_options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

CommandDescription describe(const DeclaredCommand& command) {
  CommandDescription made{
      command.app->get_name(), command.app->get_description(), {}, command.actions, command.operand};
  for (const auto* option : command.app->get_options()) {
    if (option->nonpositional()) made.options.push_back(describe(*option));
  }
  return made;
}

}  // namespace platefs::tools
