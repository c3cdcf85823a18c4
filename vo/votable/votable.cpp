// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/votable.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/base64.h"
#include "vo/base/error.h"
#include "vo/base/excerpt.h"
#include "vo/base/shown_text.h"
#include "vo/base/utf8.h"
#include "vo/votable/binary.h"
#include "vo/votable/cell.h"
#include "vo/votable/stream.h"

namespace platefs::vo {
namespace {

constexpr int kDeepestNesting = 50;
/// 20,000 plates of 60 columns are 1.2 million cells, of 40 bytes and what their text has. Bounds what a
/// hostile answer makes us hold.
constexpr std::uint64_t kMostElements = 4'000'000;
/// Of '<' and '=', of which an element has two and an attribute one. They cost the parser 64 and 40 bytes.
constexpr std::ptrdiff_t kMostMarks = 5'000'000;
/// A FIELD, a PARAM or an INFO is ten bytes in the document and many strings here.
constexpr std::uint64_t kElementsOfMetadata = 100;
constexpr std::size_t kMostFields = 10'000;
constexpr std::size_t kMostServices = 10'000;
constexpr std::size_t kMostInputs = 10'000;   // of one service
constexpr std::size_t kMostOptions = 10'000;  // of one FIELD or PARAM
/// Read one at a time: meanwhile they take many times what they have.
constexpr std::size_t kLargeDocument = std::size_t{8} << 20;

[[noreturn]] void malformed(const std::string& message) { throw Error{ErrorKind::Malformed, message}; }

void require_at_most(std::size_t most, std::size_t count, std::string_view what) {
  if (count > most) malformed(fmt::format("the document has more than {} {}", most, what));
}

std::unique_lock<std::mutex> turn_of(std::string_view document) {
  static std::mutex large;
  return document.size() < kLargeDocument ? std::unique_lock<std::mutex>{} : std::unique_lock{large};
}

/// Namespaces and their prefixes differ from archive to archive; the local names don't.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_element(const pugi::xml_node& node, std::string_view name) { return local_name(node) == name; }

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  for (const auto& node : parent.children()) {
    if (is_element(node, name)) return node;
  }
  return {};
}

/// Text in pieces: the first one is the element's own value (parse_embed_pcdata), others and CDATA
/// are its children.
std::string raw_text(const pugi::xml_node& node) {
  std::string text = node.value();
  for (const auto& piece : node.children()) {
    if (piece.type() == pugi::node_pcdata || piece.type() == pugi::node_cdata) text += piece.value();
  }
  return text;
}

std::string text_in(const pugi::xml_node& node) { return as_utf8(trimmed(raw_text(node))); }

std::string attribute(const pugi::xml_node& node, const char* name) { return as_utf8(node.attribute(name).value()); }

void read_values(const pugi::xml_node& values, VotableField& field) {
  if (const auto null = values.attribute("null")) field.null = as_utf8(trimmed(null.value()));
  if (const auto min = child(values, "MIN")) field.min = attribute(min, "value");
  if (const auto max = child(values, "MAX")) field.max = attribute(max, "value");
  for (const auto& node : values.children()) {
    if (is_element(node, "OPTION")) field.options.push_back(attribute(node, "value"));
    require_at_most(kMostOptions, field.options.size(), "OPTIONs of one VALUES");
  }
}

/// A FIELD or a PARAM.
VotableField field_of(const pugi::xml_node& node, ElementBudget& budget) {
  budget.spend(kElementsOfMetadata);
  VotableField field;
  field.id = attribute(node, "ID");
  field.name = attribute(node, "name");
  field.datatype = attribute(node, "datatype");
  field.arraysize = attribute(node, "arraysize");
  field.unit = attribute(node, "unit");
  field.ucd = attribute(node, "ucd");
  field.utype = attribute(node, "utype");
  field.xtype = attribute(node, "xtype");
  field.ref = attribute(node, "ref");
  field.value = attribute(node, "value");
  if (field.name.empty()) field.name = field.id;
  for (const auto& part : node.children()) {
    if (is_element(part, "DESCRIPTION")) field.description = text_in(part);
    if (is_element(part, "VALUES")) read_values(part, field);
  }
  return field;
}

VotableInfo info_of(const pugi::xml_node& node, ElementBudget& budget) {
  budget.spend(kElementsOfMetadata);
  VotableInfo info{attribute(node, "name"), attribute(node, "value"), text_in(node)};
  if (info.name.empty()) info.name = attribute(node, "ID");
  return info;
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

ServiceDescriptor service_of(const pugi::xml_node& resource, ElementBudget& budget) {
  budget.spend(kElementsOfMetadata);
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
  Outline(const pugi::xml_node& root, ElementBudget& budget) : budget_(budget) { walk(root, {}); }

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

  ElementBudget& budget_;
  Votable votable_;
  bool is_truncated_ = false;
  std::optional<std::string> error_, old_error_;
  pugi::xml_node table_;
  bool table_is_of_results_ = false;
};

/// All VALUES of a document that others may refer to (VOTable 1.4 section 4.7), found when the first one does.
class SharedValues {
 public:
  explicit SharedValues(const pugi::xml_node& root) : root_(root) {}

  pugi::xml_node with_id(const std::string& id) {
    if (!is_searched_) search(root_, 0);
    is_searched_ = true;
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? pugi::xml_node{} : found->second;
  }

 private:
  void search(const pugi::xml_node& parent, int depth) {
    if (depth > kDeepestNesting) return;
    for (const auto& node : parent.children()) {
      const auto name = local_name(node);
      if (name == "VALUES" && node.attribute("ID")) by_id_.emplace(node.attribute("ID").value(), node);
      if (name == "RESOURCE" || name == "TABLE" || name == "FIELD" || name == "PARAM" || name == "GROUP") {
        search(node, depth + 1);
      }
    }
  }

  pugi::xml_node root_;
  std::map<std::string, pugi::xml_node> by_id_;
  bool is_searched_ = false;
};

/// Fills fields and rows from a TABLE.
class TableReader {
 public:
  TableReader(Votable& votable, ElementBudget& budget, const pugi::xml_node& root)
      : votable_(votable), budget_(budget), shared_(root) {}

  void read(const pugi::xml_node& table) {
    for (const auto& node : table.children()) {
      if (!is_element(node, "FIELD")) continue;
      votable_.fields.push_back(field_of(node, budget_));
      require_at_most(kMostFields, votable_.fields.size(), "FIELDs");
      const std::string ref = child(node, "VALUES").attribute("ref").value();
      if (!ref.empty()) read_values(shared_.with_id(ref), votable_.fields.back());
    }
    for (const auto& field : votable_.fields) columns_.push_back(cell_type(field));
    for (const auto& form : child(table, "DATA").children()) read_data(form);
  }

 private:
  void read_data(const pugi::xml_node& form) {
    const auto name = local_name(form);
    if (name == "TABLEDATA") return read_rows(form);
    if (name == "BINARY") return read_stream(form, BinaryForm::Binary);
    if (name == "BINARY2") return read_stream(form, BinaryForm::Binary2);
    if (name == "FITS" || name == "PARQUET") {
      malformed(fmt::format("a table serialised as {} is not supported", name));
    }
  }

  void read_rows(const pugi::xml_node& tabledata) {
    for (const auto& node : tabledata.children()) {
      if (is_element(node, "TR")) votable_.rows.push_back(row_of(node));
    }
  }

  /// Missing TDs are null, surplus ones belong to no FIELD: both are seen in practice.
  std::vector<VotableValue> row_of(const pugi::xml_node& tr) {
    budget_.spend_row(columns_.size());
    std::vector<VotableValue> cells(columns_.size());
    std::size_t column = 0;
    for (const auto& td : tr.children()) {
      if (!is_element(td, "TD")) continue;
      if (column == cells.size()) break;
      cells[column] = value_of(td, columns_[column]);
      ++column;
    }
    return cells;
  }

  VotableValue value_of(const pugi::xml_node& td, const CellType& type) {
    if (td.attribute("encoding")) {
      return value_of_text(base64_decoded(raw_text(td)), type, budget_);
    }
    if (!td.first_child()) return value_of_text(td.value(), type, budget_);
    return value_of_text(raw_text(td), type, budget_);
  }

  void read_stream(const pugi::xml_node& form, BinaryForm binary) {
    const auto stream = child(form, "STREAM");
    if (stream.attribute("href")) malformed("a table kept outside its VOTable is not supported");
    const auto bytes = stream_bytes(stream.attribute("encoding").value(), raw_text(stream));
    if (!bytes.empty()) need_readable_cells();
    votable_.rows = read_binary_rows(bytes, columns_, binary, budget_);
  }

  /// Nobody can tell where the cells of such a column end, and those behind them begin.
  void need_readable_cells() const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& field = votable_.fields[i];
      if (columns_[i].has_unreadable_size) {
        malformed(fmt::format("the FIELD {} of a BINARY table has an unreadable arraysize \"{}\"", field.name,
                              field.arraysize));
      }
      if (columns_[i].kind == CellType::Kind::Unknown) {
        malformed(fmt::format("the FIELD {} of a BINARY table has no datatype of the standard but \"{}\"", field.name,
                              field.datatype));
      }
    }
  }

