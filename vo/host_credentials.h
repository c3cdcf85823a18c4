// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/url.h"

namespace platefs::vo {

/// Who we are to some hosts, and to no others. A value; holds secrets, so it is never printed.
struct HostCredentials {
  std::vector<std::string> origins;      ///< as Url::origin() writes them
  std::string netrc_file;                ///< HTTP Basic with what this file says of the host
  std::string bearer_token;              ///< "Authorization: Bearer …"
  std::string client_certificate;        ///< a PEM file, for TLS
  std::string client_key;                ///< its key, if that is another file

  bool is_for(const Url& url) const;
};

/// The credentials for `url`; null when there are none, which is so for every origin not named.
const HostCredentials* credentials_for(const std::vector<HostCredentials>& all, const Url& url);

}  // namespace platefs::vo
