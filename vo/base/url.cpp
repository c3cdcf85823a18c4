// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/url.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <new>

#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr bool is_unreserved(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

constexpr bool is_blank_or_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

void append_escape(std::string& to, char c) {
  fmt::format_to(std::back_inserter(to), "%{:02X}", static_cast<unsigned char>(c));
}

std::string_view stripped(std::string_view text) {
  while (!text.empty() && is_blank_or_control(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank_or_control(text.back())) text.remove_suffix(1);
  return text;
}

/// What can't stand in a request line is escaped, everything else stays as the archive wrote it.
std::string sendable(std::string_view text) {
  std::string result;
  for (const char c : stripped(text)) {
    if (is_blank_or_control(c) || static_cast<unsigned char>(c) >= 0x80) {
      append_escape(result, c);
    } else {
      result += c;
    }
  }
  return result;
}

std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

/// "http" of "http:…" in lower case; empty when `text` doesn't begin with a scheme.
std::string scheme_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !is_letter(text[0])) return {};
  const auto scheme = text.substr(0, colon);
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  return std::all_of(scheme.begin(), scheme.end(), fits) ? lower_case(scheme) : std::string{};
}

[[noreturn]] void refuse_url(std::string_view text, std::string_view why) {
  throw Error{ErrorKind::Malformed,
              fmt::format("'{}' is no absolute URL: {}", without_userinfo(std::string{text}), why)};
}

int default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool is_good_host(std::string_view host) {
  if (host.starts_with('[')) {
    host.remove_prefix(1);
    return host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end() - 1, [](char c) { return is_unreserved(c) || c == ':' || c == '%'; });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), is_unreserved);
}

struct Authority {
  std::string host;  // in lower case, with the brackets of an IPv6 address
  std::string port;  // the scheme's own where none is written
};

/// As libcurl reads it, which will connect there: two readings of one URL could mean two hosts. Empty: it takes none.
Authority authority_of(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed{curl_url(), &curl_url_cleanup};
  if (parsed == nullptr) throw std::bad_alloc{};
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) return {};
  const auto part = [&](CURLUPart which, unsigned flags) -> std::string {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, decltype(&curl_free)> owned{text, &curl_free};
    return text;
  };
  return {lower_case(part(CURLUPART_HOST, 0)), part(CURLUPART_PORT, CURLU_DEFAULT_PORT)};
}

/// 0 when it is no port.
int port_from(std::string_view text) {
  int port = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc{} && stop == text.data() + text.size() && port > 0 && port < 65536 ? port : 0;
}

/// RFC 3986 section 5.2.4.
std::string without_dot_segments(std::string_view path) {
  std::string result;
  const auto drop_last = [&result] { result.erase(std::min(result.rfind('/'), result.size())); };
  while (!path.empty()) {
    const auto segment = path.substr(0, path.find('/', 1));  // with its leading slash
    const bool is_last = segment.size() == path.size();
    path.remove_prefix(segment.size());
    if (segment == "/.." || segment == "/.") {
      if (segment == "/..") drop_last();
      if (is_last) result += '/';
    } else {
      result += segment;
    }
  }
  return result;
}

/// "http://host:port" of a whole URL.
std::string site_of(const Url& url) { return url.text().substr(0, url.text().find('/', url.scheme().size() + 3)); }

struct Reference {
  std::string_view path, query;  // query with its '?'
};

Reference split_reference(std::string_view text) {
  const auto mark = std::min(text.find('?'), text.size());
  return {text.substr(0, mark), text.substr(mark)};
}

template <typename Visit>  // Visit(piece of "a=1&b=2")
void for_each_parameter(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), piece.size() + 1));
    if (!piece.empty()) visit(piece);
  }
}

/// Servers read a query as a form, in which '+' is a blank.
std::string form_decoded(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decoded(blanks);
}

std::string name_of_parameter(std::string_view piece) {
  return lower_case(form_decoded(piece.substr(0, piece.find('='))));
}

