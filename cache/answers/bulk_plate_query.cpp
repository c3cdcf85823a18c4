// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/bulk_plate_query.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "vo/services/tap_capabilities.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr int kMostCutShort = 10;  // from 100 down to one takes seven

}  // namespace

void BatchSize::was_too_much(std::size_t positions, std::size_t rows) {
  limit_ = std::min(limit_, rows);
  next_ = std::max<std::size_t>(positions / 2, 1);
  ++cut_short_;
}

void BatchSize::was_answered(std::size_t rows) {
  if (rows < limit_ / 2) next_ = std::min(2 * next_, kMost);
}

bool BatchSize::is_hopeless() const { return cut_short_ > kMostCutShort; }

/// Questions that are joined in the flight: those that are left when it goes are told that platefs ends.
struct PlatesAhead::Batch {
  explicit Batch(Flight& answers) : flight(answers) {}
  ~Batch() {
    for (const auto& question : questions) flight.answer(question.key, Error{ErrorKind::Cancelled, "platefs ends"});
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  Flight& flight;
  std::deque<Question> questions;
};

PlatesAhead::PlatesAhead(const Desk& desk, AskAlone ask_alone) : desk_(desk), ask_alone_(std::move(ask_alone)) {}

void PlatesAhead::bring(const std::vector<vo::IcrsPosition>& positions) {
  auto batch = std::make_shared<Batch>(desk_.flight);
  for (const auto& position : positions) {
    auto key = desk_.memory.key_of(position);
    if (desk_.memory.is_fresh(key) || !desk_.flight.join(key, {})) continue;
    batch->questions.push_back({std::move(key), position});
  }
  if (batch->questions.empty()) return;
  desk_.pool.post([this, batch](const std::stop_token& stop) { answer(batch->questions, stop); });
}

void PlatesAhead::answer(std::deque<Question>& questions, const std::stop_token& stop) {
  const auto& name = desk_.archive.service().name;
  try {
    if (questions.size() > 1 && takes_uploads(stop)) ask_together(questions, stop);
  } catch (...) {
    const auto error = vo::current_error(fmt::format("asking {} for the plates of many targets at once", name));
    if (!stop.stop_requested()) desk_.options.note(error.message() + "; asking target by target");
  }
  while (!questions.empty()) leave_alone(questions);
}

bool PlatesAhead::takes_uploads(const std::stop_token& stop) {
  const auto key = fmt::format("capabilities {}", vo::service_base(desk_.archive.service().url));
  auto document = desk_.store.document(key);
  if (!document || !desk_.options.is_fresh(*document)) {
    document = asked_capabilities(stop);
    remember(desk_.writer, key, *document);
  }
  return !document->absent && vo::takes_inline_upload(document->bytes);
}

Document PlatesAhead::asked_capabilities(const std::stop_token& stop) {
  const auto now = desk_.options.now();
  Document document{{}, false, now, now + desk_.options.expires_after};
  try {
    document.bytes = desk_.archive.capabilities_document(stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NotFound) throw;
    document.absent = true;
  }
  return document;
}

void PlatesAhead::ask_together(std::deque<Question>& questions, const std::stop_token& stop) {
  BatchSize size;
  while (questions.size() > 1 && !size.is_hopeless()) {
    const auto count = std::min(size.next(), questions.size());
    if (count == 1) {
      leave_alone(questions);
      size.was_answered(0);
      continue;
    }
    std::vector<vo::IcrsPosition> positions;
    for (std::size_t i = 0; i < count; ++i) positions.push_back(questions[i].position);
    const auto now = desk_.options.now();
    auto plates = desk_.archive.plates_documents(positions, stop);
    if (plates.documents.empty()) {
      size.was_too_much(count, plates.rows);
    } else {
      keep(questions, std::move(plates.documents), now);
      size.was_answered(plates.rows);
    }
  }
}

void PlatesAhead::keep(std::deque<Question>& questions, std::vector<std::string> documents, std::int64_t asked_at) {
  for (auto& document : documents) {
    const auto& key = questions.front().key;
    auto answer = desk_.memory.keep(key, std::move(document), asked_at);
    // Told when it is remembered: whoever asks again at once must not find nothing.
    desk_.writer.post(
        [&flight = desk_.flight, key, answer = std::move(answer)](Store&) { flight.answer(key, answer); });
    questions.pop_front();
  }
}

/// The first of them: asked for alone if somebody waits for it.
void PlatesAhead::leave_alone(std::deque<Question>& questions) {
  const auto question = std::move(questions.front());
  questions.pop_front();
  if (!desk_.flight.drop_if_unwanted(question.key)) ask_alone_(question.key, question.position);
}

}  // namespace platefs::cache
