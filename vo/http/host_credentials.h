// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vo/base/url.h"

namespace platefs::vo {

/// The credentials for some hosts, and for no others; none where the user is known by a session alone
/// (login_transport.h). A value; holds secrets, so it is never printed.
struct HostCredentials {
  std::vector<std::string> origins;  ///< as Url::origin() writes them
  std::string service = {};          ///< whose they are: text of the URL that the user named; empty: anybody's
  std::string netrc_file = {};       ///< HTTP Basic with what this file says of the host
  std::string bearer_token = {};     ///< "Authorization: Bearer …"
  /// Sent as it is: "Authorization" with a scheme of the service's own, or a header such as x-api-key.
  std::pair<std::string, std::string> header = {};
  std::string client_certificate = {};  ///< a PEM file, for TLS
  std::string client_key = {};          ///< its key, if that is another file

  bool is_for(const Url& url) const;
};

/// The credentials for `url` when `service` led to it (http::Request::on_behalf_of; nothing: the user did); null when
/// there are none, which is so for every origin not named, and for one that another service names.
const HostCredentials* credentials_for(const std::vector<HostCredentials>& all, const Url& url,
                                       const std::optional<Url>& service = {});

}  // namespace platefs::vo
