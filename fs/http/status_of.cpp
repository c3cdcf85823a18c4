// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/status_of.h"

namespace platefs::fs {

HttpStatus status_of(vo::ErrorKind kind) noexcept {
  constexpr int kAtOnce = 1;
  constexpr int kAfterAWhile = 10;  // what failed is not asked again before
  using enum vo::ErrorKind;
  switch (kind) {
    case NotFound:
      return {404};
    case NotAuthorized:
      return {403};
    case BadUsage:
      return {400};
    case TimedOut:
      return {504};
    case NoSpace:
      return {507};
    case Changed:
      return {503, kAtOnce};
    case Unavailable:
      return {503, kAfterAWhile};
    case Offline:
    case Cancelled:
      return {503};
    case Refused:
    case Unreachable:
    case Rejected:
    case Malformed:
      return {502};
    case Corrupt:
    case LocalIo:
      return {500};
  }
  return {500};
}

std::string phrase_of(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Internal Server Error";
  }
}

}  // namespace platefs::fs
