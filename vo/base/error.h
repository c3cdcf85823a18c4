// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace platefs::vo {

/// Why something failed, as far as a program can act on it. fs/ turns each kind into one errno.
enum class ErrorKind {
  NotFound,       ///< the archive says there is no such thing (404, 410, NotFoundFault)
  NotAuthorized,  ///< 401, 403, AuthenticationFault, AuthorizationFault
  TimedOut,       ///< no byte of progress within the deadline
  Cancelled,      ///< nobody waits for it any more
  NoSpace,        ///< the cache disk or its quota is full
  Changed,        ///< the remote file is another version than the one being read
  Refused,        ///< connection refused
  Unreachable,    ///< no such host, no route, TLS or proxy failure
  Offline,        ///< platefs was told to make no connection
  Unavailable,    ///< the archive is there but fails: 5xx, 429, broken connection
  Rejected,       ///< the archive understood and said no: 4xx, QUERY_STATUS=ERROR, 204 off the plate
  BadUsage,       ///< the archive said that what it was asked for makes no sense (UsageFault)
  Malformed,      ///< an answer that is not what the standard (or its own header) says
  Corrupt,        ///< cached bytes that fail their checksum
  LocalIo,        ///< the cache disk answers with an error
};

/// The kind's name in plain words, for messages and logs.
std::string_view name_of(ErrorKind kind) noexcept;

/// A failure with its story: goal, step, cause. The message names the thing that failed (URL without
/// credentials, path, HTTP status) and gains context on the way up by `within`. Whatever an archive, a file
/// or a user wrote may go into it: it is one line of `shown_text`, bounded and without control characters, so
/// that printers need not look. Value type.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string_view message);
  static Error malformed(std::string_view message) { return {ErrorKind::Malformed, message}; }
  static Error rejected(std::string_view message) { return {ErrorKind::Rejected, message}; }

  // No moves: an Error that was moved from would have no text, and whoever looks at it would crash.
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;

  const char* what() const noexcept override { return message_->c_str(); }

  ErrorKind kind() const noexcept { return kind_; }
  std::string message() const { return *message_; }

  /// The same failure, seen from one step further up: "<context>: <message>".
  Error within(std::string_view context) const;

 private:
  ErrorKind kind_;
  /// Shared, because copying an exception must not throw; and counted here, not in the standard library's own
  /// string of runtime_error, where ThreadSanitizer can't follow it from thread to thread.
  std::shared_ptr<const std::string> message_;
};

/// Any exception as an Error, so that a thread boundary can carry it as a value.
/// Call inside a catch block; `context` is put in front.
Error current_error(std::string_view context);

}  // namespace platefs::vo
