// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/s3_place.h"

#include <fmt/core.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

#include "tools/cli/version.h"
#include "vo/base/error.h"
#include "vo/http/proxy_choice.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

[[noreturn]] void refuse(const std::string& why) { throw Error{ErrorKind::Rejected, "--to s3://: " + why}; }

std::string first_of(const Variable& variable, std::initializer_list<const char*> names, const std::string& otherwise) {
  for (const auto* name : names) {
    const char* const value = variable(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return otherwise;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r"), end = text.find_last_not_of(" \t\r");
  return begin == text.npos ? "" : text.substr(begin, end - begin + 1);
}

/// Lines NAME = VALUE below [PROFILE], as ~/.aws/credentials has them.
std::map<std::string, std::string> keys_in(const std::string& file, const std::string& profile) {
  std::ifstream stream{file};
  if (!stream) refuse(fmt::format("the keys in '{}' can't be read: {}", file, std::strerror(errno)));
  std::map<std::string, std::string> keys;
  bool is_ours = false;
  for (std::string line; std::getline(stream, line);) {
    line = trimmed(line);
    if (line.starts_with('[')) is_ours = line == "[" + profile + "]";
    const auto equals = line.find('=');
    if (is_ours && equals != line.npos && !line.starts_with('#')) {
      keys[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
  }
  return keys;
}

void read_keys(vo::S3Options& service, const S3Entry& entry, const Variable& variable) {
  service.access_key_id = first_of(variable, {"AWS_ACCESS_KEY_ID"}, "");
  service.secret_access_key = first_of(variable, {"AWS_SECRET_ACCESS_KEY"}, "");
  service.session_token = first_of(variable, {"AWS_SESSION_TOKEN"}, "");
  const bool has_both = !service.access_key_id.empty() && !service.secret_access_key.empty();
  if (has_both) return;
  const auto file =
      entry.credentials_file.empty() ? first_of(variable, {"AWS_SHARED_CREDENTIALS_FILE"}, "") : entry.credentials_file;
  if (file.empty()) {
    refuse(
        "whose keys? AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or credentials-file below [s3] in "
        "the "
        "configuration");
  }
  auto keys = keys_in(file, entry.profile);
  service.access_key_id = keys["aws_access_key_id"];
  service.secret_access_key = keys["aws_secret_access_key"];
  service.session_token = keys["aws_session_token"];
  if (service.access_key_id.empty() || service.secret_access_key.empty()) {
    refuse(fmt::format("'{}' has no aws_access_key_id and aws_secret_access_key below [{}]", file, entry.profile));
  }
}

bool is_loopback(const vo::Url& url) {
  return url.host() == "localhost" || url.host() == "[::1]" || url.host().starts_with("127.");
}

vo::Url endpoint_of(const S3Entry& entry, const std::string& region, const Variable& variable) {
  const auto said = first_of(variable, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}, entry.endpoint);
  try {
    return vo::Url::parse(said.empty() ? fmt::format("https://s3.{}.amazonaws.com", region) : said);
  } catch (const Error& error) {
    refuse(fmt::format("the endpoint: {}", error.message()));
  }
}

/// libcurl signs no such path, or resolves it: the object would get another key.
bool has_dot_segments(const std::string& prefix) {
  const auto path = "/" + prefix;
  return path.find("/./") != path.npos || path.find("/../") != path.npos;
}

}  // namespace

S3Place s3_place(const std::string& url, const CommonOptions& options, const Variable& variable) {
  const auto rest = std::string_view{url}.substr(kS3.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  S3Place place{.service = {.endpoint = vo::Url::parse("https://s3.amazonaws.com")},
                .bucket = std::string{rest.substr(0, slash)},
                .prefix = std::string{rest.substr(std::min(slash + 1, rest.size()))}};
  if (!place.prefix.empty() && !place.prefix.ends_with('/')) place.prefix += '/';
  if (has_dot_segments(place.prefix)) refuse(fmt::format("'{}' has a part '.' or '..'; give the prefix itself", url));
  auto& service = place.service;
  service.region = first_of(variable, {"AWS_REGION", "AWS_DEFAULT_REGION"}, options.s3.region);
  if (service.region.empty()) service.region = "us-east-1";
  if (service.region.find_first_of(": \t\r\n") != std::string::npos) {
    refuse(fmt::format("'{}' is no region", service.region));
  }
  service.endpoint = endpoint_of(options.s3, service.region, variable);
  read_keys(service, options.s3, variable);
  if (!service.session_token.empty() && service.endpoint.scheme() != "https" && !is_loopback(service.endpoint)) {
    refuse(
        fmt::format("the session token would be sent unencrypted to {}; give an https URL", service.endpoint.origin()));
  }
  service.user_agent = user_agent();
  service.ca_bundle = options.ca_file.string();
  const auto proxy = options.proxy.empty() ? std::nullopt : std::optional{options.proxy};
  service.proxy = vo::ProxyRules::from_environment(variable, proxy).proxy_for(service.endpoint);
  service.patience = std::chrono::seconds(std::max(1L, static_cast<long>(options.timeout_seconds)));
  return place;
}

}  // namespace platefs::tools
