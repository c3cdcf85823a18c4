// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/name_queries.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

#include "cache/answers/freshness.h"
#include "vo/base/error.h"
#include "vo/services/sesame.h"

namespace platefs::cache {
namespace {

constexpr std::int64_t kUnknownFor = 600;  // seconds: new objects get their names in days
constexpr std::size_t kMostRecent = 10000;

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

template <typename Map, typename Known>
void keep(Map& recent, const std::string& name, const Known& known) {
  if (recent.size() >= kMostRecent) recent.erase(recent.begin());
  recent[name] = known;
}

}  // namespace

NameQueries::NameQueries(std::optional<vo::Url> service, vo::Transport& transport, Store& store, Writer& writer,
                         std::function<std::int64_t()> now)
    : service_(std::move(service)), transport_(transport), store_(store), writer_(writer), now_(std::move(now)) {}

std::optional<NameQueries::Known> NameQueries::stored(const std::optional<vo::Url>& service,
                                                      const std::string& name) const {
  const auto held = store_.document(key_of(service, name));
  if (!held) return std::nullopt;
  try {
    return Known{{vo::read_sesame(held->bytes).position}, held->expires_at, held->fetched_at};
  } catch (const vo::Error&) {
    return std::nullopt;  // unreadable now, whatever it was: ask again
  }
}

std::optional<ObjectAnswer> NameQueries::known(const std::string& name) const {
  const auto now = now_();
  auto recent = recent_.lock();
  const auto found = recent->find(name);
  if (found != recent->end() && found->second.is_valid(now)) return found->second.answer;
  if (const auto held = stored(service_, name); held && held->is_valid(now)) {
    keep(*recent, name, *held);
    return held->answer;
  }
  if (!service_) return ObjectAnswer{};
  return std::nullopt;
}

ObjectAnswer NameQueries::ask(const std::string& name, const std::stop_token& stop) {
  auto response = vo::fetch(transport_, vo::sesame_request(*service_, name), stop);
  if (response.head.status != 200) throw vo::error_of_status(response.head, response.body);
  const ObjectAnswer answer{vo::read_sesame(response.body).position};
  const auto document = document_of(std::move(response.body), answer.position.has_value(), now_());
  remember(writer_, key_of(service_, name), document);
  remember(writer_, key_of(std::nullopt, name), document);
  keep(*recent_.lock(), name, Known{answer, document.expires_at, document.fetched_at});
  return answer;
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
      // Objects stay where they are: what another resolver said holds while this one can't be asked.
      const auto told = stored(std::nullopt, name);
      if (!told || !told->answer.position) return (*completion)(error);
      keep(*recent_.lock(), name, Known{told->answer, now_() + kUnknownFor, now_()});
      (*completion)(told->answer);
    }
  });
}

}  // namespace platefs::cache
