// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/archive_entry.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

[[noreturn]] void refuse(const ArchiveEntry& entry, const std::string& why) {
  throw Error{ErrorKind::Rejected, fmt::format("archive '{}' ({}): {}", entry.name, entry.origin, why)};
}

std::string readable(const ArchiveEntry& entry, const char* key, const std::string& file) {
  if (!file.empty() && ::access(file.c_str(), R_OK) != 0) {
    refuse(entry, fmt::format("{} '{}' can't be read: {}", key, file, std::strerror(errno)));
  }
  return file;
}

std::string token_in(const ArchiveEntry& entry) {
  if (!entry.token_env.empty()) {
    const char* const value = std::getenv(entry.token_env.c_str());
    if (value == nullptr || *value == '\0') {
      refuse(entry, fmt::format("token-env: the environment has no {}", entry.token_env));
    }
    return value;
  }
  std::string token;
  std::ifstream file{readable(entry, "token-file", entry.token_file)};
  std::getline(file, token);
  while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
  if (token.empty()) {
    refuse(entry, fmt::format("token-file '{}' has no token in its first line", entry.token_file));
  }
  return token;
}

/// Where a bare token goes to other services than those that take Bearer.
constexpr const char* kHeaderOfStarGlass = "x-api-key";

/// "TOKEN" is a bearer token, "SCHEME TOKEN" says its scheme, "NAME: TOKEN" is a header of that name.
void say_token(const std::string& token, vo::ServiceKind kind, vo::HostCredentials& credentials) {
  const auto blank = token.find(' ');
  if (blank == std::string::npos && kind == vo::ServiceKind::StarGlass) {
    credentials.header = {kHeaderOfStarGlass, token};
  } else if (blank == std::string::npos) {
    credentials.bearer_token = token;
  } else if (token[blank - (blank == 0 ? 0 : 1)] == ':') {
    credentials.header = {token.substr(0, blank - 1), token.substr(token.find_first_not_of(' ', blank))};
  } else {
    credentials.header = {"Authorization", token};
  }
}

/// Lines "username=me"; empty ones and those that begin with # are none.
vo::Url::Parameters fields_in(const ArchiveEntry& entry) {
  vo::Url::Parameters fields;
  std::ifstream file{readable(entry, "login-file", entry.login_file)};
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    const auto equals = line.find('=');
    if (equals == std::string::npos || equals == 0) {
      refuse(entry, fmt::format("login-file '{}' wants lines NAME=VALUE, the fields of the form", entry.login_file));
    }
    fields.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  if (fields.empty()) refuse(entry, fmt::format("login-file '{}' has no fields", entry.login_file));
  return fields;
}

bool is_loopback(const vo::Url& url) {
  return url.host() == "localhost" || url.host() == "[::1]" || url.host().starts_with("127.");
}

vo::Url host_url(const ArchiveEntry& entry, const std::string& host) {
  try {
    return vo::Url::parse(host.find("://") == std::string::npos ? "https://" + host : host);
  } catch (const Error& error) {
    refuse(entry, fmt::format("in 'hosts': {}", error.what()));
  }
}

}  // namespace

const std::map<std::string, vo::ServiceKind>& service_kinds() {
  static const std::map<std::string, vo::ServiceKind> kinds{{"tap", vo::ServiceKind::Tap},
                                                            {"siap2", vo::ServiceKind::Siap2},
                                                            {"siap1", vo::ServiceKind::Siap1},
                                                            {"template", vo::ServiceKind::Template},
                                                            {"starglass", vo::ServiceKind::StarGlass},
                                                            {"table", vo::ServiceKind::Table}};
  return kinds;
}

const std::map<std::string, vo::PlaceForm>& place_forms() {
  static const std::map<std::string, vo::PlaceForm> forms{{"region", vo::PlaceForm::Region},
                                                          {"region-or-centre", vo::PlaceForm::RegionOrBox},
                                                          {"centre", vo::PlaceForm::Box}};
  return forms;
}

std::vector<std::string> origins_of(const ArchiveEntry& entry) {
  std::vector<std::string> origins{vo::Url::parse_trusted(entry.url).origin()};
  for (const auto& host : entry.hosts) origins.push_back(host_url(entry, host).origin());
  return origins;
}

std::optional<vo::FormLogin> login_of(const ArchiveEntry& entry) {
  if (entry.login_url.empty() && entry.login_file.empty()) return std::nullopt;
  if (entry.login_url.empty() || entry.login_file.empty()) {
    refuse(entry, "a login wants both, login-url and login-file");
  }
  const auto url = vo::Url::parse(entry.login_url);
  if (url.scheme() != "https" && !is_loopback(url)) {
    refuse(entry, fmt::format("its password would be sent unencrypted to {}; give an https URL", url.origin()));
  }
  return vo::FormLogin{url, vo::form_encoded(fields_in(entry)),
                       vo::Url::parse_trusted(vo::service_base(vo::Url::parse_trusted(entry.url))), origins_of(entry)};
}

vo::HostCredentials credentials_of(const ArchiveEntry& entry) {
  vo::HostCredentials credentials;
  if (!entry.has_credentials()) return credentials;
  std::vector<vo::Url> urls{vo::Url::parse_trusted(entry.url)};
  for (const auto& host : entry.hosts) urls.push_back(host_url(entry, host));
  for (const auto& url : urls) {
    const bool is_private = url.scheme() == "https" || is_loopback(url);
    // A certificate is shown over TLS only, whatever the URL; a password would be read by everybody.
    if (!is_private && !(entry.netrc.empty() && entry.token_file.empty() && entry.token_env.empty())) {
      refuse(entry, fmt::format("its credentials would be sent unencrypted to {}; give an https URL", url.origin()));
    }
    credentials.origins.push_back(url.origin());
  }
  credentials.service = vo::service_base(urls.front());
  credentials.netrc_file = readable(entry, "netrc", entry.netrc);
  if (!entry.token_file.empty() || !entry.token_env.empty()) say_token(token_in(entry), entry.kind, credentials);
  credentials.client_certificate = readable(entry, "client-certificate", entry.client_certificate);
  credentials.client_key = readable(entry, "client-key", entry.client_key);
  return credentials;
}

}  // namespace platefs::tools
