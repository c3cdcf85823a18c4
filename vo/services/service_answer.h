// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>

#include "vo/http/message.h"

namespace platefs::vo {

/// The body of a service's answer, unpacked if it is a gzip-ed file, at most `most` bytes of it. An answer with an
/// error status is an Error whatever it holds: with the words of the VOTable in it if there is one.
std::string accepted(http::Response response, std::size_t most);

}  // namespace platefs::vo
