// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"
#include "vo/http/curl_options.h"

namespace platefs::tools {

/// .platefs/status.json: what a running mount is doing, for people (by `platefs status`) and scripts.
std::string status_json(const std::string& mountpoint, const vo::TransportStatus& transport,
                        const cache::StoreUsage& usage, const std::vector<cache::Failure>& failures);

/// That text in lines for a terminal. Throws Error{Malformed} when it is not such a text.
std::string status_text(std::string_view json);

/// The process that serves the mount; 0 if the text does not say.
int pid_in(std::string_view json);

}  // namespace platefs::tools
