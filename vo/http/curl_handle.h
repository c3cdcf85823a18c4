// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vo/http/content_encoding.h"
#include "vo/http/curl_options.h"
#include "vo/http/message.h"
#include "vo/http/network_place.h"
#include "vo/http/spare_connections.h"

struct curl_mime;
struct curl_slist;

namespace platefs::vo {

/// Hears what curl receives. Called from C: must not throw.
struct CurlListener {
  enum class Answer { Taken, Pause, Abort };

  virtual ~CurlListener() = default;
  /// A connection to there is about to be opened, by one of these if there is any; null: it is not.
  virtual SpareConnections* may_open(NetworkPlace place) noexcept = 0;
  /// The request is about to go there, by that connection or by one that was kept; false: it does not.
  virtual bool may_send(NetworkPlace place) noexcept = 0;
  /// One line of a head, with its line end; false aborts the attempt.
  virtual bool on_header_line(std::string_view line) noexcept = 0;
  virtual Answer on_bytes(std::span<const std::byte> bytes) noexcept = 0;
};

/// What a server asked to be told again, as long as we run: some answer with redirects in a circle
/// until they hear their own cookie. Transfer thread only.
class CurlCookies {
 public:
  CurlCookies();
  ~CurlCookies();
  CurlCookies(const CurlCookies&) = delete;
  CurlCookies& operator=(const CurlCookies&) = delete;

  void* native() const { return handle_; }

 private:
  void* handle_;
};

/// By which way an attempt goes.
struct CurlRoute {
  std::string proxy = {};                        ///< empty: none, whatever the environment says
  const Url* gateway = nullptr;                  ///< asked for the URL in its place; outlives the attempt
  const HostCredentials* credentials = nullptr;  ///< null: none; outlives the attempt
  bool is_fresh = false;                         ///< by a new connection
  std::chrono::seconds longest_life{0};          ///< older connections are closed, not used; 0: any
};

/// One attempt of one request: an easy handle, set up. `request`, `cookies` and `listener` outlive
/// it. Used on the transfer thread only. The constructor throws Error{LocalIo} when memory is short
/// and Error{Malformed} when a header would break out of its line.
class CurlEasy {
 public:
  CurlEasy(const CurlOptions& options, const http::Request& request, Encoded encoded, const CurlRoute& route,
           const CurlCookies& cookies, CurlListener& listener);
  ~CurlEasy();
  CurlEasy(const CurlEasy&) = delete;
  CurlEasy& operator=(const CurlEasy&) = delete;

  void* native() const { return handle_; }
  int resume();                          ///< CURLcode; may call the listener
  std::string reason(int code) const;    ///< curl's words for a CURLcode
  int system_error() const;              ///< errno of a failed connect, 0 if unknown
  int connect_status() const;            ///< a proxy's answer to CONNECT, 0 if there was none
  std::uint64_t bytes_received() const;  ///< of the body, as sent
  std::optional<std::uint64_t> bytes_announced() const;

 private:
  void clean_up();
  template <typename Value>
  void set(int option, Value value);
  void add_header(std::string_view name, std::string_view value);
  void set_limits(const CurlOptions& options);
  void set_route(const CurlRoute& route);
  void set_cookies(const CurlCookies& cookies);
  void set_credentials(const HostCredentials& credentials);
  void set_question(const http::Request& request, Encoded encoded);
  void set_gateway(const Url& gateway, const Url& url);
  void set_parts(const http::Request& request);
  void set_callbacks(CurlListener& listener);

  void* handle_;
  curl_slist* headers_ = nullptr;
  curl_mime* parts_ = nullptr;
  std::array<char, 256> reason_{};  // CURL_ERROR_SIZE
};

/// All connections, and what runs on them. Used on the transfer thread, except wake_up().
class CurlMulti {
 public:
  struct Done {
    void* easy;
    int code;  // CURLcode
  };

  CurlMulti();
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  void add(const CurlEasy& easy);
  void remove(const CurlEasy& easy);
  void perform();
  std::optional<Done> next_done();
  void wait(std::chrono::milliseconds longest);
  void wake_up();  ///< thread-safe

 private:
  void* handle_;
};

}  // namespace platefs::vo