  Votable& votable_;
  std::vector<CellType> columns_;
  ElementBudget& budget_;
  SharedValues shared_;
};

std::string said_instead(std::string_view document) {
  const auto words = first_words(document);
  return words.empty() ? std::string{} : fmt::format("; it begins: {}", words);
}

void parse(std::string_view document, pugi::xml_document& xml) {
  const auto marks = std::count_if(document.begin(), document.end(), [](char c) { return c == '<' || c == '='; });
  if (marks > kMostMarks) {
    malformed(
        fmt::format("the document has more than {} tags and attributes: ask for fewer rows (--where)", kMostMarks));
  }
  const auto result =
      xml.load_buffer(document.data(), document.size(),
                      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_embed_pcdata);
  if (result || !is_element(xml.document_element(), "VOTABLE")) return;
  const auto place = document.substr(0, static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)));
  malformed(fmt::format("VOTable is broken or cut off in line {}: {}", 1 + std::count(place.begin(), place.end(), '\n'),
                        result.description()));
}

}  // namespace

Votable read_votable(std::string_view document) {
  const auto turn = turn_of(document);
  pugi::xml_document xml;
  parse(document, xml);
  const auto root = xml.document_element();
  if (!is_element(root, "VOTABLE")) malformed("this is no VOTable" + said_instead(document));
  ElementBudget budget{kMostElements};
  Outline outline{root, budget};
  if (const auto error = outline.error()) throw Error{ErrorKind::Rejected, shown_text(*error)};
  auto votable = outline.take();
  votable.has_table = static_cast<bool>(outline.table());
  votable.truncated = outline.is_truncated();
  if (votable.has_table) TableReader{votable, budget, root}.read(outline.table());
  return votable;
}

}  // namespace platefs::vo
