// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "tools/demo_archive/http.h"

namespace platefs::demo {

/// A name resolver that answers as CDS Sesame does, in plain text or (-ox in its options) XML, for
/// the few names the demo knows. A name it does not know is a 200 that says so. Thread-safe.
Answer sesame_answer(const Request& request, std::string_view options);

}  // namespace platefs::demo
