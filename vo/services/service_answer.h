// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <utility>

#include "vo/base/error.h"
#include "vo/http/message.h"
#include "vo/http/transport.h"

namespace platefs::vo {

/// The body of a service's answer, unpacked if it is a gzip-ed file, at most `most` bytes of it. An answer with an
/// error status is an Error whatever it holds: with the words of the VOTable in it if there is one.
std::string accepted(http::Response response, std::size_t most);

/// What `read(http::Response)` makes of the answer. Where a cache on the way keeps answers to GET (`is_behind_cache`)
/// and a good status brings what is none (a page, a table that tells of an error), the archive itself is asked once
/// more: what is kept would be the answer for as long as it is.
template <typename Read>
auto read_answer_of(Transport& transport, http::Request request, bool is_behind_cache, const std::stop_token& stop,
                    const Read& read) {
  if (is_behind_cache && !request.is_post()) {
    auto response = fetch(transport, request, stop);
    const auto status = response.head.status;
    try {
      return read(std::move(response));
    } catch (const Error& error) {
      const bool is_no_answer = error.kind() == ErrorKind::Malformed || error.kind() == ErrorKind::Rejected;
      if (status != 200 || !is_no_answer) throw;
    }
    request.go_past_caches();
  }
  return read(fetch(transport, std::move(request), stop));
}

/// What `ask(http::Request)` makes of the answer to a request. Where that is Error{Malformed}, none of the kind that
/// was asked for, a cache on the way may have kept it, whoever runs it: the service itself is asked once more.
template <typename Ask>
auto ask_past_caches_at_last(http::Request request, const Ask& ask) {
  if (!request.is_post() && !request.goes_past_caches()) {
    try {
      return ask(request);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Malformed) throw;
    }
    request.go_past_caches();
  }
  return ask(std::move(request));
}

}  // namespace platefs::vo
