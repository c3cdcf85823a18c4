// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platefs::vo {

/// An absolute http or https URL (RFC 3986; or, where the user named it, a local file's), kept as it was written so
/// that servers get back what they gave. Value type.
class Url {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  /// Throws Error{Malformed} with the offending text when it is no absolute URL, and
  /// Error{Rejected} when the scheme is neither http nor https. Blanks, control and non-ASCII
  /// characters, which archives do write, are percent-encoded (around the URL they are dropped);
  /// user:password@ is dropped, and so is the port that the scheme has anyway.
  static Url parse(std::string_view text);

  /// The same, also of a file: URL without a host: for what the user names, never for what comes from a server.
  static Url parse_trusted(std::string_view text);
  /// The file: URL of an absolute path.
  static Url of_file(std::string_view path);
  /// The path of a file: URL, else empty.
  std::string file_path() const;

  /// `reference` (absolute or relative) against this URL, RFC 3986 section 5.2. Only a file: URL leads to another.
  Url resolve(std::string_view reference) const;

  /// This URL with `name=value` pairs appended to its query, each percent-encoded in full
  /// (everything but RFC 3986 "unreserved"); an existing query is kept, the fragment dropped.
  Url with_query(const Parameters& parameters) const;

  /// This URL without its fragment and without the query parameter `name` (any case).
  Url without_parameter(std::string_view name) const;

  /// Decoded values of the query parameter `name` (any case), in order; '+' is a blank, as servers
  /// read it.
  std::vector<std::string> parameter(std::string_view name) const;

  const std::string& text() const { return text_; }      ///< with query, without fragment
  const std::string& scheme() const { return scheme_; }  ///< lower case
  const std::string& host() const { return host_; }      ///< lower case, without port; IPv6 in brackets
  std::string origin() const;                            ///< scheme://host:port, port always there
  const std::string& path() const { return path_; }      ///< as written, "/" when empty
  const std::string& query() const { return query_; }    ///< without "?"
  int port() const { return port_; }

  /// Last segment of the path, percent-decoded; empty when the path ends in "/".
  std::string last_segment() const;

  /// For messages: secrets in well-known parameters (token, sig, X-Amz-…) are masked.
  std::string for_display() const;

  friend bool operator==(const Url& a, const Url& b) { return a.text_ == b.text_; }

 private:
  static Url parsed(std::string_view text, bool may_be_file);
  std::string text_, scheme_, host_, path_, query_;
  int port_ = 0;
};

/// The address that a URL's host keeps in brackets (IPv6); another host as it is.
constexpr std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

std::string percent_encoded(std::string_view text);
/// A '%' without two hex digits stays as it is, and so does '+'.
std::string percent_decoded(std::string_view text);
/// name=value&… with both sides encoded in full: a body of application/x-www-form-urlencoded.
std::string form_encoded(const Url::Parameters& parameters);

/// With stars for "user:password", which no text may show. Whatever stands before the last '@' is taken for it, since
/// people write passwords with any character.
std::string without_userinfo(const std::string& url);

}  // namespace platefs::vo
