// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/link_queries.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "vo/services/datalink_part.h"
#include "vo/services/datalink_urls.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::int64_t kFaultLastsSeconds = 600;
constexpr std::int64_t kFailureLastsSeconds = 5;  // as a file's failure does
constexpr std::string_view kStandIn = " (row)";   // behind the key of what stands in for its answer

/// Faults, or not even those.
bool offers_nothing(const vo::DatalinkDocument& document) {
  return std::ranges::all_of(document.links, [](const vo::Link& link) { return link.is_error(); });
}

bool names_a_file(const vo::Plate& plate) { return !plate.is_datalink() && !plate.access_url.empty(); }

/// The row of the plate does, or a further one of the same dataset.
bool names_a_file(const PlateRef& ref) {
  return names_a_file(ref.plate()) || std::ranges::any_of(ref.plate().further_rows, [&](std::size_t row) {
           return names_a_file(ref.table->plates[row]);
         });
}

/// Those whose URLs are not there. They are about whatever the document is about, however it spells that.
void add(vo::DatalinkDocument& document, vo::DatalinkDocument more) {
  std::set<std::string, std::less<>> known;
  for (const auto& link : document.links) known.insert(link.access_url);
  const auto id = document.links.empty() ? std::string() : document.links.front().id;
  for (auto& link : more.links) {
    if (!known.insert(link.access_url).second) continue;
    if (!id.empty()) link.id = id;
    document.links.push_back(std::move(link));
  }
}

/// What the URLs of the table's rows are.
enum class RowUrls { Files, OwnDocument };

/// `served`: the links service's document, beside which stand the files that the table names itself.
std::shared_ptr<LinksAnswer> answer_from(vo::DatalinkDocument served, const PlateRef& ref, RowUrls urls) {
  const auto& plate = ref.plate();
  auto answer = std::make_shared<LinksAnswer>();
  answer->document = std::move(served);
  // A links service that has nothing for a plate says nothing against the file that ObsCore names itself.
  answer->is_stand_in = urls == RowUrls::Files && offers_nothing(answer->document) && names_a_file(ref);
  // It may not know of the dataset's further rows, either.
  if (answer->is_stand_in || !plate.further_rows.empty()) add(answer->document, vo::links_of_rows(*ref.table, plate));
  if (urls == RowUrls::OwnDocument) {
    std::erase_if(answer->document.links, [&](const vo::Link& link) { return link.access_url == plate.access_url; });
  }
  answer->files = vo::plate_links(answer->document, plate);
  return answer;
}

std::shared_ptr<LinksAnswer> answer_without_service(const PlateRef& ref) {
  auto answer = std::make_shared<LinksAnswer>();
  answer->document = vo::links_of_rows(*ref.table, ref.plate());
  answer->files = vo::plate_links(answer->document, ref.plate());
  return answer;
}

/// As if the service had answered with the failure.
vo::DatalinkDocument fault_of(const Error& error) {
  vo::DatalinkDocument document;
  document.links.emplace_back().error_message = error.message();
  return document;
}

bool is_fault(const LinksAnswer& answer) { return answer.is_stand_in || offers_nothing(answer.document); }

/// The document, the same again as links, and what the parts of that cost by themselves.
std::uint64_t bytes_of(const LinksAnswer& links) {
  constexpr std::uint64_t kOfLink = sizeof(vo::Link) + 200;  // and its name, and its place in lists
  return 2 * links.served.size() + links.document.links.size() * kOfLink + sizeof(LinksAnswer);
}

std::string key_of(const PlateRef& plate, const vo::LinksQuestion& links) {
  // One archive may name another's links service: what that says then counts for the one that named it alone.
  auto key = fmt::format("datalink {} {} {}", plate.table->authority, links.endpoint.text(), links.id);
  // The answer holds what the table names beside the document.
  if (const auto& own = plate.plate().own_files; !own.empty()) key.append(" ").append(own);
  return key;
}

/// Of a document that another one leads to, for one archive's plates.
std::string nested_key(const PlateRef& plate, const vo::Url& url) {
  return fmt::format("datalink {} {} ", plate.table->authority, url.text());
}

/// The service answered, but not to several IDs.
bool blames_the_batch(ErrorKind kind) {
  return kind == ErrorKind::Rejected || kind == ErrorKind::BadUsage || kind == ErrorKind::NotFound ||
         kind == ErrorKind::Malformed;
}

}  // namespace

