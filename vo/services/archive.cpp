// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/archive.h"

#include <utility>

#include "vo/base/inflate.h"
#include "vo/http/retry_policy.h"
#include "vo/services/own_protocol.h"
#include "vo/services/service_answer.h"
#include "vo/services/tap_capabilities.h"
#include "vo/votable/packed_table.h"

namespace platefs::vo {
namespace {

/// What is kept of larger ones is packed.
constexpr std::size_t kLargeTapAnswer = std::size_t{1} << 20;
/// The service was not reached, or is out of order: what it says of the question would be said elsewhere as well.
bool may_be_elsewhere(ErrorKind kind) {
  return kind == ErrorKind::Refused || kind == ErrorKind::Unreachable || kind == ErrorKind::TimedOut ||
         kind == ErrorKind::Unavailable;
}

constexpr std::uint64_t kLargestCapabilities = 4ull << 20;
constexpr std::uint64_t kLargestDatalink = 16ull << 20;

LinksQuestion question_in(const Url& access_url) {
  const auto ids = access_url.parameter("ID");
  // No ID parameter: the identity is part of the path, and the URL is asked as it is.
  if (ids.size() != 1) return {access_url, "", access_url, false};
  const bool is_as_in_the_standard = access_url.text().find("ID=") != std::string::npos;
  return {access_url.without_parameter("ID"), ids.front(), access_url, is_as_in_the_standard};
}

/// The service attached to the table, asked about the value of the column that it refers to.
std::optional<LinksQuestion> question_to_service(const PlateTable& table, const Plate& plate) {
  if (!table.links_service) return std::nullopt;
  const auto id = text_of(table.table.rows.cell(plate.row, static_cast<std::size_t>(table.links_id_column)));
  if (id.empty()) return std::nullopt;
  Url::Parameters fixed;
  for (const auto& input : table.links_service->inputs) {
    if (input.ref.empty() && !input.value.empty()) fixed.emplace_back(input.name, input.value);
  }
  return LinksQuestion{Url::parse(table.links_service->access_url).with_query(fixed), id};
}

/// That is asked of the archive itself, whatever stands for its endpoint.
std::optional<LinksQuestion> question_in_own_protocol(const PlateTable& table, const Plate& plate) {
  auto id = table.own->files_id(plate);
  if (id.empty()) return std::nullopt;
  return LinksQuestion{*table.service, std::move(id), {}, false};
}

}  // namespace

Archive::Archive(TapService service, Transport& transport)
    : service_(std::move(service)), transport_(transport), search_(service_, transport) {
  for (const auto& url : service_.mirrors) {
    auto mirror = service_;
    mirror.url = url;
    mirror.mirror_of = authority_of(service_);
    mirrors_.push_back(std::make_unique<Mirror>(std::move(mirror), transport));
  }
}

PlateSearch::Answer Archive::asked_in_turn(const IcrsPosition& position, const std::stop_token& stop) const {
  if (mirrors_.empty()) return search_.at(position, stop);
  constexpr std::chrono::minutes kTurnLasts{5};
  const auto turn = *turn_.lock();
  std::vector<std::size_t> order;  // 0 is the service itself
  if (Clock::now() < turn.until) order.push_back(turn.mirror);
  for (std::size_t i = 0; i <= mirrors_.size(); ++i) {
    if (order.empty() || order.front() != i) order.push_back(i);
  }
  std::optional<Error> failure;
  for (const auto i : order) {
    try {
      auto answer = i == 0 ? search_.at(position, stop) : mirrors_[i - 1]->search.at(position, stop);
      if (i != 0 && failure) *turn_.lock() = {i, Clock::now() + kTurnLasts};
      return answer;
    } catch (const Error& error) {
      if (!may_be_elsewhere(error.kind())) throw;
      failure = failure ? Error{failure->kind(), failure->message() + "; its mirror: " + error.message()} : error;
    }
  }
  throw *failure;
}

Archive::Plates Archive::plates_at(const IcrsPosition& position, const std::stop_token& stop) const {
  auto [read, body, failure] = asked_in_turn(position, stop);
  if (body.empty() || body.size() > kLargeTapAnswer) {
    body = {};  // beside what is packed there is no room for it
    body = packed_table(read);
  }
  return {std::move(body), plates_in(std::move(read.table)), std::move(failure)};
}

Archive::PlatesOfMany Archive::plates_documents(std::span<const IcrsPosition> positions,
                                                const std::stop_token& stop) const {
  auto [documents, rows] = search_.at_each(positions, stop);
  // All have the same fields: where one is a table of plates, all are.
  if (!documents.empty()) plates_from_document(documents.front());
  return {std::move(documents), rows};
}

std::string Archive::capabilities_document(const std::stop_token& stop) const {
  http::Request request{.url = resource_url(service_, "capabilities")};
  request.on_behalf_of = service_url(service_);
  request.max_body = kLargestCapabilities;
  request.compressible = true;
  return read_answer_of(transport_, std::move(request), service_.is_behind_cache, stop, [](http::Response response) {
    auto body = accepted(std::move(response), kLargestCapabilities);
    takes_inline_upload(body);
    return body;
  });
}

PlateTable Archive::plates_from_document(std::string_view document) const {
  return plates_in(is_packed_table(document) ? unpacked_table(document) : read_votable(document));
}

PlateTable Archive::plates_in(Votable table) const {
  auto plates = plates_from(std::move(table), service_.name);
  plates.authority = authority_of(service_);
  const Text authority{plates.authority};
  for (auto& plate : plates.plates) plate.authority = authority;
  plates.service = service_url(service_);
  plates.own = search_.own();
  if (plates.own) {
    for (auto& plate : plates.plates) plate.scan_name = plate.obs_id;
  }
  return plates;
}

std::optional<LinksQuestion> Archive::links_question(const PlateTable& table, const Plate& plate) {
  try {
    if (table.own) return question_in_own_protocol(table, plate);
    if (plate.is_datalink()) return question_in(Url::parse(plate.access_url));
    for (const auto row : plate.further_rows) {
      if (table.plates[row].is_datalink()) return question_in(Url::parse(table.plates[row].access_url));
    }
    return question_to_service(table, plate);
  } catch (const Error&) {
    return std::nullopt;  // an access URL or a descriptor's URL that is none
  }
}

std::optional<LinksQuestion> Archive::links_question_by_url(const Plate& plate) {
  try {
    return plate.access_url.empty() ? std::nullopt : std::optional{question_in(Url::parse(plate.access_url))};
  } catch (const Error&) {
    return std::nullopt;
  }
}

Archive::LinksDocument Archive::links_document(const Url& endpoint, const std::vector<std::string>& ids,
                                               const std::stop_token& stop) const {
  Url::Parameters parameters;
  for (const auto& id : ids) {
    if (!id.empty()) parameters.emplace_back("ID", id);
  }
  return links_document_at(endpoint.with_query(parameters), stop);
}

Archive::LinksDocument Archive::links_document(const LinksQuestion& question, const std::stop_token& stop) const {
  if (question.as_stated) return links_document_at(*question.as_stated, stop);
  if (const auto& own = search_.own()) {
    auto body = own->files_document(transport_, question.id, stop);
    auto links = read_datalink(read_votable(body));
    return {std::move(body), std::move(links)};
  }
  return links_document(question.endpoint, {question.id}, stop);
}

Archive::LinksDocument Archive::links_document_at(Url url, const std::stop_token& stop) const {
  http::Request request{.url = std::move(url)};
  request.on_behalf_of = service_url(service_);
  request.max_body = kLargestDatalink;
  request.compressible = true;
  return read_answer_of(transport_, std::move(request), service_.is_behind_cache, stop, [](http::Response response) {
    auto body = accepted(std::move(response), kLargestDatalink);
    auto links = read_datalink(read_votable(body));
    return LinksDocument{std::move(body), std::move(links)};
  });
}

}  // namespace platefs::vo
