// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/votable.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/excerpt.h"
#include "vo/base/shown_text.h"
#include "vo/votable/cell.h"
#include "vo/votable/data_sections.h"
#include "vo/votable/document_encoding.h"
#include "vo/votable/table_reader.h"
#include "vo/votable/xml_nodes.h"

namespace platefs::vo {
namespace {

/// 100,000 plates of 43 columns take some 170 MiB. Bounds what a hostile answer makes us hold.
constexpr std::uint64_t kMostMemory = std::uint64_t{256} << 20;
/// Of '<' and '=' beside the rows; an element has two and an attribute one. They cost the parser 64 and 40 bytes.
constexpr std::ptrdiff_t kMostMarks = 5'000'000;
constexpr std::size_t kMostServices = 10'000;
constexpr std::size_t kMostInputs = 10'000;  // of one service
/// Read one at a time: meanwhile they take many times what they have.
constexpr std::size_t kLargeDocument = std::size_t{8} << 20;

std::unique_lock<std::mutex> turn_of(std::string_view document) {
  static std::mutex large;
  return document.size() < kLargeDocument ? std::unique_lock<std::mutex>{} : std::unique_lock{large};
}

bool is_service(const pugi::xml_node& resource) {
  return same_ignoring_case(resource.attribute("utype").value(), "adhoc:service");
}

bool is_input_group(const pugi::xml_node& group) {
  return same_ignoring_case(group.attribute("name").value(), "inputParams") ||
         same_ignoring_case(group.attribute("ID").value(), "inputParams");
}

void read_service_param(const VotableField& param, ServiceDescriptor& service) {
  const auto is = [&](std::string_view name) { return same_ignoring_case(param.name, name); };
  const auto value = std::string{trimmed(param.value)};
  if (is("accessURL")) service.access_url = value;
  if (is("standardID")) service.standard_id = value;
  if (is("contentType")) service.content_type = value;
}

ServiceDescriptor service_of(const pugi::xml_node& resource, MemoryBudget& budget) {
  spend_on_metadata(budget);
  ServiceDescriptor service;
  service.id = attribute(resource, "ID");
  service.name = attribute(resource, "name");
  for (const auto& node : resource.children()) {
    if (is_element(node, "PARAM")) read_service_param(field_of(node, budget), service);
    if (!is_element(node, "GROUP") || !is_input_group(node)) continue;
    for (const auto& param : node.children()) {
      if (is_element(param, "PARAM")) service.inputs.push_back(field_of(param, budget));
      require_at_most(kMostInputs, service.inputs.size(), "inputs of one service");
    }
  }
  return service;
}

/// Walks the document once, in its order, for everything but the rows.
class Outline {
 public:
  Outline(const pugi::xml_node& root, MemoryBudget& budget) : budget_(budget) { walk(root, {}); }

  pugi::xml_node table() const { return table_; }
  Votable take() { return std::move(votable_); }

  /// What the server says went wrong.
  std::optional<std::string> error() const { return old_error_ ? old_error_ : error_; }
  bool is_truncated() const { return is_truncated_; }

 private:
  struct Place {
    int depth = 0;
    bool is_meta = false;     // inside a description of something else: no results, no status
    bool is_results = false;  // inside RESOURCE type="results"
  };

  void walk(const pugi::xml_node& parent, Place place) {
    if (place.depth > kDeepestNesting)
      malformed(fmt::format("RESOURCEs are nested more than {} deep", kDeepestNesting));
    for (const auto& node : parent.children()) visit(node, place);
  }

  void visit(const pugi::xml_node& node, Place place) {
    const auto name = local_name(node);
    if (name == "RESOURCE") return visit_resource(node, place);
    if (place.is_meta) return;
    if (name == "INFO") note(info_of(node, budget_));
    if (name == "PARAM") note_param(field_of(node, budget_));
    if (name == "TABLE") visit_table(node, place);
    if (name == "DEFINITIONS") walk(node, {place.depth + 1, place.is_meta, place.is_results});
  }

  void visit_resource(const pugi::xml_node& resource, Place place) {
    const std::string_view type = resource.attribute("type").value();
    place.is_results = place.is_results || same_ignoring_case(type, "results");
    place.is_meta = same_ignoring_case(type, "meta") || is_service(resource);
    if (is_service(resource)) votable_.services.push_back(service_of(resource, budget_));
    require_at_most(kMostServices, votable_.services.size(), "service descriptors");
    ++place.depth;
    walk(resource, place);
  }

  void visit_table(const pugi::xml_node& table, Place place) {
    if (!table_ || (place.is_results && !table_is_of_results_)) {
      table_ = table;
      table_is_of_results_ = place.is_results;
    }
    for (const auto& node : table.children()) {
      if (is_element(node, "INFO")) note(info_of(node, budget_));
    }
  }

