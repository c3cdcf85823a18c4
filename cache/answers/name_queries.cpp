// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/name_queries.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

#include "cache/answers/freshness.h"
#include "vo/base/error.h"
#include "vo/services/service_answer.h"
#include "vo/services/sesame.h"

namespace platefs::cache {
namespace {

constexpr std::int64_t kUnknownFor = 600;  // seconds: new objects get their names in days

/// What one resolver says is nothing to another; what the latest one said is kept for where none can be asked.
std::string key_of(const std::optional<vo::Url>& service, const std::string& name) {
  return fmt::format("object {} {}", service ? service->text() : "none", name);
}

Document document_of(std::string served, bool is_known, std::int64_t now) {
  return {.bytes = std::move(served),
          .absent = !is_known,
          .fetched_at = now,
          .expires_at = is_known ? INT64_MAX : now + kUnknownFor};
}

/// Where an object is does not change; that nobody knows it does, and the clock may be set back.
bool is_valid(const Document& document, std::int64_t now) {
  return document.expires_at == INT64_MAX || (now < document.expires_at && document.fetched_at <= now);
}

}  // namespace

NameQueries::NameQueries(std::optional<vo::Url> service, vo::Transport& transport, const AnswerKeeping& keeping,
                         std::function<std::int64_t()> now)
    : service_(std::move(service)),
      transport_(transport),
      now_(std::move(now)),
      cache_(keeping, {[](const ObjectAnswer&) { return sizeof(ObjectAnswer); }}) {}

std::optional<ObjectAnswer> NameQueries::told(const std::optional<vo::Url>& service, const std::string& name,
                                              bool stale_too) const {
  const auto found = cache_.find(
      key_of(service, name), [&](const Document& document, bool) { return stale_too || is_valid(document, now_()); },
      [](const Document& document) {
        return std::make_shared<const ObjectAnswer>(ObjectAnswer{vo::read_sesame(document.bytes).position});
      });
  return found ? std::optional{*found->value} : std::nullopt;
}

std::optional<ObjectAnswer> NameQueries::known(const std::string& name) const {
  auto answer = told(service_, name, false);
  if (!answer && !service_) return ObjectAnswer{};
  return answer;
}

ObjectAnswer NameQueries::ask(const std::string& name, const std::stop_token& stop) {
  std::string served;
  const auto told = vo::ask_past_caches_at_last(vo::sesame_request(*service_, name), [&](vo::http::Request request) {
    auto response = vo::fetch(transport_, std::move(request), stop);
    if (response.head.status != 200) throw vo::error_of_status(response.head, response.body);
    served = std::move(response.body);
    return vo::read_sesame(served);
  });
  const ObjectAnswer answer{told.position};
  const auto document = document_of(std::move(served), answer.position.has_value(), now_());
  for (const auto& service : {service_, std::optional<vo::Url>{}}) {
    cache_.put(key_of(service, name), document, std::make_shared<const ObjectAnswer>(answer));
  }
  return answer;
}

/// Objects stay where they are: what another resolver said holds while this one can't be asked. Throws the failure
/// where none said anything.
ObjectAnswer NameQueries::told_before(const std::string& name, const vo::Error& failure) {
  const auto latest = told(std::nullopt, name, true);
  if (!latest || !latest->position) throw failure;
  const auto now = now_();
  cache_.keep(key_of(service_, name), Document{{}, false, now, now + kUnknownFor},
              std::make_shared<const ObjectAnswer>(*latest));
  return *latest;
}

void NameQueries::resolve(const std::string& name, vo::Completion<ObjectAnswer> done) {
  if (auto held = known(name)) return done(*held);
  if (!flight_.join(name, std::move(done))) return;
  auto completion = std::make_shared<vo::Completion<ObjectAnswer>>(
      [this, name](const vo::Outcome<ObjectAnswer>& answer) { flight_.answer(name, answer); });
  pool_.post([this, name, completion](const std::stop_token& stop) {
    try {
      (*completion)(ask(name, stop));
    } catch (...) {
      const auto error = vo::current_error(fmt::format("asking where '{}' is", name));
      try {
        (*completion)(told_before(name, error));
      } catch (const vo::Error& failure) {
        (*completion)(failure);
      }
    }
  });
}

}  // namespace platefs::cache
