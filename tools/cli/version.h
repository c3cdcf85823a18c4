// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::tools {

std::string_view version();
/// "platefs/VERSION (+URL)": archives ask clients to say who they are.
std::string user_agent();

}  // namespace platefs::tools