  void note(VotableInfo info) {
    if (same_ignoring_case(trimmed(info.name), "QUERY_STATUS")) note_status(info);
    if (same_ignoring_case(info.name, "Error")) note_error(info.value, info.text);
    votable_.infos.push_back(std::move(info));
  }

  /// DALI 1.1 section 4.4.1 has the word in @value; some services write it as content, with the text behind.
  void note_status(const VotableInfo& info) {
    const auto value = trimmed(info.value), text = trimmed(info.text);
    const auto whole = value.empty() ? text : value;
    const auto end = std::min(whole.find_first_of(" \t\r\n:,;.-"), whole.size());
    const auto word = whole.substr(0, end);
    if (same_ignoring_case(word, "ERROR")) {
      auto said = value.empty() || text.empty() ? whole.substr(end) : text;
      while (!said.empty() && (said.front() == ':' || is_blank(said.front()))) said.remove_prefix(1);
      error_ = said.empty() ? "the service reports an error without saying which" : std::string(said);
    } else if (same_ignoring_case(word, "OVERFLOW")) {
      is_truncated_ = true;
    } else if (!whole.empty() && !same_ignoring_case(word, "OK")) {
      votable_.unknown_status = first_words(whole);
    }
  }

  void note_param(const VotableField& param) {
    if (same_ignoring_case(param.name, "Error")) note_error(param.value, param.description);
  }

  void note_error(const std::string& value, const std::string& text) {
    if (!old_error_ && !(value.empty() && text.empty())) old_error_ = value.empty() ? text : value;
  }

  MemoryBudget& budget_;
  Votable votable_;
  bool is_truncated_ = false;
  std::optional<std::string> error_, old_error_;
  pugi::xml_node table_;
  bool table_is_of_results_ = false;
};

std::string said_instead(std::string_view document) {
  const auto words = first_words(document);
  return words.empty() ? std::string{} : fmt::format("; it begins: {}", words);
}

/// Of the frame of `document`.
void parse(std::string_view document, const DataSections& sections, pugi::xml_document& xml) {
  const auto& frame = sections.frame();
  const auto marks = std::count_if(frame.begin(), frame.end(), [](char c) { return c == '<' || c == '='; });
  if (marks > kMostMarks) {
    malformed(fmt::format("the document has more than {} tags and attributes beside its rows", kMostMarks));
  }
  const auto result = xml.load_buffer(
      frame.data(), frame.size(), pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_embed_pcdata,
      pugi::encoding_utf8);
  if (result || !is_element(xml.document_element(), "VOTABLE")) return;
  const auto offset = sections.in_document(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)));
  const auto place = document.substr(0, offset);
  malformed(fmt::format("VOTable is broken or cut off in line {}: {}", 1 + std::count(place.begin(), place.end(), '\n'),
                        result.description()));
}

}  // namespace

bool ServiceDescriptor::is(std::string_view standard_id_prefix) const {
  return starts_with_ignoring_case(standard_id, standard_id_prefix);
}

const VotableField* ServiceDescriptor::input(std::string_view wanted) const {
  for (const auto& field : inputs) {
    if (same_ignoring_case(field.name, wanted)) return &field;
  }
  return nullptr;
}

int Votable::column(std::string_view name, std::string_view utype_suffix) const {
  const auto find = [&](auto matches) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (matches(fields[i])) return static_cast<int>(i);
    }
    return -1;
  };
  const auto named = find([&](const auto& field) { return same_ignoring_case(field.name, name); });
  if (named >= 0 || utype_suffix.empty()) return named;
  return find([&](const auto& field) { return ends_with_ignoring_case(field.utype, utype_suffix); });
}

namespace {

FramedVotable read_framed(std::string_view served, RowReceiver* receiver) {
  const auto turn = receiver == nullptr ? turn_of(served) : std::unique_lock<std::mutex>{};
  const auto converted = converted_to_utf8(served);
  const std::string_view document = converted ? *converted : served;
  DataSections sections{document};
  pugi::xml_document xml;
  parse(document, sections, xml);
  const auto root = xml.document_element();
  if (!is_element(root, "VOTABLE")) malformed("this is no VOTable" + said_instead(served));
  MemoryBudget budget{kMostMemory, receiver};
  Outline outline{root, budget};
  if (const auto error = outline.error()) throw Error{ErrorKind::Rejected, shown_text(*error)};
  auto votable = outline.take();
  votable.has_table = static_cast<bool>(outline.table());
  votable.truncated = outline.is_truncated();
  if (votable.has_table) read_table(outline.table(), {root, document, sections}, votable, budget);
  return {std::move(votable), sections.take_frame()};
}

}  // namespace

FramedVotable read_framed_votable(std::string_view document) { return read_framed(document, nullptr); }

FramedVotable read_votable_in_batches(std::string_view document, RowReceiver& receiver) {
  return read_framed(document, &receiver);
}

Votable read_votable(std::string_view document) { return read_framed_votable(document).table; }

}  // namespace platefs::vo
