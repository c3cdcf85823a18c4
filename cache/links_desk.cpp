// SPDX-License-Identifier: BSD-3-Clause
#include "cache/links_desk.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "vo/datalink_part.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::size_t kLinksInMemory = 20000;
constexpr std::int64_t kFaultLastsSeconds = 600;

bool has_fault_only(const vo::DatalinkDocument& document) {
  return !document.links.empty() &&
         std::ranges::all_of(document.links, [](const vo::Link& link) { return link.is_error(); });
}

// A links service that fails for a plate says nothing against the file that ObsCore names itself.
void add_row_links(vo::DatalinkDocument& document, const vo::Plate& plate) {
  if (!has_fault_only(document) || plate.is_datalink() || plate.access_url.empty()) return;
  for (auto& link : vo::links_of_row(plate).links) document.links.push_back(std::move(link));
}

std::shared_ptr<LinksAnswer> answer_from(vo::DatalinkDocument document, const vo::Plate& plate) {
  auto answer = std::make_shared<LinksAnswer>();
  answer->document = std::move(document);
  add_row_links(answer->document, plate);
  answer->files = vo::plate_links(answer->document, plate);
  return answer;
}

/// The service answered, but not to several IDs.
bool blames_the_batch(ErrorKind kind) {
  return kind == ErrorKind::Rejected || kind == ErrorKind::NotFound || kind == ErrorKind::Malformed;
}

}  // namespace

std::optional<LinksDesk::Question> LinksDesk::question_about(const PlateRef& plate) {
  auto links = vo::Archive::links_question(*plate.table, plate.plate());
  if (!links) return std::nullopt;
  auto key = fmt::format("datalink {} {}", links->endpoint.text(), links->id);
  return Question{plate, std::move(*links), std::move(key)};
}

LinksDesk::Links LinksDesk::keep(const Question& question, const Document& document) {
  auto answer = answer_from(vo::read_datalink(vo::read_votable(document.bytes), question.links.endpoint),
                            question.plate.plate());
  answer->served = document.bytes;
  answer->fetched_at = document.fetched_at;
  if (has_fault_only(answer->document)) return answer;  // it may be well again soon
  const auto memory = memory_.lock();
  (*memory)[question.key] = answer;
  if (memory->size() > kLinksInMemory) memory->erase(memory->begin());
  return answer;
}

LinksDesk::Links LinksDesk::keep_new(const Question& question, std::string document) {
  const auto now = options_.now();
  Document kept{std::move(document), false, now, 0};
  auto links = keep(question, kept);
  const bool is_fault = has_fault_only(links->document);
  kept.expires_at = now + (is_fault ? kFaultLastsSeconds : options_.expires_after);
  remember(writer_, question.key, kept);
  return links;
}

LinksDesk::Links LinksDesk::remembered(const Question& question, bool stale_too) {
  {
    const auto memory = memory_.lock();
    const auto found = memory->find(question.key);
    if (found != memory->end()) return found->second;
  }
  const auto document = store_.document(question.key);
  if (!document || (!stale_too && !options_.is_fresh(*document))) return nullptr;
  try {
    return keep(question, *document);
  } catch (const Error&) {
    return nullptr;
  }
}

LinksDesk::Links LinksDesk::known_links(const PlateRef& plate) {
  const auto question = question_about(plate);
  if (!question) return answer_from(vo::links_of_row(plate.plate()), plate.plate());
  return remembered(*question, false);
}

void LinksDesk::links_of(const PlateRef& plate, vo::Completion<Links> done) {
  if (auto held = known_links(plate)) return done(std::move(held));
  const auto question = *question_about(plate);
  if (flight_.join(question.key, std::move(done))) ask(question);
}

void LinksDesk::ask(const Question& question) {
  post(question, [this, question](const std::stop_token& stop) { answer(question, stop); });
}

/// A conversation that is dropped with the pool answers "cancelled"; one that runs answers itself.
void LinksDesk::post(const Question& question, QueryPool::Job conversation) {
  auto has_begun = std::make_shared<bool>(false);
  auto duty = std::make_shared<vo::Completion<bool>>([this, key = question.key, has_begun](const vo::Outcome<bool>&) {
    if (!*has_begun) flight_.answer(key, Error{ErrorKind::Cancelled, "platefs ends"});
  });
  pool_.post([conversation = std::move(conversation), has_begun, duty](const std::stop_token& stop) {
    *has_begun = true;
    conversation(stop);
  });
}

void LinksDesk::answer(const Question& question, const std::stop_token& stop) {
  const auto questions = with_neighbours(question);
  if (questions.size() == 1) return answer_alone(question, stop);
  answer_together(questions, stop);
}

/// Those that follow in the table, are asked for at the same place, and neither known nor on their way.
std::vector<LinksDesk::Question> LinksDesk::with_neighbours(const Question& question) {
  const auto endpoint = question.links.endpoint.text();
  const auto& table = question.plate.table;
  const auto size = batches_.size_for(table.get(), question.plate.index, endpoint);
  std::vector<Question> questions{question};
  for (std::size_t i = 1; i < size && question.plate.index + i < table->plates.size(); ++i) {
    auto neighbour = question_about({table, question.plate.index + i});
    if (!neighbour || neighbour->links.id.empty() || neighbour->links.endpoint.text() != endpoint) continue;
    if (!remembered(*neighbour, false) && flight_.join(neighbour->key, {})) questions.push_back(*neighbour);
  }
  return questions;
}

void LinksDesk::answer_alone(const Question& question, const std::stop_token& stop) {
  try {
    auto document = archive_.links_document(question.links.endpoint, {question.links.id}, stop);
    flight_.answer(question.key, keep_new(question, std::move(document)));
  } catch (...) {
    fail(question, vo::current_error(
                       fmt::format("reading the DataLink of {}", question.plate.plate().obs_publisher_did)));
  }
}

void LinksDesk::fail(const Question& question, const Error& error) {
  const auto old = remembered(question, true);
  flight_.answer(question.key, old ? vo::Outcome<Links>{old} : vo::Outcome<Links>{error});
}

void LinksDesk::answer_together(const std::vector<Question>& questions, const std::stop_token& stop) {
  const auto& endpoint = questions.front().links.endpoint;
  std::vector<std::string> ids;
  for (const auto& question : questions) ids.push_back(question.links.id);
  std::string document;
  try {
    document = archive_.links_document(endpoint, ids, stop);
  } catch (...) {
    const auto error = vo::current_error(fmt::format("reading the DataLink of {} plates", ids.size()));
    if (!blames_the_batch(error.kind())) {
      for (const auto& question : questions) fail(question, error);
      return;
    }
  }
  bool is_complete = true;
  for (const auto& question : questions) {
    auto part = vo::datalink_part(document, question.links.id);
    is_complete &= part.has_value();
    if (part) {
      flight_.answer(question.key, keep_new(question, std::move(*part)));
    } else {
      leave_to_itself(question);
    }
  }
  if (!is_complete) batches_.takes_one_only(endpoint.text());
}

/// No answer in a batch: asked for alone, if somebody waits for it.
void LinksDesk::leave_to_itself(const Question& question) {
  if (flight_.drop_if_unwanted(question.key)) return;
  post(question, [this, question](const std::stop_token& stop) { answer_alone(question, stop); });
}

}  // namespace platefs::cache
