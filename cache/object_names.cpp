// SPDX-License-Identifier: BSD-3-Clause
#include "cache/object_names.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

#include "vo/sesame.h"

namespace platefs::cache {
namespace {

constexpr std::int64_t kUnknownFor = 600;            // seconds: new objects get their names in days

std::string key_of(const std::string& name) { return "object " + name; }

Document document_of(std::string served, bool is_known, std::int64_t now) {
  return {.bytes = std::move(served),
          .absent = !is_known,
          .fetched_at = now,
          .expires_at = is_known ? INT64_MAX : now + kUnknownFor};
}

void remember(Writer& writer, const std::string& key, const Document& document) {
  writer.post([key, document](Store& store) {
    try {
      store.put_document(key, document);
    } catch (const vo::Error&) {
      // A full disk costs a question next time, not this answer.
    }
  });
}

}  // namespace

ObjectNames::ObjectNames(std::optional<vo::Url> service, vo::Transport& transport, Store& store,
                         Writer& writer, std::function<std::int64_t()> now)
    : service_(std::move(service)),
      transport_(transport),
      store_(store),
      writer_(writer),
      now_(std::move(now)) {}

std::optional<ObjectAnswer> ObjectNames::known(const std::string& name) const {
  const auto held = store_.document(key_of(name));
  if (held && now_() < held->expires_at) {
    try {
      return ObjectAnswer{vo::read_sesame(held->bytes).position};
    } catch (const vo::Error&) {
      // Unreadable now, whatever it was: ask again.
    }
  }
  if (!service_) return ObjectAnswer{};
  return std::nullopt;
}

ObjectAnswer ObjectNames::ask(const std::string& name, const std::stop_token& stop) {
  auto response = vo::fetch(transport_, vo::sesame_request(*service_, name), stop);
  if (response.head.status != 200) throw vo::error_of_status(response.head, response.body);
  const auto answer = vo::read_sesame(response.body);
  remember(writer_, key_of(name),
           document_of(std::move(response.body), answer.position.has_value(), now_()));
  return {answer.position};
}

void ObjectNames::resolve(const std::string& name, vo::Completion<ObjectAnswer> done) {
  if (auto held = known(name)) return done(*held);
  if (!flight_.join(name, std::move(done))) return;
  auto duty = std::make_shared<vo::Completion<ObjectAnswer>>(
      [this, name](const vo::Outcome<ObjectAnswer>& answer) { flight_.answer(name, answer); });
  pool_.post([this, name, duty](const std::stop_token& stop) {
    try {
      (*duty)(ask(name, stop));
    } catch (...) {
      (*duty)(vo::current_error(fmt::format("asking where '{}' is", name)));
    }
  });
}

}  // namespace platefs::cache
