// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/plate_queries.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {
namespace {

/// Rows of other types are asked for in a way of their own.
std::string key_of_habits(const vo::TapService& service) {
  auto key = fmt::format("asked {} {}", vo::service_key(service), service.table);
  if (service.wanted != "plates") key.append(" ").append(service.wanted);
  return key;
}

Freshness with_service(Freshness options, const vo::TapService& service) {
  if (service.answers_last) options.expires_after = std::min(options.expires_after, service.answers_last->count());
  return options;
}

}  // namespace

PlateQueries::PlateQueries(vo::TapService service, vo::Transport& transport, const AnswerKeeping& keeping,
                           Freshness options)
    : archive_(std::move(service), transport),
      writer_(keeping.writer),
      options_(with_service(std::move(options), archive_.service())),
      answers_(archive_, keeping, options_),
      links_(archive_, keeping, options_, pool_),
      ahead_({archive_, answers_, flight_, keeping, pool_, options_},
             [this](const std::string& key, const vo::IcrsPosition& position) { ask(key, position); }),
      pool_(options_.threads) {
  take_up_habits(keeping.store);
}

/// How the service wants to be asked was found out by failures, each of which may take minutes.
void PlateQueries::take_up_habits(Store& store) {
  const auto document = store.document(key_of_habits(archive_.service()));
  if (document && options_.is_fresh(*document)) {
    if (const auto habits = vo::habits_in(document->bytes)) archive_.resume(*habits);
  }
  *kept_habits_.lock() = archive_.habits();
}

void PlateQueries::keep_habits() {
  const auto habits = archive_.habits();
  if (std::exchange(*kept_habits_.lock(), habits) == habits) return;
  const auto now = options_.now();
  remember(writer_, key_of_habits(archive_.service()), {vo::text_of(habits), false, now, now + options_.expires_after});
}

ArchiveAnswer PlateQueries::asked_plates(const std::string& key, const vo::IcrsPosition& position,
                                         const std::stop_token& stop) {
  if (auto held = answers_.find(key, false)) return *held;  // it came by another question meanwhile
  try {
    const auto now = options_.now();
    auto plates = archive_.plates_at(position, stop);
    keep_habits();
    if (plates.failure) {
      const auto error = plates.failure->within(fmt::format("asking {} for {}", name(), archive_.service().wanted));
      return {name(), std::make_shared<const vo::PlateTable>(std::move(plates.table)), error, now};
    }
    return answers_.keep(key, std::move(plates), now);
  } catch (...) {
    const auto error = vo::current_error(fmt::format("asking {} for {}", name(), archive_.service().wanted));
    if (auto old = answers_.find(key, true)) {
      old->failure = error;
      return *old;
    }
    return {name(), nullptr, error, 0};
  }
}

void PlateQueries::plates_at(const vo::IcrsPosition& position, vo::Completion<ArchiveAnswer> done) {
  const auto key = answers_.key_of(position);
  if (auto held = answers_.find(key, false)) return done(std::move(*held));
  if (flight_->join(key, std::move(done))) ask(key, position);
}

void PlateQueries::ask(const std::string& key, const vo::IcrsPosition& position) {
  auto completion = std::make_shared<vo::Completion<ArchiveAnswer>>(
      [flight = flight_, key](const vo::Outcome<ArchiveAnswer>& answer) { flight->answer(key, answer); });
  pool_.post([this, key, position, completion](const std::stop_token& stop) {
    // Told when it is remembered: whoever asks again at once must not find nothing.
    writer_.post([completion, answer = asked_plates(key, position, stop)](Store&) { (*completion)(answer); });
  });
}

}  // namespace platefs::cache
