// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"
#include "fs/tree/activity.h"
#include "vo/http/curl_options.h"

namespace platefs::tools {

/// The files that are on their way for programs, one in a line, for people: .platefs/now.txt.
std::string now_text(const std::vector<fs::FileInUse>& files);

/// .platefs/status.json: what a running mount is doing, for people (by `platefs status`) and scripts.
std::string status_json(const std::string& mountpoint, const vo::TransportStatus& transport,
                        const cache::StoreUsage& usage, const std::vector<cache::Failure>& failures,
                        const std::vector<fs::FileInUse>& files);

/// That text in lines for a terminal. Throws Error{Malformed} when it is not such a text.
std::string status_text(std::string_view json);

/// The process that serves the mount; 0 if the text does not say.
int pid_in(std::string_view json);

}  // namespace platefs::tools
