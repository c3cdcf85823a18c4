// SPDX-License-Identifier: BSD-3-Clause
// What a registry answers when it is asked for services: a list of them, or vo::Error.

#include <cstdint>
#include <string>

#include "tests/support/held_transport.h"
#include "tools/commands/archive_probe.h"
#include "vo/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const int status = data[0] % 2 == 0 ? 200 : 400 + data[0];
  const std::string body{reinterpret_cast<const char*>(data) + 1, size - 1};
  platefs::test::HeldTransport transport;
  transport.answer_with([&](const platefs::vo::http::Request& request) {
    return platefs::test::response_to(request, status, body, "application/x-votable+xml");
  });
  try {
    platefs::tools::discover_services("http://registry.test/tap", {"plates"}, transport, {});
  } catch (const platefs::vo::Error&) {
    // an answer like any other
  }
  return 0;
}
