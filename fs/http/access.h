// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "fs/http/request.h"
#include "fs/http/request_path.h"

namespace platefs::fs {

/// Who is let in: everybody who knows the token, which is the first name of the path ("/TOKEN/M31/…", so that relative
/// links keep it), the password of Basic or the token of Bearer authorisation, or "?token=" (which is sent on to the
/// path). Compared in a time that tells nothing of where the difference is.
class Access {
 public:
  /// `token` empty: everybody is let in.
  explicit Access(std::string token) : token_(std::move(token)) {}

  enum class Verdict {
    Admitted,
    AdmittedByPath,   ///< the first name is the token, and no part of the tree's path
    AdmittedByQuery,  ///< is to be sent on to the same path behind the token
    Refused
  };
  Verdict verdict_on(const HttpRequest& request, const RequestPath& path) const;

  const std::string& token() const { return token_; }

  /// 128 bits of the system's randomness in hexadecimal. Throws Error{LocalIo} when it has none.
  static std::string new_token();

 private:
  bool is_token(std::string_view text) const;
  bool is_authorised(std::string_view authorization) const;

  std::string token_;
};

/// Does the request name this computer itself as its host? A page of another site can make a browser send requests here
/// by a name of its own (DNS rebinding); they name that host. Ports are not compared: ssh -L has another one. A request
/// without a Host is of HTTP/1.0, which no browser speaks.
bool is_for_this_host(const HttpRequest& request, const RequestPath& path);

}  // namespace platefs::fs
