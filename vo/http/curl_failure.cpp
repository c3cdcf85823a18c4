// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_failure.h"

#include <curl/curl.h>

#include <cerrno>

namespace platefs::vo {
namespace {

CurlFailure failed_connect(int system_error) {
  if (system_error == ECONNREFUSED) return {ErrorKind::Refused, true};
  if (system_error == ETIMEDOUT) return {ErrorKind::TimedOut, true};
  return {ErrorKind::Unreachable, true};
}

}  // namespace

bool is_about_reaching(int code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY ||
         code == CURLE_OPERATION_TIMEDOUT || code == CURLE_SSL_CONNECT_ERROR;
}

CurlFailure failure_of(int code, int system_error) {
  using enum ErrorKind;
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      return failed_connect(system_error);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
    case CURLE_SSL_CONNECT_ERROR:
      return {Unreachable, true};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {Unreachable, false};
    case CURLE_OPERATION_TIMEDOUT:
      return {TimedOut, true};
    case CURLE_TOO_MANY_REDIRECTS:
      return {Rejected, false};
    case CURLE_UNSUPPORTED_PROTOCOL:  // the URL's scheme is checked: the answer is not HTTP/1
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return {Malformed, false};
    case CURLE_OUT_OF_MEMORY:
      return {LocalIo, false};
    default:
      return {Unavailable, true};
  }
}

}  // namespace platefs::vo
