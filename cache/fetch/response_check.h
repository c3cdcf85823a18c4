// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cache/store/store.h"
#include "vo/base/error.h"
#include "vo/http/message.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// What a file must look like to be served under its name.
enum class Expected {
  Fits,
  Image,
  Data,  ///< in whatever form, but no page for people
  Anything
};

/// What an answer's head says about the file that follows.
struct BodyStart {
  std::uint64_t offset = 0;                ///< where in the file the body begins
  std::uint64_t end = UINT64_MAX;          ///< where it ends; UINT64_MAX: only its end tells
  std::optional<std::uint64_t> file_size;  ///< empty: only the end of the body tells
  Validators validators;
  std::string media_type;
  bool is_part = false;                    ///< a 206: the server takes ranges
  std::chrono::duration<double> waited{};  ///< for the answer: http::Head
  std::string server = {};                 ///< the program that answers, as it names itself (RFC 9110 §10.2.4)
};

/// Judges a final answer to a request for bytes from `asked_first` on. Throws the Error that the status
/// stands for (204 is Rejected: nothing there), or Malformed when headers contradict each other.
/// A 4xx/5xx is thrown with `excerpt` of its body.
BodyStart body_start(const vo::http::Head& head, std::uint64_t asked_first, bool asked_range, std::string_view excerpt);

/// Number of leading bytes that check_first_bytes wants to see (fewer if the file is shorter).
constexpr std::size_t kFirstBytes = 32;

/// Throws Error{Malformed} when the first bytes are not those of such a file: a login page or an error
/// document is never served as FITS, nor as a picture, nor as data.
void check_first_bytes(std::span<const std::byte> bytes, Expected expected, const std::string& media_type,
                       const std::string& url);

/// A body that announces no length may never end, and would take all the room of the cache. The Error{Malformed}
/// when it has brought more than any such file of an archive has: 8 GiB, a picture 128 MiB.
std::optional<vo::Error> unannounced_excess(std::uint64_t bytes, Expected expected, const std::string& url);

/// Keeps the beginning of the body of a failure, which often says why. `Stop` when there is enough of it.
vo::Flow add_to_excerpt(std::string& excerpt, std::span<const std::byte> bytes);

/// The validators that a head carries; a weak ETag is none, it may stand for other bytes.
Validators validators_of(const vo::http::Head& head);

/// Are `a` (remembered) and `b` (answered now) validators of one and the same version? Only what both
/// have counts; sizes are compared by the caller.
bool same_version(const Validators& a, const Validators& b);

}  // namespace platefs::cache