LinkQueries::LinkQueries(const vo::Archive& archive, const AnswerKeeping& keeping, const Freshness& options,
                         vo::WorkerPool& pool)
    : archive_(archive),
      options_(options),
      pool_(pool),
      keeping_(keeping),
      found_(keeping, options),
      cache_(keeping, {bytes_of}) {}

std::optional<LinkQueries::Question> LinkQueries::question_about(const PlateRef& plate) {
  if (auto links = vo::Archive::links_question(*plate.table, plate.plate())) {
    auto key = key_of(plate, *links);
    return Question{plate, std::move(*links), std::move(key)};
  }
  if (!found_.has_any()) return std::nullopt;
  auto question = question_by_url(plate);
  const bool is_found = question && found_.contain(plate.table->authority, question->links.endpoint);
  return is_found ? std::move(question) : std::nullopt;
}

std::optional<LinkQueries::Question> LinkQueries::question_by_url(const PlateRef& plate) {
  auto links = vo::Archive::links_question_by_url(plate.plate());
  if (!links) return std::nullopt;
  auto key = key_of(plate, *links);
  return Question{plate, std::move(*links), std::move(key), true};
}

std::shared_ptr<LinksAnswer> LinkQueries::links_in(const Question& question, const Document& document,
                                                   vo::DatalinkDocument links, const vo::DocumentAt& nested_at) const {
  vo::make_absolute(links, question.links.endpoint);
  const auto& id = question.links.id;
  links.keep_rows_of(id.empty() ? question.plate.plate().obs_publisher_did.view() : std::string_view{id});
  const auto itself = question.links.as_stated.value_or(question.links.endpoint);
  const bool is_complete = vo::add_nested_links(links, itself, nested_at);
  auto answer =
      answer_from(std::move(links), question.plate, question.is_found ? RowUrls::OwnDocument : RowUrls::Files);
  answer->served = document.bytes;
  answer->fetched_at = document.fetched_at;
  answer->is_complete = is_complete;
  return answer;
}

vo::DatalinkDocument LinkQueries::asked_nested(const Question& question, const vo::Url& url,
                                               const std::stop_token& stop) {
  auto document = archive_.links_document({url, "", url, false}, stop);
  const auto now = options_.now();
  remember(keeping_.writer, nested_key(question.plate, url),
           {std::move(document.text), false, now, now + options_.expires_after});
  return std::move(document.links);
}

vo::DatalinkDocument LinkQueries::kept_nested(const Question& question, const vo::Url& url) const {
  const auto document = keeping_.store.document(nested_key(question.plate, url));
  if (!document) throw Error{ErrorKind::NotFound, fmt::format("{} is not kept", url.for_display())};
  return vo::read_datalink(vo::read_votable(document->bytes));
}

LinkQueries::Links LinkQueries::keep_new(const Question& question, vo::Archive::LinksDocument asked,
                                         const std::stop_token& stop) {
  const auto now = options_.now();
  Document kept{std::move(asked.text), false, now, 0};
  auto links = links_in(question, kept, std::move(asked.links),
                        [&](const vo::Url& url) { return asked_nested(question, url, stop); });
  // A fault may be well again soon.
  const bool is_whole = !is_fault(*links) && links->is_complete;
  kept.expires_at = now + (is_whole ? options_.expires_after : kFaultLastsSeconds);
  return cache_.put(question.key, std::move(kept), std::move(links)).value;
}

LinkQueries::Links LinkQueries::remembered(const Question& question, bool stale_too) {
  const auto found = cache_.find(
      question.key,
      [&](const Document& document, bool is_in_memory) {
        // What this process has read or asked is not asked anew.
        return stale_too || (is_in_memory ? is_in_date(document, options_.now()) : options_.is_fresh(document));
      },
      [&](const Document& document) -> Links {
        auto links = links_in(question, document, vo::read_datalink(vo::read_votable(document.bytes)),
                              [&](const vo::Url& url) { return kept_nested(question, url); });
        if (!links->is_complete) throw Error{ErrorKind::NotFound, "a document that it leads to is not kept"};
        links->is_from_store = true;
        return links;
      });
  return found ? found->value : nullptr;
}

LinkQueries::Links LinkQueries::known_links(const PlateRef& plate) {
  const auto question = question_about(plate);
  if (!question) return answer_without_service(plate);
  if (auto links = remembered(*question, false)) return links;
  return stand_in(*question);
}

