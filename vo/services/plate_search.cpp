// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/plate_search.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "vo/services/service_answer.h"
#include "vo/services/siap.h"
#include "vo/services/sky_region.h"
#include "vo/services/table_search.h"
#include "vo/services/tap_job.h"
#include "vo/services/tap_upload.h"
#include "vo/votable/packed_table.h"

namespace platefs::vo {
namespace {

constexpr std::uint64_t kLargestTapAnswer = 192ull << 20;  // 100,000 rows of ObsCore have half of it
constexpr std::size_t kMostPages = 50;
/// A page begins that much before the last date of the one before it, in days: numbers are printed.
constexpr double kOverlap = 1e-6;

/// Servers and what is in front of them take so much, whatever they are.
constexpr std::size_t kLongestUrl = 2000;

Url::Parameters plates_parameters(const std::string& adql) {
  auto parameters = sync_parameters(adql);
  parameters.emplace_back("MAXREC", std::to_string(kMostPlates));
  return parameters;
}

/// What servers say to a query that they would take by POST: not this method, not so long; and firewalls, which take
/// SQL in a URL for an attack.
bool is_refusal_of_get(int status) {
  return status == 403 || status == 405 || status == 406 || status == 414 || status == 501;
}

/// Where a row's area is told, by columns of the table.
class Areas {
 public:
  Areas(const Votable& plates, Angle usual_field)
      : rows_(plates.rows),
        usual_field_(usual_field.as_degrees()),
        region_(plates.column("s_region", "char.spatialaxis.coverage.support.area")),
        ra_(plates.column("s_ra")),
        dec_(plates.column("s_dec")),
        field_(plates.column("s_fov")) {}

  bool has_region(std::size_t row) const {
    return region_ >= 0 && rows_.cell(row, static_cast<std::size_t>(region_)) != CellView{};
  }

  /// The area of the row contains the place; where the circle has a radius, it meets that.
  bool has(std::size_t row, const Cone& place) const {
    const auto is_wanted = [&place](const SkyRegion& region) {
      return place.radius.as_degrees() > 0 ? region.meets(place) : region.contains(place.centre);
    };
    if (const auto region = SkyRegion::parse(region_ < 0 ? std::string{} : text(row))) return is_wanted(*region);
    const auto ra = number(row, ra_), dec = number(row, dec_);
    if (!ra || !dec || *ra < 0 || *ra >= 360 || std::abs(*dec) > 90) return true;  // then it was not found by them
    const auto centre = IcrsPosition::at(Angle::degrees(*ra), Angle::degrees(*dec));
    const auto field = number(row, field_).value_or(usual_field_);
    return is_wanted(SkyRegion::circle(centre, Angle::degrees(field > 0 ? field : usual_field_)));
  }

 private:
  std::string text(std::size_t row) const { return text_of(rows_.cell(row, static_cast<std::size_t>(region_))); }
  std::optional<double> number(std::size_t row, int column) const {
    if (column < 0) return std::nullopt;
    const auto value = number_of(rows_.cell(row, static_cast<std::size_t>(column)));
    return value && std::isfinite(*value) ? value : std::nullopt;
  }

