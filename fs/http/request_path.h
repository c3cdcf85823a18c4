// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace platefs::fs {

/// The names in a request's target, decoded. None of them is empty, "." or ".." or holds a slash or a NUL, so that
/// joined they lead nowhere but down the tree.
struct RequestPath {
  std::vector<std::string> names;
  bool is_directory = true;  ///< a slash stands at the end
  std::string text = {};     ///< as it was sent, for clients that compare it with what they are told
  std::string query = {};    ///< behind the '?', as sent
  std::string authority =
      {};  ///< of "http://authority/…", which a client may write in place of a path (RFC 9112, 3.2.2)
};

/// Throws Error{BadUsage} that says what is wrong with the target. A '+' is a '+': a path is no form. Several slashes
/// are one; at most 32 names of 255 bytes.
RequestPath parse_request_path(std::string_view target);

/// The first value of `name` in a query, decoded; empty if there is none.
std::string query_value(std::string_view query, std::string_view name);

/// "/a%20b/c", with a slash at the end for a directory; every byte encoded that RFC 3986 does not call unreserved.
std::string encoded_path(const std::vector<std::string>& names, bool is_directory);

}  // namespace platefs::fs
