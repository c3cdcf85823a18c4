// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "vo/base/url.h"

namespace platefs::vo {

/// Where an S3 service is and who asks it. The secrets are in no message and in no log.
struct S3Options {
  Url endpoint;  ///< "https://s3.example.org"; a bucket is the first word of the path below it
  std::string region = "us-east-1";
  std::string access_key_id = {}, secret_access_key = {};
  std::string session_token = {};  ///< of keys for a while; empty: none
  std::string user_agent = {};
  std::string proxy = {};                      ///< empty: none
  std::string ca_bundle = {};                  ///< PEM, in place of the system's; empty: those
  std::chrono::seconds patience{60};           ///< with a connection, and without a byte either way
  int tries = 6;                               ///< of one request
  std::chrono::milliseconds first_pause{500};  ///< before the second; twice as long before each one after
};

/// Fills the span with what stands at `offset` of an object that is sent.
using S3Bring = std::function<void(std::uint64_t offset, std::span<std::byte> into)>;

}  // namespace platefs::vo
