// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <stop_token>

#include "cache/files/product.h"
#include "vo/base/byte_range.h"

namespace platefs::cache {

/// Waits on a query thread for what Product promises asynchronously. Throw the Error of the answer,
/// Error{Cancelled} when `stop` is requested first.
std::shared_ptr<OpenFile> open_and_wait(Product& product, const std::stop_token& stop);
Extent read_and_wait(OpenFile& file, vo::ByteRange range, const std::stop_token& stop);

}  // namespace platefs::cache
