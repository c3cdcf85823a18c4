// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/service_answer.h"

#include <string_view>

#include "vo/base/inflate.h"
#include "vo/http/retry_policy.h"
#include "vo/votable/votable.h"

namespace platefs::vo {
namespace {

/// What a VOTable says tells more than the status it came with; but that one may not see this, or
/// that the service is busy, only the status tells.
Error with_words(const Error& said, const http::Head& head) {
  const auto by_status = error_of_status(head, {});
  const bool is_telling = by_status.kind() == ErrorKind::NotAuthorized || is_busy_status(head.status);
  return is_telling ? Error{by_status.kind(), by_status.message() + ": " + said.message()} : said;
}

/// Some services hand out a gzip-ed file instead of a body that is encoded so. It may hold as much as might
/// have come plain.
void unpack(std::string& body, std::size_t most) {
  constexpr std::string_view kGzip{"\x1f\x8b"};
  if (body.starts_with(kGzip)) body = gunzipped(body, most);
}

}  // namespace

std::string accepted(http::Response response, std::size_t most) {
  unpack(response.body, most);
  if (response.head.status < 400 && response.head.status != 204) return std::move(response.body);
  try {
    read_votable(response.body);
  } catch (const Error& said) {
    if (said.kind() == ErrorKind::Rejected) throw with_words(said, response.head);
  }
  throw error_of_status(response.head, response.body);
}

}  // namespace platefs::vo
