// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>

#include "vo/base/url.h"

struct sockaddr;

namespace platefs::vo {

/// Where an address leads: to the world, or to where an archive elsewhere has no business.
enum class NetworkPlace { World, PrivateNetwork, LocalLink, ThisComputer };

/// "an address of this computer": for messages.
std::string_view described(NetworkPlace place);

/// By the registries of special addresses (RFC 6890, RFC 4193, RFC 6598). An IPv4 address in another form (mapped,
/// compatible, NAT64, 6to4) is where that one is; multicast and what is reserved count as private. What is no IP
/// address is ThisComputer.
NetworkPlace place_of(const sockaddr& address);
/// The same of a text "127.0.0.1", "::1"; nothing when it is no address.
std::optional<NetworkPlace> place_of_address(const std::string& text);
/// Of a URL's host if it can be told without a look-up: an address in any form that resolvers take ("2130706433",
/// "0x7f.1", "[::ffff:127.0.0.1]"), or localhost.
std::optional<NetworkPlace> place_of_host(const std::string& host);

/// Says which addresses a request may reach. What the user named may be anywhere; what a service names beyond that
/// may be in the world, or where the service is itself. A name that was in the world does not become a name of
/// something private while we run, whatever the DNS says (DNS rebinding). Not thread-safe.
class NetworkBorders {
 public:
  explicit NetworkBorders(bool are_open) : are_open_(are_open) {}

  /// May a request for `target`, which `service` (what the user named) led to, be sent to `place`?
  bool allow(const Url& service, const Url& target, NetworkPlace place);
  /// `host` was reached there.
  void note(const std::string& host, NetworkPlace place);

 private:
  NetworkPlace whereabouts(const std::string& host);

  bool are_open_;
  std::map<std::string, NetworkPlace> known_;  // by host name
};

}  // namespace platefs::vo
