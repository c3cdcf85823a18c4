// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/loopback_server.h"
#include "tests/support/recording_handler.h"
#include "vo/http/curl_transport.h"

namespace platefs::test {

using namespace std::chrono_literals;

/// "Within milliseconds"; sanitizers on a busy machine are given more.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr std::chrono::milliseconds kPrompt = 1s;
#else
inline constexpr std::chrono::milliseconds kPrompt = 100ms;
#endif

/// As platefs runs it, but with waits that a test can afford and no proxy of the environment.
inline vo::CurlOptions quick_options() {
  vo::CurlOptions options;
  options.proxy = "";
  options.timeout = 20s;
  options.retry.first_wait = 2ms;
  options.retry.longest_wait = 10ms;
  return options;
}

inline vo::http::Request get(const std::string& url) { return {.url = vo::Url::parse(url)}; }

/// A request that has been started.
struct Started {
  std::shared_ptr<RecordingHandler> handler;
  vo::TransferTicket ticket;

  RecordingHandler* operator->() const { return handler.get(); }
};

inline Started start(vo::Transport& transport, vo::http::Request request, RecordingHandler::Decide decide = {}) {
  auto handler = std::make_shared<RecordingHandler>(std::move(decide));
  auto ticket = transport.start(std::move(request), handler);
  return {handler, ticket};
}

/// The same, and its end.
inline Started run(vo::Transport& transport, vo::http::Request request, RecordingHandler::Decide decide = {}) {
  auto started = start(transport, std::move(request), std::move(decide));
  started->wait_for_end();
  return started;
}

template <typename Action>
std::chrono::milliseconds duration_of(Action action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

/// Bytes that differ from place to place, so that a piece lost or doubled shows.
inline std::string numbered_bytes(std::size_t size) {
  std::string text;
  text.reserve(size + 16);
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  text.resize(size);
  return text;
}

}  // namespace platefs::test
