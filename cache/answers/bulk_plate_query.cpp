// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/bulk_plate_query.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "vo/services/tap_capabilities.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr int kMostFailedJoins = 3;
constexpr int kMostCutShort = 10;  // from 100 down to one takes seven

}  // namespace

void BatchSize::was_too_much(std::size_t positions, std::size_t rows) {
  limit_ = std::min(limit_, rows);
  next_ = std::max<std::size_t>(positions / 2, 1);
  ++cut_short_;
}

void BatchSize::was_answered(std::size_t positions, std::size_t rows) {
  const auto allowed = rows < limit_ / 2 ? std::min(2 * next_, kMost) : next_;
  const auto small = std::max(kRows * positions / std::max<std::size_t>(rows, 1), kLeast);
  next_ = std::min(allowed, small);
}

bool BatchSize::is_hopeless() const { return cut_short_ > kMostCutShort; }

/// Questions that are joined in the flight: those that are left when it goes are told that platefs ends.
struct BulkPlateQuery::Batch {
  explicit Batch(Flight& answers) : flight(answers) {}
  ~Batch() {
    for (const auto& question : questions) flight.answer(question.key, Error{ErrorKind::Cancelled, "platefs ends"});
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  Flight& flight;
  std::deque<Question> questions;
};

BulkPlateQuery::BulkPlateQuery(const Parts& queries, AskAlone ask_alone)
    : queries_(queries),
      ask_alone_(std::move(ask_alone)),
      takes_uploads_(queries.keeping, {[](bool) { return sizeof(bool); }}) {}

void BulkPlateQuery::start(const std::vector<vo::IcrsPosition>& positions) {
  auto batch = std::make_shared<Batch>(*queries_.flight);
  for (const auto& position : positions) {
    auto key = queries_.answers.key_of(position);
    if (queries_.answers.is_fresh(key) || !queries_.flight->join(key, {})) continue;
    batch->questions.push_back({std::move(key), position});
  }
  if (batch->questions.empty()) return;
  queries_.pool.post([this, batch](const std::stop_token& stop) { answer(batch->questions, stop); });
}

void BulkPlateQuery::answer(std::deque<Question>& questions, const std::stop_token& stop) {
  const auto& name = queries_.archive.service().name;
  try {
    if (questions.size() > 1 && queries_.archive.may_take_uploads() && takes_uploads(stop))
      ask_together(questions, stop);
  } catch (...) {
    const auto error = vo::current_error(fmt::format("asking {} for the plates of many targets at once", name));
    if (!stop.stop_requested()) queries_.options.note(error.message() + "; asking target by target");
  }
  while (!questions.empty()) leave_alone(questions);
}

bool BulkPlateQuery::takes_uploads(const std::stop_token& stop) {
  if (queries_.archive.service().kind != vo::ServiceKind::Tap) return false;
  const auto key = fmt::format("capabilities {}", vo::service_key(queries_.archive.service()));
  const auto known = takes_uploads_.find(
      key, [this](const Document& document, bool) { return queries_.options.is_fresh(document); },
      [](const Document& document) {
        return std::make_shared<const bool>(!document.absent && vo::takes_inline_upload(document.bytes));
      });
  return known ? *known->value : asked_capabilities(key, stop);
}

bool BulkPlateQuery::asked_capabilities(const std::string& key, const std::stop_token& stop) {
  const auto now = queries_.options.now();
  Document document{{}, false, now, now + queries_.options.expires_after};
  try {
    document.bytes = queries_.archive.capabilities_document(stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NotFound) throw;
    document.absent = true;
  }
  const bool takes = !document.absent && vo::takes_inline_upload(document.bytes);
  return *takes_uploads_.put(key, std::move(document), std::make_shared<const bool>(takes)).value;
}

/// A join under way. While it lasts longer than people are patient, whoever comes to want one of its positions has
/// that asked for alone, each once: a service may take minutes for many where it takes a second for one.
class BulkPlateQuery::Join {
 public:
  explicit Join(std::vector<Question> questions) : questions_(std::move(questions)) {}

