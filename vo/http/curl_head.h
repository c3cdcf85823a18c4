// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "vo/http/message.h"

namespace platefs::vo {

/// Puts a Head together from the lines of a response. Heads of 1xx are passed over, trailers after
/// the body ignored. Not thread-safe.
class CurlHead {
 public:
  /// One line with its line end. True: `head()` is complete now (once per response).
  bool take(std::string_view line);
  http::Head& head() { return head_; }

 private:
  void begin(std::string_view status_line);
  void add(std::string_view line);

  http::Head head_;
  bool reading_ = false;
};

}  // namespace platefs::vo
