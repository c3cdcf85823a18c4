// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/network_place.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "vo/base/url.h"

namespace platefs::vo {
namespace {

using enum NetworkPlace;
using Bytes6 = std::array<std::uint8_t, 16>;

constexpr std::size_t kMostRemembered = 4096;

struct Block4 {
  std::uint32_t first;
  int bits;
  NetworkPlace place;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array<Block4, 12> kBlocks4{{{ip(0, 0, 0, 0), 8, ThisComputer},  // "this host": Linux connects to itself
                                           {ip(127, 0, 0, 0), 8, ThisComputer},
                                           {ip(169, 254, 0, 0), 16, LocalLink},
                                           {ip(10, 0, 0, 0), 8, PrivateNetwork},
                                           {ip(172, 16, 0, 0), 12, PrivateNetwork},
                                           {ip(192, 168, 0, 0), 16, PrivateNetwork},
                                           {ip(100, 64, 0, 0), 10, PrivateNetwork},  // behind a provider's NAT
                                           {ip(192, 0, 0, 0), 24, PrivateNetwork},
                                           {ip(198, 18, 0, 0), 15, PrivateNetwork},
                                           {ip(224, 0, 0, 0), 4, PrivateNetwork},
                                           {ip(240, 0, 0, 0), 4, PrivateNetwork},
                                           {ip(255, 255, 255, 255), 32, LocalLink}}};

NetworkPlace place_of_ipv4(std::uint32_t address) {
  for (const auto& block : kBlocks4) {
    if ((address ^ block.first) >> (32 - block.bits) == 0) return block.place;
  }
  return World;
}

std::uint32_t ipv4_at(const Bytes6& bytes, std::size_t at) {
  return ip(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool begins_with(const Bytes6& bytes, std::initializer_list<std::uint8_t> first) {
  return std::equal(first.begin(), first.end(), bytes.begin());
}

NetworkPlace place_of_ipv6(const Bytes6& bytes) {
  const bool is_low = std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; });
  if (is_low && bytes[10] == 0xff && bytes[11] == 0xff) return place_of_ipv4(ipv4_at(bytes, 12));  // ::ffff:0:0/96
  if (is_low && bytes[10] == 0 && bytes[11] == 0) {
    const auto last = ipv4_at(bytes, 12);
    return last <= 1 ? ThisComputer : place_of_ipv4(last);  // ::, ::1, and IPv4-compatible ones
  }
  if (begins_with(bytes, {0x00, 0x64, 0xff, 0x9b, 0, 1})) return PrivateNetwork;
  if (begins_with(bytes, {0x00, 0x64, 0xff, 0x9b})) return place_of_ipv4(ipv4_at(bytes, 12));  // NAT64
  if (begins_with(bytes, {0x20, 0x02})) return place_of_ipv4(ipv4_at(bytes, 2));               // 6to4
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) return LocalLink;
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0) return PrivateNetwork;  // site-local
  if ((bytes[0] & 0xfe) == 0xfc || bytes[0] == 0xff) return PrivateNetwork;
  return World;
}

std::string without_last_dot(std::string host) {
  while (host.ends_with('.')) host.pop_back();
  return host;
}

/// Of all addresses of a name the one nearest to the world. May ask the network.
NetworkPlace looked_up(const std::string& host) {
  addrinfo* found = nullptr;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return World;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list{found, &::freeaddrinfo};
  auto nearest = ThisComputer;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    nearest = std::min(nearest, place_of(*each->ai_addr));
  }
  return nearest;
}

}  // namespace

std::string_view described(NetworkPlace place) {
  switch (place) {
    case World:
      return "a public address";
    case PrivateNetwork:
      return "an address of a private network";
    case LocalLink:
      return "an address of the local link";
    case ThisComputer:
      return "an address of this computer";
  }
  return "";
}

NetworkPlace place_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in known{};
    std::memcpy(&known, &address, sizeof known);
    return place_of_ipv4(ntohl(known.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return ThisComputer;
  sockaddr_in6 known{};
  std::memcpy(&known, &address, sizeof known);
  Bytes6 bytes{};
  std::memcpy(bytes.data(), &known.sin6_addr, bytes.size());
  return place_of_ipv6(bytes);
}

std::optional<NetworkPlace> place_of_address(const std::string& text) {
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return place_of_ipv4(ntohl(four.s_addr));
  Bytes6 bytes{};
  const auto plain = text.substr(0, text.find('%'));  // without the zone
  if (::inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1) return place_of_ipv6(bytes);
  return std::nullopt;
}

std::optional<NetworkPlace> place_of_host(const std::string& host) {
  const auto name = without_last_dot(std::string{without_brackets(host)});
  if (name == "localhost" || name.ends_with(".localhost")) return ThisComputer;
  if (const auto place = place_of_address(name)) return place;
  in_addr four{};
  if (::inet_aton(name.c_str(), &four) != 0) return place_of_ipv4(ntohl(four.s_addr));
  return std::nullopt;
}

bool NetworkBorders::allow(const Url& service, const Url& target, NetworkPlace place) {
  if (are_open_ || place == World) return true;
  if (target.host() != service.host()) return whereabouts(service.host()) == place;
  const auto found = known_.find(target.host());
  return found == known_.end() || found->second != World;
}

void NetworkBorders::note(const std::string& host, NetworkPlace place) {
  if (known_.size() >= kMostRemembered) known_.clear();
  const auto [known, is_new] = known_.try_emplace(host, place);
  if (!is_new) known->second = std::min(known->second, place);
}

NetworkPlace NetworkBorders::whereabouts(const std::string& host) {
  if (const auto place = place_of_host(host)) return *place;
  if (const auto found = known_.find(host); found != known_.end()) return found->second;
  // Answered from the cache so far. The service's own name is looked up once, and on the way of what it names only.
  const auto place = looked_up(host);
  note(host, place);
  return place;
}

}  // namespace platefs::vo