  /// Runs beside the join, to its end.
  void look_after(const BulkPlateQuery& bulk, const std::stop_token& stop) {
    auto wait = bulk.queries_.options.patience_with_joins;
    while (!is_over_after(wait, stop)) {
      for (const auto& question : questions_) {
        if (!bulk.queries_.flight->is_wanted(question.key) || !note_alone(question.key)) continue;
        bulk.ask_alone_(question.key, question.position);
      }
      wait = bulk.queries_.options.patience_with_joins / 5;
    }
  }
  /// The keys of those that were asked for alone.
  std::set<std::string> end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    ended_.notify_all();
    return std::move(alone_);
  }

 private:
  bool is_over_after(std::chrono::milliseconds wait, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, stop, wait, [this] { return is_over_; }) || stop.stop_requested();
  }
  bool note_alone(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return !is_over_ && alone_.insert(key).second;
  }

  std::vector<Question> questions_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  bool is_over_ = false;
  std::set<std::string> alone_;
};

void BulkPlateQuery::ask_together(std::deque<Question>& questions, const std::stop_token& stop) {
  BatchSize size;
  bool has_worked = false;
  int failures = 0;
  while (questions.size() > 1 && !size.is_hopeless()) {
    const auto count = std::min(size.next(), questions.size());
    if (count == 1) {
      leave_alone(questions);
      size.was_answered(1, 0);
      continue;
    }
    try {
      has_worked |= ask_joined(questions, count, size, stop);
    } catch (const Error& error) {
      // One position may be more than the service can do: the others of its join are asked for alone, not all.
      if (!has_worked || stop.stop_requested() || ++failures > kMostFailedJoins) throw;
      queries_.options.note(error.message() + "; asking for these alone");
      for (std::size_t i = 0; i < count && !questions.empty(); ++i) leave_alone(questions);
    }
  }
}

/// True: they are answered. Those that were asked for alone meanwhile are no questions any more.
bool BulkPlateQuery::ask_joined(std::deque<Question>& questions, std::size_t count, BatchSize& size,
                                const std::stop_token& stop) {
  const auto end = questions.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<vo::IcrsPosition> positions;
  std::for_each(questions.begin(), end, [&](const Question& each) { positions.push_back(each.position); });
  const auto now = queries_.options.now();
  const auto join = std::make_shared<Join>(std::vector<Question>{questions.begin(), end});
  queries_.pool.post([this, join](const std::stop_token& ending) { join->look_after(*this, ending); });
  vo::Archive::PlatesOfMany plates;
  try {
    plates = queries_.archive.plates_documents(positions, stop);
  } catch (...) {
    forget(questions, count, join->end());
    throw;
  }
  const auto alone = join->end();
  if (plates.documents.empty()) {
    forget(questions, count, alone);
    size.was_too_much(count, plates.rows);
    return false;
  }
  keep(questions, std::move(plates.documents), now);
  size.was_answered(count, plates.rows);
  return true;
}

/// Of the first `count`, those with these keys: they are on their way alone.
void BulkPlateQuery::forget(std::deque<Question>& questions, std::size_t count, const std::set<std::string>& keys) {
  if (keys.empty()) return;
  const auto end = questions.begin() + static_cast<std::ptrdiff_t>(count);
  questions.erase(std::remove_if(questions.begin(), end, [&](const auto& each) { return keys.contains(each.key); }),
                  end);
}

void BulkPlateQuery::keep(std::deque<Question>& questions, std::vector<std::string> documents, std::int64_t asked_at) {
  for (auto& document : documents) {
    const auto& key = questions.front().key;
    auto table = queries_.archive.plates_from_document(document);
    auto answer = queries_.answers.keep(key, {std::move(document), std::move(table)}, asked_at);
    // Told when it is remembered: whoever asks again at once must not find nothing.
    queries_.keeping.writer.post(
        [flight = queries_.flight, key, answer = std::move(answer)](Store&) { flight->answer(key, answer); });
    questions.pop_front();
  }
}

/// The first of them: asked for alone if somebody waits for it.
void BulkPlateQuery::leave_alone(std::deque<Question>& questions) {
  const auto question = std::move(questions.front());
  questions.pop_front();
  if (!queries_.flight->drop_if_unwanted(question.key)) ask_alone_(question.key, question.position);
}

}  // namespace platefs::cache