LinkQueries::Links LinkQueries::stand_in(const Question& question) {
  const auto found = cache_.find(
      question.key + std::string{kStandIn},
      [&](const Document& document, bool) { return is_in_date(document, options_.now()); },
      [](const Document&) -> Links {
        throw Error{ErrorKind::NotFound, "kept in memory alone"};
      });
  return found ? found->value : nullptr;
}

/// Nothing: the row names no file either.
LinkQueries::Links LinkQueries::keep_stand_in(const Question& question, const Error& error) {
  if (error.kind() == ErrorKind::Cancelled || !names_a_file(question.plate)) return nullptr;
  // A service may hand out files as well as documents: then this row says what it means.
  const bool is_file_after_all = question.is_found && error.kind() == ErrorKind::Malformed;
  if (question.is_found && !is_file_after_all) return nullptr;
  const auto now = options_.now();
  const auto lasts = is_file_after_all ? options_.expires_after : kFailureLastsSeconds;
  return cache_
      .keep(question.key + std::string{kStandIn}, Document{{}, false, now, now + lasts},
            answer_from(fault_of(error), question.plate, RowUrls::Files))
      .value;
}

void LinkQueries::links_of(const PlateRef& plate, vo::Completion<Links> done) {
  if (auto held = known_links(plate)) return done(std::move(held));
  const auto question = *question_about(plate);
  if (flight_.join(question.key, std::move(done))) ask(question);
}

void LinkQueries::ask_ahead(const std::vector<PlateRef>& plates) {
  std::map<std::string, std::vector<Question>> by_endpoint;
  for (const auto& plate : plates) {
    const auto question = question_about(plate);
    if (!question || stand_in(*question)) continue;
    const auto endpoint = question->links.endpoint.text();
    if (batches_.is_single(endpoint) || !is_one_of_many(*question, endpoint) || !is_to_be_asked(*question)) continue;
    auto& questions = by_endpoint[endpoint];
    questions.push_back(*question);
    if (questions.size() == LinkBatching::kMost) ask_together(std::exchange(questions, {}));
  }
  for (auto& [endpoint, questions] : by_endpoint) {
    if (!questions.empty()) ask_together(std::move(questions));
  }
}

void LinkQueries::ask_together(std::vector<Question> questions) {
  std::vector<std::string> keys;
  for (const auto& question : questions) keys.push_back(question.key);
  post(std::move(keys), [this, questions = std::move(questions)](const std::stop_token& stop) {
    if (questions.size() == 1) return answer_alone(questions.front(), stop);
    answer_together(questions, stop);
  });
}

bool LinkQueries::is_one_of_many(const Question& question, const std::string& endpoint) {
  const auto& links = question.links;
  return !links.id.empty() && links.may_be_batched && links.endpoint.text() == endpoint;
}

/// True: it is this caller's now, and was neither known nor on its way.
bool LinkQueries::is_to_be_asked(const Question& question) {
  return !remembered(question, false) && flight_.join(question.key, {});
}

void LinkQueries::links_anew(const PlateRef& plate, const LinksDoubt& doubt, vo::Completion<Links> done) {
  const auto question = question_about(plate);
  if (!question) {
    const auto by_url = doubt.is_refused ? std::nullopt : question_by_url(plate);
    if (!by_url) return done(Links{answer_without_service(plate)});
    if (!flight_.join(by_url->key, std::move(done))) return;
    return post({by_url->key},
                [this, by_url = *by_url](const std::stop_token& stop) { look_behind_url(by_url, stop); });
  }
  if (auto held = remembered(*question, false); held && held->fetched_at > doubt.told_at) return done(std::move(held));
  if (!flight_.join(question->key, std::move(done))) return;
  post({question->key}, [this, question = *question](const std::stop_token& stop) { answer_alone(question, stop); });
}

void LinkQueries::ask(const Question& question) {
  post({question.key}, [this, question](const std::stop_token& stop) { answer(question, stop); });
}

/// A conversation that is dropped with the pool answers "cancelled"; one that runs answers itself.
void LinkQueries::post(std::vector<std::string> keys, vo::WorkerPool::Job conversation) {
  auto has_begun = std::make_shared<bool>(false);
  auto completion =
      std::make_shared<vo::Completion<bool>>([this, keys = std::move(keys), has_begun](const vo::Outcome<bool>&) {
        if (*has_begun) return;
        for (const auto& key : keys) flight_.answer(key, Error{ErrorKind::Cancelled, "platefs ends"});
      });
  pool_.post([conversation = std::move(conversation), has_begun, completion](const std::stop_token& stop) {
    *has_begun = true;
    conversation(stop);
  });
}

