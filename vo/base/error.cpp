// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/error.h"

#include <fmt/core.h>

#include <new>

#include "vo/base/shown_text.h"

namespace platefs::vo {

std::string_view name_of(ErrorKind kind) noexcept {
  using enum ErrorKind;
  switch (kind) {
    case NotFound:
      return "not found";
    case NotAuthorized:
      return "not authorized";
    case TimedOut:
      return "timed out";
    case Cancelled:
      return "cancelled";
    case NoSpace:
      return "no space";
    case Changed:
      return "changed at the archive";
    case Refused:
      return "connection refused";
    case Unreachable:
      return "unreachable";
    case Offline:
      return "offline";
    case Unavailable:
      return "unavailable";
    case Rejected:
      return "rejected";
    case BadUsage:
      return "asked wrongly";
    case Malformed:
      return "malformed";
    case Corrupt:
      return "corrupt";
    case LocalIo:
      return "local I/O error";
  }
  return "unknown";
}

Error::Error(ErrorKind kind, std::string_view message)
    : kind_(kind), message_(std::make_shared<const std::string>(shown_text(message))) {}

Error Error::within(std::string_view context) const {
  return {kind_, fmt::format("{}: {}", shown_text(context), what())};
}

Error current_error(std::string_view context) {
  try {
    throw;
  } catch (const Error& error) {
    return error.within(context);
  } catch (const std::bad_alloc&) {
    return {ErrorKind::LocalIo, fmt::format("{}: out of memory", context)};
  } catch (const std::exception& error) {
    return {ErrorKind::LocalIo, fmt::format("{}: {}", context, shown_text(error.what()))};
  } catch (...) {
    return {ErrorKind::LocalIo, fmt::format("{}: unknown exception", context)};
  }
}

}  // namespace platefs::vo