bool is_secret(const std::string& name) {
  static constexpr std::array<std::string_view, 11> kSecrets{
      "sig",  "key",    "apikey",     "api_key",        "auth",       "password",
      "pass", "passwd", "credential", "awsaccesskeyid", "key-pair-id"};
  const auto has = [&name](std::string_view part) { return name.find(part) != std::string::npos; };
  return name.starts_with("x-amz-") || name.starts_with("x-goog-") || has("token") || has("secret") ||
         has("signature") || std::find(kSecrets.begin(), kSecrets.end(), name) != kSecrets.end();
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

Url Url::parse(std::string_view text) { return parsed(text, false); }

Url Url::parse_trusted(std::string_view text) { return parsed(text, true); }

Url Url::of_file(std::string_view path) {
  std::string text{"file://"};
  for (const char c : path) {
    if (c == '/' || is_unreserved(c)) {
      text += c;
    } else {
      append_escape(text, c);
    }
  }
  return parse_trusted(text);
}

std::string Url::file_path() const { return scheme_ == "file" ? percent_decoded(path_) : std::string{}; }

Url Url::parsed(std::string_view text, bool may_be_file) {
  const auto sent = sendable(text);
  const auto whole = without_fragment(sent);
  Url url;
  url.scheme_ = scheme_of(whole);
  if (url.scheme_.empty()) refuse_url(text, "it has no scheme");
  if (may_be_file && url.scheme_ == "file") {
    if (!whole.starts_with("file:///")) refuse_url(text, "a file's begins with file:/// and its absolute path");
    const auto [path, query] = split_reference(whole.substr(std::string_view{"file://"}.size()));
    url.path_ = path;
    url.text_ = "file://" + url.path_;
    return url;
  }
  if (url.scheme_ != "http" && url.scheme_ != "https") {
    throw Error{ErrorKind::Rejected, fmt::format("'{}': platefs speaks http and https, not {}",
                                                 without_userinfo(std::string{text}), url.scheme_)};
  }
  auto rest = whole.substr(url.scheme_.size() + 1);
  if (!rest.starts_with("//")) refuse_url(text, "'//' and a host are missing");
  rest.remove_prefix(2);
  if (rest.starts_with('/')) refuse_url(text, "a third '/' stands where its host should be");

  const auto [path, query] = split_reference(rest.substr(std::min(rest.find_first_of("/?\\"), rest.size())));
  const auto authority = authority_of(std::string{whole});
  if (!is_good_host(authority.host)) refuse_url(text, "its host is not a name or an address, or its port not a number");
  url.host_ = authority.host;
  url.port_ = port_from(authority.port);
  if (url.port_ == 0) refuse_url(text, "its port is not a number from 1 to 65535");
  if (path.starts_with('\\')) refuse_url(text, "a backslash follows the host");
  url.path_ = path.empty() ? "/" : path;
  url.query_ = query.substr(std::min<std::size_t>(1, query.size()));

  url.text_ = fmt::format("{}://{}", url.scheme_, url.host_);
  if (url.port_ != default_port(url.scheme_)) url.text_ += fmt::format(":{}", url.port_);
  url.text_.append(url.path_).append(query);
  return url;
}

Url Url::resolve(std::string_view reference) const {
  const bool may_be_file = scheme_ == "file";
  const auto sent = sendable(reference);
  const auto text = without_fragment(sent);
  const auto [path, query] = split_reference(text);
  if (!scheme_of(text).empty() || text.starts_with("//")) {
    const auto target = parsed(text.starts_with("//") ? fmt::format("{}:{}", scheme_, text) : text, may_be_file);
    return parsed(fmt::format("{}{}{}", site_of(target), without_dot_segments(target.path_), query), may_be_file);
  }
  if (text.empty()) return *this;
  if (path.empty()) return parsed(fmt::format("{}{}{}", site_of(*this), path_, query), may_be_file);
  const auto directory = path.starts_with('/') ? "" : path_.substr(0, path_.rfind('/') + 1);
  const auto merged = without_dot_segments(fmt::format("{}{}", directory, path));
  return parsed(fmt::format("{}{}{}", site_of(*this), merged, query), may_be_file);
}

Url Url::with_query(const Parameters& parameters) const {
  const auto added = form_encoded(parameters);
  if (added.empty()) return *this;
  std::string text = text_;
  if (text.find('?') == std::string::npos) {
    text += '?';
  } else if (!query_.empty() && !query_.ends_with('&')) {
    text += '&';
  }
  return parse(text + added);
}

Url Url::without_parameter(std::string_view name) const {
  const auto unwanted = lower_case(name);
  std::string kept;
  bool found = false;
  for_each_parameter(query_, [&](std::string_view piece) {
    if (name_of_parameter(piece) == unwanted) {
      found = true;
    } else {
      kept.append(kept.empty() ? "?" : "&").append(piece);
    }
  });
  return found ? parse(text_.substr(0, text_.find('?')) + kept) : *this;
}

std::vector<std::string> Url::parameter(std::string_view name) const {
  const auto wanted = lower_case(name);
  std::vector<std::string> values;
  for_each_parameter(query_, [&](std::string_view piece) {
    if (name_of_parameter(piece) != wanted) return;
    const auto equals = std::min(piece.find('='), piece.size() - 1);
    values.push_back(form_decoded(piece.substr(equals + 1)));
  });
  return values;
}

std::string Url::origin() const { return fmt::format("{}://{}:{}", scheme_, host_, port_); }

std::string Url::last_segment() const { return percent_decoded(path_.substr(path_.rfind('/') + 1)); }

std::string Url::for_display() const {
  std::string shown = text_.substr(0, text_.find('?'));
  char separator = '?';
  for_each_parameter(query_, [&](std::string_view piece) {
    const bool secret = is_secret(name_of_parameter(piece)) && piece.find('=') < piece.size();
    shown += separator;
    shown += secret ? std::string(piece.substr(0, piece.find('='))) + "=***" : std::string(piece);
    separator = '&';
  });
  return shown;
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      append_escape(result, c);
    }
  }
  return result;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool complete = text[i] == '%' && i + 2 < text.size();
    const int high = complete ? hex_value(text[i + 1]) : -1;
    const int low = complete ? hex_value(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string form_encoded(const Url::Parameters& parameters) {
  std::string result;
  for (const auto& [name, value] : parameters) {
    if (!result.empty()) result += '&';
    result.append(percent_encoded(name)).append("=").append(percent_encoded(value));
  }
  return result;
}

std::string without_userinfo(const std::string& url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  const auto at = url.rfind('@');
  if (at == std::string::npos || at < begin) return url;
  return url.substr(0, begin) + "***" + url.substr(at);
}

}  // namespace platefs::vo
