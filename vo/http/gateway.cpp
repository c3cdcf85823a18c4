// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/gateway.h"

#include <algorithm>

#include "vo/base/ascii.h"
#include "vo/http/network_place.h"
#include "vo/http/proxy_choice.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kMostArchives = 256;
constexpr std::chrono::seconds kLongestPatience{60};
constexpr std::chrono::hours kNotServedFor{1};

bool is_of_this_computer(const Url& url) {
  const auto place = place_of_host(url.host());
  return place == NetworkPlace::ThisComputer || place == NetworkPlace::LocalLink;
}

bool has_credentials(const http::Request& request) {
  const auto says_who = [](const auto& header) {
    return same_ignoring_case(header.first, "authorization") || same_ignoring_case(header.first, "cookie");
  };
  // A signature in the URL is one person's, too, and another one the next time.
  return std::ranges::any_of(request.headers, says_who) || request.url.for_display() != request.url.text();
}

/// Between two of `separator` that are not within quotes, without blanks around.
std::vector<std::string_view> members_of(std::string_view text, char separator) {
  std::vector<std::string_view> members;
  bool is_quoted = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] == '"') is_quoted = !is_quoted;
    if (at < text.size() && (is_quoted || text[at] != separator)) continue;
    members.push_back(trimmed(text.substr(begin, at - begin)));
    begin = at + 1;
  }
  return members;
}

/// Is `word` there, between characters that are neither letters nor digits?
bool has_word(std::string_view text, std::string_view word) {
  const auto lower_text = lower_case(text);
  const auto is_edge = [&](std::size_t at) {
    return at >= lower_text.size() || !(is_letter(lower_text[at]) || is_digit(lower_text[at]));
  };
  for (auto at = lower_text.find(word); at != std::string::npos; at = lower_text.find(word, at + 1)) {
    if ((at == 0 || is_edge(at - 1)) && is_edge(at + word.size())) return true;
  }
  return false;
}

/// Does a cache say so in Cache-Status: `name; parameter; parameter, name; …`?
bool is_said_by_cache(const http::Head& head, std::string_view parameter) {
  const auto told = head.header("cache-status").value_or("");
  return std::ranges::any_of(members_of(told, ','), [&](std::string_view cache) {
    const auto said = members_of(cache, ';');
    return std::find(said.begin() + 1, said.end(), parameter) != said.end();
  });
}

}  // namespace

bool is_cache_hit(const http::Head& head) {
  if (head.header("cache-status")) return is_said_by_cache(head, "hit");
  // "HIT", "HIT from cache.site", "Hit-Fresh": the nearest cache speaks last.
  const auto told = head.header("x-cache").value_or("");
  const auto caches = members_of(told, ',');
  return has_word(caches.back().substr(0, caches.back().find(" from ")), "hit");
}

bool Gateway::is_for(const http::Request& request, bool has_known_credentials, TimePoint now) const {
  return options_ && !request.is_post() && !has_known_credentials && !has_credentials(request) &&
         serves(request.url, now);
}

/// What is "this computer" here is another one there.
bool Gateway::serves(const Url& url, TimePoint now) const {
  if (is_of_this_computer(url) && !is_of_this_computer(options_->url)) return false;
  const auto& hosts = options_->hosts;
  const auto is_named = [&](const std::string& host) { return is_exempt(url.host(), host); };
  if (!hosts.empty() && std::ranges::none_of(hosts, is_named)) return false;
  const auto* const health = known(url.origin());
  return health == nullptr || health->is_served || now >= health->rests_until;
}

bool Gateway::enter(const std::string& origin, TimePoint now) {
  if (rests(origin, now)) return false;
  const auto found = archives_.find(origin);
  if (whole_.rests_until) whole_.rests_until = now + options_->rest;
  if (found != archives_.end() && found->second.rests_until) found->second.rests_until = now + options_->rest;
  return true;
}

bool Gateway::rests(const std::string& origin, TimePoint now) const {
  if (whole_.rests_until && now < *whole_.rests_until) return true;
  const auto* const health = known(origin);
  return health != nullptr && health->is_served && health->rests_until && now < *health->rests_until;
}

Gateway::Wait Gateway::patience(const std::string& origin) const {
  const auto* const health = known(origin);
  return health == nullptr ? options_->patience : health->patience.value_or(options_->patience);
}

std::optional<Gateway::Failure> Gateway::failure_in(const http::Head& head) {
  if (head.status == 421) return Failure::NotServed;
  if (head.status == 407) return Failure::Unreachable;
  const bool is_error = head.status == 502 || head.status == 503 || head.status == 504;
  // An archive that says for how long it is busy is heard.
  const auto forwarded = "fwd-status=" + std::to_string(head.status);
  if (!is_error || head.header("retry-after") || is_said_by_cache(head, forwarded)) return std::nullopt;
  return Failure::Error;
}

void Gateway::answered(const std::string& origin, const http::Head& head) {
  ++counts_.answered;
  if (is_cache_hit(head)) ++counts_.hits;
  whole_.rests_until.reset();
  if (const auto found = archives_.find(origin); found != archives_.end()) {
    found->second.rests_until.reset();
    found->second.is_silent = false;
    found->second.is_served = true;
  }
}

void Gateway::passed(const std::string& origin, Wait waited) {
  if (!options_) return;
  ++counts_.direct;
  const auto found = archives_.find(origin);
  if (found == archives_.end() || !found->second.is_silent || waited < patience(origin)) return;
  auto& health = found->second;
  health.patience = std::min<Wait>(2 * waited, kLongestPatience);
  health.is_silent = false;
  health.rests_until.reset();
}

bool Gateway::failed(const std::string& origin, Failure failure, TimePoint now) {
  const bool is_news = !is_ill(now);
  ++counts_.failures;
  if (failure == Failure::Unreachable) {
    whole_.rests_until = now + options_->rest;
    return is_news;
  }
  auto& health = at(origin);
  health.is_silent = failure == Failure::Silent;
  health.is_served = failure != Failure::NotServed;
  health.rests_until = now + (health.is_served ? options_->rest : kNotServedFor);
  return is_news && health.is_served;
}

/// What failed and was not asked again for as long again is forgotten: it may be well by now.
bool Gateway::is_ill(TimePoint now) const {
  const auto is_failing = [&](const Health& health) {
    return health.is_served && health.rests_until && now < *health.rests_until + options_->rest;
  };
  return is_failing(whole_) ||
         std::ranges::any_of(archives_, [&](const auto& each) { return is_failing(each.second); });
}

Gateway::Health& Gateway::at(const std::string& origin) {
  if (archives_.size() >= kMostArchives && !archives_.contains(origin)) archives_.clear();
  return archives_[origin];
}

const Gateway::Health* Gateway::known(const std::string& origin) const {
  const auto found = archives_.find(origin);
  return found == archives_.end() ? nullptr : &found->second;
}

GatewayStatus Gateway::status(TimePoint now) const {
  auto status = counts_;
  if (options_) status.url = options_->url.for_display();
  auto until = whole_.rests_until.value_or(now);
  for (const auto& [origin, health] : archives_) {
    if (health.is_served) until = std::max(until, health.rests_until.value_or(now));
  }
  status.left_alone_for = std::chrono::ceil<Wait>(std::max(until - now, {}));
  return status;
}

}  // namespace platefs::vo