  const VotableRows& rows_;
  double usual_field_;  // deg
  int region_, ra_, dec_, field_;
};

std::optional<double> last_date(const Votable& plates) {
  const int column = plates.column("t_min");
  if (column < 0 || plates.rows.empty()) return std::nullopt;
  const auto value = number_of(plates.rows.cell(plates.rows.size() - 1, static_cast<std::size_t>(column)));
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Adds the rows of `next` that are not among the last of `plates`, which are asked for once more with it. False: none.
bool append_page(Votable& plates, const Votable& next, double from) {
  const auto column = static_cast<std::size_t>(plates.column("t_min"));
  std::size_t first = plates.rows.size();
  while (first > 0) {
    const auto date = number_of(plates.rows.cell(first - 1, column));
    if (date && *date < from) break;
    --first;
  }
  const auto overlap = plates.rows.size();
  for (const auto row : next.rows) {
    bool is_known = false;
    for (auto i = first; i < overlap && !is_known; ++i) is_known = plates.rows[i] == row;
    if (!is_known) plates.rows.push_back(row.values());
  }
  plates.truncated = next.truncated;
  return plates.rows.size() > overlap;
}

constexpr std::array<std::pair<PlaceForm, std::string_view>, 3> kForms{
    {{PlaceForm::Region, "region"}, {PlaceForm::RegionOrBox, "region-or-centre"}, {PlaceForm::Box, "centre"}}};

}  // namespace

std::string text_of(const SearchHabits& habits) {
  const auto* const form = std::ranges::find(kForms, habits.form, &std::pair<PlaceForm, std::string_view>::first);
  return fmt::format("{}{}{}{}", form->second, habits.is_form_known ? " known" : "", habits.wants_jobs ? " jobs" : "",
                     habits.wants_post ? " post" : "");
}

std::optional<SearchHabits> habits_in(std::string_view text) {
  const auto word = text.substr(0, text.find(' '));
  const auto* const form = std::ranges::find(kForms, word, &std::pair<PlaceForm, std::string_view>::second);
  if (form == kForms.end()) return std::nullopt;
  const auto has = [text](std::string_view said) { return text.find(said) != text.npos; };
  return SearchHabits{form->first, has(" known"), has(" jobs"), has(" post")};
}

void PlateSearch::resume(const SearchHabits& habits) {
  wants_jobs_ = habits.wants_jobs;
  wants_post_ = habits.wants_post;
  if (service_.place_form) return;
  form_ = habits.form;
  is_form_known_ = habits.is_form_known;
}

namespace {

std::string question_at_its_url(const TapService& service, const IcrsPosition& position) {
  switch (service.kind) {
    case ServiceKind::Siap2:
      return siap2_query(service, position).url.text();
    case ServiceKind::Siap1:
      return siap1_query(service, position).url.text();
    case ServiceKind::Table:
      return table_question(service, position);
    case ServiceKind::Tap:
      return plates_adql(service, position);
    case ServiceKind::Template:
    case ServiceKind::StarGlass:
      break;
  }
  return own_protocol(service)->plates_question(position);
}

}  // namespace

/// One that is a URL is the same question at whichever URL a service with an id is reached.
std::string plates_question(const TapService& service, const IcrsPosition& position) {
  auto question = question_at_its_url(service, position);
  const auto base = service_base(service.url);
  if (!service.id.empty() && question.starts_with(base)) question.replace(0, base.size(), service_key(service));
  return question;
}

bool drop_rows_outside(Votable& plates, PlaceForm form, const IcrsPosition& position, Angle reach, Angle usual_field) {
  if (form == PlaceForm::Region) return false;
  const Areas areas{plates, usual_field};
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < plates.rows.size(); ++i) {
    const bool was_compared = form == PlaceForm::RegionOrBox && areas.has_region(i);
    if (was_compared || areas.has(i, {position, reach})) inside.push_back(i);
  }
  if (inside.size() == plates.rows.size()) return false;
  plates.rows = plates.rows.selected(inside);
  return true;
}

PlateSearch::PlateSearch(const TapService& service, Transport& transport)
    : service_(service),
      transport_(transport),
      own_(own_protocol(service)),
      form_(service.place_form.value_or(PlaceForm::RegionOrBox)),
      is_form_known_(service.place_form.has_value()) {
  if (service.kind == ServiceKind::Table) table_ = std::make_unique<TableSearch>(service_, transport_);
}

PlateSearch::~PlateSearch() = default;

PlateSearch::Answer PlateSearch::at(const IcrsPosition& position, const std::stop_token& stop) {
  switch (service_.kind) {
    case ServiceKind::Tap:
      return by_tap(position, stop);
    case ServiceKind::Template:
    case ServiceKind::StarGlass:
      break;
    case ServiceKind::Siap2:
      return accepted_from(siap2_query(service_, position), stop);
    case ServiceKind::Siap1: {
      auto answer = accepted_from(siap1_query(service_, position), stop);
      name_as_obscore(answer.read.table);
      answer.body.clear();
      return answer;
    }
    case ServiceKind::Table: {
      auto [read, failure] = table_->at(position, stop);
      return {std::move(read), {}, std::move(failure)};
    }
  }
  auto document = own_->plates_document(transport_, position, stop);
  auto read = read_framed_votable(document);
  return {std::move(read), std::move(document)};
}

PlateSearch::Answer PlateSearch::by_tap(const IcrsPosition& position, const std::stop_token& stop) {
  const auto form = form_.load();
  try {
    auto answer = by_form(form, position, stop);
    is_form_known_ = true;
    return answer;
  } catch (const Error& refusal) {
    if (refusal.kind() != ErrorKind::Rejected || is_form_known_.exchange(true)) throw;
    // Once: what is wrong with the question otherwise does not get better by others.
    for (const auto other : {PlaceForm::Region, PlaceForm::Box}) {
      if (other == PlaceForm::Box && !is_refusal_of_geometry(refusal)) break;
      try {
        auto answer = by_form(other, position, stop);
        form_ = other;
        return answer;
      } catch (const Error& again) {
        if (again.kind() != ErrorKind::Rejected) throw;
      }
    }
    throw refusal;
  }
}

PlateSearch::Answer PlateSearch::by_form(PlaceForm form, const IcrsPosition& position, const std::stop_token& stop) {
  auto answer = asked(plates_adql(service_, position, form), stop);
  auto& plates = answer.read.table;
  for (std::size_t page = 1; plates.truncated && page < kMostPages && plates.rows.size() < kMostPlates; ++page) {
    const auto last = last_date(plates);
    if (!last) break;
    const double from = *last - kOverlap;
    auto next = asked(plates_adql(service_, position, form, from), stop);
    if (next.read.table.fields.size() != plates.fields.size()) break;
    const bool has_more = append_page(plates, next.read.table, from);
    if (!plates.truncated) answer.read.frame = std::move(next.read.frame);
    answer.body.clear();
    if (!has_more) break;
  }
  if (drop_rows_outside(plates, form, position, service_.reach, service_.usual_field)) answer.body.clear();
  return answer;
}

PlateSearch::Answer PlateSearch::asked(const std::string& adql, const std::stop_token& stop) {
  if (!wants_jobs_) {
    try {
      return asked_at_once(adql, stop);
    } catch (const Error& failure) {
      if (!asks_for_a_job(failure)) throw;
      try {
        auto answer = read_answer(job_answer(transport_, service_, adql, {.largest_result = kLargestTapAnswer}, stop));
        wants_jobs_ = true;
        return answer;
      } catch (const Error& of_job) {
        if (of_job.kind() == ErrorKind::Cancelled) throw;
        throw failure;
      }
    }
  }
  return read_answer(job_answer(transport_, service_, adql, {.largest_result = kLargestTapAnswer}, stop));
}

PlateSearch::Answer PlateSearch::asked_at_once(const std::string& adql, const std::stop_token& stop) {
  const auto parameters = plates_parameters(adql);
  auto request = query_to(service_);
  if (service_.is_behind_cache && !wants_post_) {
    const auto url = request.url.with_query(parameters);
    if (url.text().size() < kLongestUrl) {
      if (auto answer = asked_by_get(url, stop)) return std::move(*answer);
      wants_post_ = true;
    }
  }
  request.form = form_encoded(parameters);
  return accepted_from(std::move(request), stop);
}

/// Nothing: it is to be asked by POST.
std::optional<PlateSearch::Answer> PlateSearch::asked_by_get(const Url& url, const std::stop_token& stop) {
  auto request = query_to(service_);
  request.url = url;
  request.max_body = kLargestTapAnswer;
  request.compressible = true;
  return read_answer_of(transport_, std::move(request), true, stop, [](http::Response response) {
    return is_refusal_of_get(response.head.status) ? std::nullopt : std::optional{read_answer(std::move(response))};
  });
}

PlateSearch::Answer PlateSearch::accepted_from(http::Request request, const std::stop_token& stop) {
  request.max_body = kLargestTapAnswer;
  request.compressible = true;
  return read_answer_of(transport_, std::move(request), service_.is_behind_cache, stop,
                        [](http::Response response) { return read_answer(std::move(response)); });
}

PlateSearch::Answer PlateSearch::read_answer(http::Response response) {
  auto body = accepted(std::move(response), kLargestTapAnswer);
  auto read = read_framed_votable(body);
  return {std::move(read), std::move(body)};
}

PlateSearch::Many PlateSearch::at_each(std::span<const IcrsPosition> positions, const std::stop_token& stop) {
  const auto form = form_.load();
  if (service_.kind != ServiceKind::Tap || form == PlaceForm::Box || wants_jobs_) return {};
  auto request = plates_join_query(service_, form, positions);
  request.max_body = kLargestTapAnswer;
  request.compressible = true;
  const auto joined = read_votable(accepted(fetch(transport_, std::move(request), stop), kLargestTapAnswer));
  if (joined.truncated) return {{}, joined.rows.size()};
  Many many{plates_by_position(joined, positions.size()), joined.rows.size()};
  if (form == PlaceForm::Region) return many;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    auto read = read_framed_votable(many.documents[i]);
    if (drop_rows_outside(read.table, form, positions[i], service_.reach)) many.documents[i] = packed_table(read);
  }
  return many;
}

}  // namespace platefs::vo
