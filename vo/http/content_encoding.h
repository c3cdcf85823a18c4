// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/http/message.h"

namespace platefs::vo {

/// Whether curl undoes the Content-Encoding of an answer, asked for or not. It fails at one that it
/// does not know.
enum class Encoded { Undone, AsSent };

/// "binary", "UTF-8", "aws-chunked": called an encoding, and none.
bool has_unknown_encoding(const http::Head& head);

/// Where curl decodes the body, what the head says of the encoded one would mislead. A part (206)
/// of an encoded body is no part of the file: who asked for it finds the encoding in the head.
void settle_encoding(http::Head& head, Encoded encoded);

}  // namespace platefs::vo
