// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/http/content.h"
#include "fs/http/entry.h"
#include "fs/http/preconditions.h"
#include "fs/http/request.h"
#include "fs/http/request_path.h"
#include "fs/http/service.h"
#include "fs/tree/path_search.h"

namespace platefs::fs {

/// Of a PROPFIND, which names properties; all else has none that is looked at.
inline constexpr std::size_t kLongestRequestBody = 64 << 10;

/// What is not longer is sent with its head when it is here already.
inline constexpr std::uint64_t kSentAtOnce = 256 << 10;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// What a connection remembers of its last request: the file that it read, found and opened, so that the next part of
/// it is had without finding, opening and testing it anew. Belongs to the connection's thread.
struct ConnectionMemory {
  std::vector<std::string> names = {};
  FoundPath found = {};
  std::chrono::steady_clock::time_point found_at = {};
  std::shared_ptr<cache::OpenFile> open = {};
};

/// How a response goes out; the HTTP library's part.
struct ResponseSink {
  virtual ~ResponseSink() = default;
  /// `body` is not sent in answer to HEAD.
  virtual void send_text(int status, const HttpHeaders& headers, std::string body) = 0;
  /// `size` bytes of `content`; without a size their number is not told (to HEAD).
  virtual void send_content(int status, const HttpHeaders& headers, std::optional<std::uint64_t> size,
                            std::unique_ptr<Content> content) = 0;
  /// Null: there is none.
  virtual ConnectionMemory* memory() = 0;
  /// [offset, offset + size) of a plain file, whose descriptor is taken.
  virtual void send_file(int status, const HttpHeaders& headers, int fd, std::uint64_t offset, std::uint64_t size) = 0;
};

/// One request, from its head to the head of its answer. Every step runs on the connection's thread; between two of
/// them the request is parked. Sends one response.
class Exchange {
 public:
  /// All outlive it. `request` is complete when begin() is called.
  Exchange(HttpService& service, HttpRequest& request, std::shared_ptr<Parking> parking, ResponseSink& sink)
      : service_(service), request_(request), parking_(std::move(parking)), sink_(sink) {}

  void begin();
  /// Answers with what went wrong.
  void fail(const vo::Error& error);
  /// May be answered before its body has come, by which status? Nothing: it has to be read.
  std::optional<int> refused_for_its_body(std::uint64_t length) const;
  void refuse(int status, const std::string& why);

 private:
  bool is_head() const { return request_.method == "HEAD"; }
  std::string base() const { return is_token_in_path_ ? "/" + service_.access.token() : ""; }
  bool is_admitted();
  void options();
  void look_up();
  void found(FoundPath path);
  bool is_found_already();
  void remember_found();
  std::string not_found() const;
  void redirect(int status, const std::string& location);

  // directories
  void list();
  void listed(std::vector<NamedNode> children);
  void find_properties();
  void send_properties(std::vector<NamedNode> children);
  Entry entry(std::string name, const Node& node) const;

  // files
  void open();
  void open_text();
  void open_datalink();
  void open_product(bool is_cached);
  void tell_what_is_known();
  void opened(std::shared_ptr<cache::OpenFile> file);
  void failed_to_open(const vo::Error& error);
  void send_version(const Validators& validators, const std::string& type, std::shared_ptr<const std::string> text,
                    std::shared_ptr<cache::OpenFile> file);
  bool is_sent_from_the_cache(int status, const HttpHeaders& headers, const cache::OpenFile& file, vo::ByteRange range);
  HttpHeaders file_headers(const Validators& validators, const std::string& type) const;

  template <typename T, typename Ask>
  void ask(const Ask& ask, std::function<void(T)> then) {
    parking_->ask<T>(ask, [this, then = std::move(then)](vo::Outcome<T>& told) {
      if (!told) return fail(told.error());
      then(std::move(told).value());
    });
  }

  HttpService& service_;
  HttpRequest& request_;
  std::shared_ptr<Parking> parking_;
  ResponseSink& sink_;
  RequestPath path_;
  bool is_token_in_path_ = false;
  FoundPath found_;
  Activity::Token in_use_;
};

}  // namespace platefs::fs
