// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/star_queries.h"

#include <fmt/format.h>

#include <utility>

#include "vo/base/error.h"
#include "vo/services/service_answer.h"

namespace platefs::cache {
namespace {

constexpr std::int64_t kLastsSeconds = 90LL * 86400;
constexpr std::uint64_t kLargestAnswer = 16ull << 20;

}  // namespace

StarQueries::StarQueries(std::optional<vo::StarCatalogue> catalogue, vo::Transport& transport,
                         const AnswerKeeping& keeping, std::function<std::int64_t()> now)
    : catalogue_(std::move(catalogue)),
      transport_(transport),
      now_(std::move(now)),
      cache_(keeping, {[](const std::string& text) { return text.size(); }}) {}

/// The whole question: another table, column or limit is another one.
std::string StarQueries::key_of(const vo::Cone& cone) const {
  return fmt::format("stars {} {}", vo::service_base(catalogue_->service.url), vo::stars_adql(*catalogue_, cone));
}

StarQueries::Table StarQueries::known(const vo::Cone& cone) const {
  if (!catalogue_) return nullptr;
  const auto now = now_();
  const auto is_good = [now](const Document& document, bool) {
    return now < document.expires_at && document.fetched_at <= now;  // the clock may be set back
  };
  const auto found = cache_.find(key_of(cone), is_good, [](const Document& document) {
    return std::make_shared<const std::string>(document.bytes);
  });
  return found ? found->value : nullptr;
}

void StarQueries::ask(const vo::Cone& cone, vo::Completion<Table> done) {
  if (!catalogue_) return done(vo::Error{vo::ErrorKind::NotFound, "the configuration names no catalogue of stars"});
  if (auto held = known(cone)) return done(std::move(held));
  const auto key = key_of(cone);
  if (!flight_.join(key, std::move(done))) return;
  pool_.run<Table>(
      fmt::format("asking {} for stars", catalogue_->title),
      [this, cone](const std::stop_token& stop) { return asked(cone, stop); },
      [this, key](const vo::Outcome<Table>& told) { flight_.answer(key, told); });
}

StarQueries::Table StarQueries::asked(const vo::Cone& cone, const std::stop_token& stop) {
  auto request = vo::sync_query(catalogue_->service, vo::stars_adql(*catalogue_, cone));
  request.max_body = kLargestAnswer;
  request.compressible = true;
  const auto body = vo::accepted(vo::fetch(transport_, std::move(request), stop), kLargestAnswer);
  const auto stars = vo::stars_in(vo::read_votable(body));
  const auto table =
      std::make_shared<const std::string>(vo::sequence_csv(vo::lettered(vo::offered_stars(stars, cone), cone)));
  const auto now = now_();
  cache_.put(key_of(cone), {.bytes = *table, .absent = false, .fetched_at = now, .expires_at = now + kLastsSeconds},
             table);
  return table;
}

}  // namespace platefs::cache
