// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/exchange.h"

#include <fmt/format.h>

#include "fs/http/directory_page.h"
#include "fs/http/status_of.h"
#include "fs/http/webdav.h"
#include "fs/pages/errors.h"
#include "fs/tree/target.h"
#include "vo/base/shown_text.h"

namespace platefs::fs {
namespace {

HttpHeaders plain_text() { return {{"Content-Type", "text/plain; charset=utf-8"}}; }

bool is_known_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PROPFIND";
}

std::string allowed(bool has_webdav) { return has_webdav ? "GET, HEAD, OPTIONS, PROPFIND" : "GET, HEAD, OPTIONS"; }

std::string joined(const std::vector<std::string>& names) {
  std::string path;
  for (const auto& name : names) path += "/" + name;
  return path;
}

}  // namespace

void Exchange::refuse(int status, const std::string& why) {
  auto headers = plain_text();
  if (status == 401) headers.emplace_back("WWW-Authenticate", "Basic realm=\"platefs\", charset=\"UTF-8\"");
  if (status == 405) headers.emplace_back("Allow", allowed(service_.options.has_webdav));
  sink_.send_text(status, headers, fmt::format("{} {}\n\n{}\n", status, phrase_of(status), why));
}

void Exchange::fail(const vo::Error& error) {
  const auto status = status_of(error.kind());
  auto headers = plain_text();
  if (status.retry_after > 0) headers.emplace_back("Retry-After", fmt::to_string(status.retry_after));
  const auto what = path_.names.empty() ? std::string{} : vo::shown_text(joined(path_.names)) + ": ";
  auto text = fmt::format("{} {}\n\n{}{}\n", status.code, phrase_of(status.code), what, error.message());
  text += fmt::format("what to do: {}\n", advice_on(error.kind()));
  if (found_.node && found_.node->target) {
    text += fmt::format("{}{} tells what else failed there.\n", base(),
                        encoded_path({found_.names.front(), "errors.txt"}, false));
  }
  sink_.send_text(status.code, headers, std::move(text));
}

std::optional<int> Exchange::refused_for_its_body(std::uint64_t length) const {
  return length > kLongestRequestBody ? std::optional{is_known_method(request_.method) ? 413 : 405} : std::nullopt;
}

void Exchange::begin() {
  const bool is_of_the_server = request_.target == "*" && request_.method == "OPTIONS";
  if (!is_of_the_server) {
    try {
      path_ = parse_request_path(request_.target);
    } catch (const vo::Error& error) {
      return refuse(400, error.message());
    }
  }
  if (!is_for_this_host(request_, path_)) {
    return refuse(
        421,
        "This server answers to localhost and 127.0.0.1 alone, so that no web page reaches it by a name of its "
        "own.\nwhat to do: use the URL that platefs serve printed, through ssh -L with localhost as its host");
  }
  if (!is_admitted()) return;
  if (request_.method == "OPTIONS") return options();
  const bool is_propfind = request_.method == "PROPFIND" && service_.options.has_webdav;
  if (request_.method != "GET" && !is_head() && !is_propfind) {
    return refuse(405, request_.method == "PROPFIND"
                           ? "WebDAV is not switched on.\nwhat to do: start platefs serve with --webdav"
                           : "Nothing can be changed here: the archives' plates are read-only.");
  }
  look_up();
}

/// False: the answer is sent.
bool Exchange::is_admitted() {
  switch (service_.access.verdict_on(request_, path_)) {
    case Access::Verdict::Admitted:
      return true;
    case Access::Verdict::AdmittedByPath:
      is_token_in_path_ = true;
      path_.names.erase(path_.names.begin());
      return true;
    case Access::Verdict::AdmittedByQuery:
      is_token_in_path_ = true;
      redirect(302, base() + encoded_path(path_.names, path_.is_directory || path_.names.empty()));
      return false;
    case Access::Verdict::Refused:
      break;
  }
  refuse(401,
         "The token is missing or wrong.\nwhat to do: use the URL that platefs serve printed, or give the token as "
         "password "
         "(any user name) or as Authorization: Bearer");
  return false;
}

void Exchange::options() {
  HttpHeaders headers{{"Allow", allowed(service_.options.has_webdav)}};
  if (service_.options.has_webdav) {
    headers.emplace_back("DAV", "1");
    headers.emplace_back("MS-Author-Via", "DAV");
  }
  sink_.send_text(200, headers, {});
}

void Exchange::redirect(int status, const std::string& location) {
  auto headers = plain_text();
  headers.emplace_back("Location", location);
  sink_.send_text(status, headers, location + "\n");
}

/// By the request before on this connection, a moment ago; the kernel remembers names of a mount longer.
bool Exchange::is_found_already() {
  constexpr std::chrono::seconds kLasts{1};
  const auto* const memory = sink_.memory();
  return memory != nullptr && memory->found.node && memory->names == path_.names &&
         std::chrono::steady_clock::now() - memory->found_at < kLasts;
}

void Exchange::look_up() {
  if (is_found_already()) return found(sink_.memory()->found);
  ask<FoundPath>([this](vo::Completion<FoundPath> done) { find_path(service_.tree, path_.names, std::move(done)); },
                 [this](FoundPath path) { found(std::move(path)); });
}

std::string Exchange::not_found() const {
  const auto advice =
      path_.names.size() == 1
          ? fmt::format("{0}/README.txt tells how places are named, {0}/.platefs/log.txt why this name is none", base())
          : std::string{"look at what the directory above lists"};
  return fmt::format("There is no {} here.\nwhat to do: {}", vo::shown_text(joined(path_.names)), advice);
}

void Exchange::remember_found() {
  service_.recent.keep(*found_.node);
  auto* const memory = sink_.memory();
  if (memory == nullptr || !found_.node->product || is_found_already()) return;
  memory->names = path_.names;
  memory->found = found_;
  memory->found_at = std::chrono::steady_clock::now();
}

void Exchange::found(FoundPath path) {
  found_ = std::move(path);
  const bool is_file_as_directory = found_.node && !found_.node->is_directory() && path_.is_directory;
  if (!found_.node || is_file_as_directory) {
    found_.node.reset();
    return refuse(404, not_found());
  }
  remember_found();
  const bool is_directory = found_.node->is_directory();
  if (request_.method == "PROPFIND") return find_properties();
  if (found_.has_links) return redirect(302, base() + encoded_path(found_.names, is_directory));
  if (is_directory && !path_.is_directory) return redirect(301, base() + encoded_path(path_.names, true));
  if (is_directory) return list();
  open();
}

}  // namespace platefs::fs
