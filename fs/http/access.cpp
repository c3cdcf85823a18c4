// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/access.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "vo/base/base64.h"
#include "vo/base/error.h"

namespace platefs::fs {
namespace {

bool names_this_host(std::string_view host) {
  std::string_view port;
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (port.size() > 5 || !std::ranges::all_of(port, vo::is_digit)) return false;
  constexpr std::array<std::string_view, 3> kOwn{"localhost", "127.0.0.1", "[::1]"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) { return vo::same_ignoring_case(own, host); });
}

}  // namespace

bool Access::is_token(std::string_view text) const {
  if (token_.empty() || text.size() != token_.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    difference |=
        static_cast<unsigned char>(static_cast<unsigned char>(text[i]) ^ static_cast<unsigned char>(token_[i]));
  }
  return difference == 0;
}

bool Access::is_authorised(std::string_view authorization) const {
  constexpr std::string_view kBearer = "Bearer ", kBasic = "Basic ";
  if (vo::starts_with_ignoring_case(authorization, kBearer)) {
    return is_token(vo::trimmed(authorization.substr(kBearer.size())));
  }
  if (!vo::starts_with_ignoring_case(authorization, kBasic)) return false;
  try {
    const auto login = vo::base64_decoded(authorization.substr(kBasic.size()));
    const auto colon = login.find(':');
    return colon != std::string::npos && is_token(std::string_view{login}.substr(colon + 1));
  } catch (const vo::Error&) {
    return false;
  }
}

Access::Verdict Access::verdict_on(const HttpRequest& request, const RequestPath& path) const {
  if (token_.empty()) return Verdict::Admitted;
  if (!path.names.empty() && is_token(path.names.front())) return Verdict::AdmittedByPath;
  if (is_authorised(request.header("Authorization"))) return Verdict::Admitted;
  return is_token(query_value(path.query, "token")) ? Verdict::AdmittedByQuery : Verdict::Refused;
}

std::string Access::new_token() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw vo::Error{vo::ErrorKind::LocalIo, "the system gives no random numbers for a token"};
  }
  std::string token;
  for (const auto byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

bool is_for_this_host(const HttpRequest& request, const RequestPath& path) {
  if (request.count("Host") > 1) return false;
  if (!path.authority.empty() && !names_this_host(path.authority)) return false;
  return request.count("Host") == 0 || names_this_host(vo::trimmed(request.header("Host")));
}

}  // namespace platefs::fs
