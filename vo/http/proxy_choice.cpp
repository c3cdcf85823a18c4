// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/proxy_choice.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/url.h"

namespace platefs::vo {
namespace {

std::string first_set(const ProxyRules::Variable& variable, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    const auto* text = variable(name);
    if (text != nullptr && *text != '\0') return text;
  }
  return {};
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto first = text.find_first_not_of(" ,\t");
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    words.push_back(text.substr(0, text.find_first_of(" ,\t")));
    text.remove_prefix(words.back().size());
  }
}

/// The bytes of an IP address, 4 or 16; empty when it is none.
std::vector<std::uint8_t> address_from(std::string_view text) {
  const std::string name{text};
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1) return {bytes.begin(), bytes.begin() + 4};
  if (::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return {bytes.begin(), bytes.end()};
  return {};
}

bool is_in_network(const std::vector<std::uint8_t>& address, std::string_view network) {
  const auto slash = std::min(network.find('/'), network.size());
  const auto first = address_from(without_brackets(network.substr(0, slash)));
  if (first.size() != address.size()) return false;
  std::size_t bits = 8 * first.size();
  if (slash < network.size()) {
    const auto* end = network.data() + network.size();
    std::size_t wanted = 0;
    const auto [stop, failure] = std::from_chars(network.data() + slash + 1, end, wanted);
    if (failure != std::errc{} || stop != end || wanted > bits) return false;
    bits = wanted;
  }
  const auto whole = bits / 8;
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) return false;
  const auto rest = bits % 8;
  return rest == 0 || (first[whole] ^ address[whole]) >> (8 - rest) == 0;
}

std::string_view without_dots_around(std::string_view name) {
  while (name.starts_with('.')) name.remove_prefix(1);
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

ProxyRules ProxyRules::from_environment(const Variable& variable, const std::optional<std::string>& given) {
  ProxyRules rules;
  rules.exceptions = first_set(variable, {"no_proxy", "NO_PROXY"});
  if (given) {
    rules.for_http = rules.for_https = *given;
    return rules;
  }
  rules.for_http = first_set(variable, {"http_proxy", "all_proxy", "ALL_PROXY"});
  rules.for_https = first_set(variable, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  return rules;
}

std::string ProxyRules::proxy_for(const Url& url) const {
  if (is_exempt(url.host(), exceptions)) return {};
  return url.scheme() == "https" ? for_https : for_http;
}

bool is_exempt(const std::string& host, std::string_view exceptions) {
  const auto name = lower_case(without_dots_around(without_brackets(host)));
  const auto address = address_from(name);
  for (const auto word : words_of(exceptions)) {
    if (word == "*") return true;
    if (!address.empty()) {
      if (is_in_network(address, word)) return true;
      continue;
    }
    const auto domain = lower_case(without_dots_around(word));
    if (domain.empty() || !name.ends_with(domain)) continue;
    if (name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.') return true;
  }
  return false;
}

}  // namespace platefs::vo