void LinkQueries::answer(const Question& question, const std::stop_token& stop) {
  const auto questions = with_neighbours(question);
  if (questions.size() == 1) return answer_alone(question, stop);
  answer_together(questions, stop);
}

/// Those of its block of the table that are asked for at the same place. What is known, or on its way, is asked about
/// only for the URL to be the one that others ask, where a cache on the way keeps answers.
std::vector<LinkQueries::Question> LinkQueries::with_neighbours(const Question& question) {
  const auto endpoint = question.links.endpoint.text();
  const auto& table = question.plate.table;
  if (!is_one_of_many(question, endpoint)) return {question};
  const auto row = question.plate.index;
  const auto rows = batches_.rows_with(table.get(), row, endpoint);
  const bool is_shared = archive_.service().is_behind_cache;
  std::vector<Question> questions;
  for (auto i = is_shared ? rows.first : row; i < std::min(rows.end, table->plates.size()); ++i) {
    auto neighbour = i == row ? question : question_about({table, i});
    if (!neighbour || !is_one_of_many(*neighbour, endpoint)) continue;
    neighbour->is_answered_elsewhere = i != row && !is_to_be_asked(*neighbour);
    if (is_shared || !neighbour->is_answered_elsewhere) questions.push_back(*std::move(neighbour));
  }
  return questions;
}

void LinkQueries::answer_alone(const Question& question, const std::stop_token& stop) {
  try {
    flight_.answer(question.key, keep_new(question, archive_.links_document(question.links, stop), stop));
  } catch (...) {
    fail(question,
         vo::current_error(fmt::format("reading the DataLink of {}", question.plate.plate().obs_publisher_did)));
  }
}

/// What the row calls the file came, and is none.
void LinkQueries::look_behind_url(const Question& question, const std::stop_token& stop) {
  Links links;
  try {
    links = keep_new(question, archive_.links_document(question.links, stop), stop);
    found_.add(question.plate.table->authority, question.links.endpoint);
  } catch (const Error&) {
    links = answer_without_service(question.plate);  // it is nobody's links either
  }
  flight_.answer(question.key, links);
}

void LinkQueries::fail(const Question& question, const Error& error) {
  auto links = remembered(question, true);
  if (!links) links = keep_stand_in(question, error);
  flight_.answer(question.key, links ? vo::Outcome<Links>{links} : vo::Outcome<Links>{error});
}

void LinkQueries::answer_together(std::vector<Question> questions, const std::stop_token& stop) {
  const auto endpoint = questions.front().links.endpoint;
  std::vector<std::string> ids;
  for (const auto& question : questions) ids.push_back(question.links.id);
  std::erase_if(questions, [](const Question& question) { return question.is_answered_elsewhere; });
  std::string document;
  try {
    document = archive_.links_document(endpoint, ids, stop).text;
  } catch (...) {
    const auto error = vo::current_error(fmt::format("reading the DataLink of {} plates", ids.size()));
    if (!blames_the_batch(error.kind())) {
      for (const auto& question : questions) fail(question, error);
      return;
    }
  }
  const vo::DatalinkParts parts{document};
  bool is_complete = true;
  for (const auto& question : questions) is_complete &= answer_part(question, parts.of(question.links.id), stop);
  if (!is_complete) batches_.takes_one_only(endpoint.text());
}

/// True when there was a part. One that can't be read is that plate's failure and no other's.
bool LinkQueries::answer_part(const Question& question, std::optional<std::string> part, const std::stop_token& stop) {
  if (!part) {
    leave_to_itself(question);
    return false;
  }
  try {
    auto links = vo::read_datalink(vo::read_votable(*part));
    // Further documents are asked for when somebody waits, not for plates that came along.
    if (vo::leads_to_documents(links) && flight_.drop_if_unwanted(question.key)) return true;
    flight_.answer(question.key, keep_new(question, {std::move(*part), std::move(links)}, stop));
  } catch (...) {
    fail(question,
         vo::current_error(fmt::format("reading the DataLink of {}", question.plate.plate().obs_publisher_did)));
  }
  return true;
}

/// No answer in a batch: asked for alone, if somebody waits for it.
void LinkQueries::leave_to_itself(const Question& question) {
  if (flight_.drop_if_unwanted(question.key)) return;
  post({question.key}, [this, question](const std::stop_token& stop) { answer_alone(question, stop); });
}

}  // namespace platefs::cache
