// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/datalink.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/shown_text.h"
#include "vo/base/words.h"
#include "vo/services/obscore.h"
#include "vo/services/soda.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kMostLinks = 20'000;

/// The columns of a links table by name; the three that make a row useful must be there.
struct LinkColumns {
  explicit LinkColumns(const Votable& table)
      : id(table.column("ID")),
        access_url(table.column("access_url")),
        service_def(table.column("service_def")),
        error_message(table.column("error_message")),
        description(table.column("description")),
        semantics(table.column("semantics")),
        content_type(table.column("content_type")),
        content_length(table.column("content_length")),
        local_semantics(table.column("local_semantics")),
        content_qualifier(table.column("content_qualifier")),
        link_authorized(table.column("link_authorized")),
        link_auth(table.column("link_auth")) {
    if (access_url < 0 || semantics < 0) {
      throw Error(ErrorKind::Malformed, fmt::format("no column {}: this is no DataLink document",
                                                    access_url < 0 ? "access_url" : "semantics"));
    }
  }
  int id, access_url, service_def, error_message, description, semantics, content_type, content_length, local_semantics,
      content_qualifier, link_authorized, link_auth;
};

std::string text_at(const VotableRows::Row& row, int column) {
  if (column < 0) return {};
  auto text = std::string(trimmed(text_of(row.view(static_cast<std::size_t>(column)))));
  return says_nothing(text) ? std::string() : text;
}

Link link_of(const VotableRows::Row& row, const LinkColumns& columns) {
  Link link;
  link.id = text_at(row, columns.id);
  link.access_url = text_at(row, columns.access_url);
  link.service_def = text_at(row, columns.service_def);
  link.error_message = shown_text(text_at(row, columns.error_message));
  link.description = shown_text(text_at(row, columns.description));
  link.semantics = semantics_word(text_at(row, columns.semantics));
  link.content_type = text_at(row, columns.content_type);
  link.local_semantics = text_at(row, columns.local_semantics);
  link.content_qualifier = text_at(row, columns.content_qualifier);
  const auto authorized = lower_case(text_at(row, columns.link_authorized));
  link.is_authorized = !(authorized == "false" || authorized == "f" || authorized == "0");
  link.needs_login = lower_case(text_at(row, columns.link_auth)) == "true";
  if (columns.content_length >= 0) {
    const auto length = integer_of(row.view(static_cast<std::size_t>(columns.content_length)));
    if (length && *length > 0) link.content_length = static_cast<std::uint64_t>(*length);
  }
  return link;
}

bool is_good(const Link& link) { return !link.is_error() && (!link.access_url.empty() || !link.service_def.empty()); }

/// Collects SODA services, each once.
class SodaServices {
 public:
  explicit SodaServices(const std::vector<ServiceDescriptor>& services) {
    for (const auto& service : services) by_id_.emplace(service.id, &service);
  }

  void add(const Link& link) {
    const auto service = by_id_.find(link.service_def);
    if (link.service_def.empty() || service == by_id_.end()) return;
    const bool is_cutout = is_or_narrower(link.semantics, "#cutout");
    if (is_cutout ? is_soda_of_a_cutout_row(*service->second) : is_soda(*service->second)) take(*service->second);
  }
  void add(const ServiceDescriptor& service) {
    if (is_soda(service)) take(service);
  }
  std::vector<const ServiceDescriptor*> all() { return std::move(found_); }

 private:
  void take(const ServiceDescriptor& service) {
    if (!service.access_url.empty() && seen_.insert(&service).second) found_.push_back(&service);
  }

  std::map<std::string_view, const ServiceDescriptor*> by_id_;
  std::set<const ServiceDescriptor*> seen_;
  std::vector<const ServiceDescriptor*> found_;
};

/// The value that the rows naming a service have in one column; nothing when they differ.
using ValueOfService = std::map<std::string, std::optional<std::string>, std::less<>>;

ValueOfService values_in(const Votable& votable, int column, int service_def) {
  ValueOfService values;
  for (const auto row : votable.rows) {
    const auto value = text_at(row, column);
    const auto [known, is_new] = values.emplace(text_at(row, service_def), value);
    if (!is_new && known->second != value) known->second.reset();
  }
  return values;
}

/// Inputs that refer to a column of the links table get the value that stands there in the rows
/// which name their service (DataLink 1.1 section 4.1).
class ReferredValues {
 public:
  explicit ReferredValues(const Votable& votable) : votable_(votable) {
    for (std::size_t i = 0; i < votable.fields.size(); ++i) columns_.emplace(votable.fields[i].id, static_cast<int>(i));
  }

  void fill(ServiceDescriptor& service) {
    for (auto& input : service.inputs) {
      if (input.ref.empty() || !input.value.empty()) continue;
      const auto& values = of(input.ref);
      const auto value = values.find(service.id);
      if (value != values.end() && value->second) input.value = *value->second;
    }
  }

 private:
  const ValueOfService& of(const std::string& ref) {
    const auto known = by_ref_.find(ref);
    if (known != by_ref_.end()) return known->second;
    const auto column = columns_.find(ref);
    const int service_def = votable_.column("service_def");
    auto values = column == columns_.end() ? ValueOfService{} : values_in(votable_, column->second, service_def);
    return by_ref_.emplace(ref, std::move(values)).first->second;
  }

  const Votable& votable_;
  std::map<std::string_view, int> columns_;  ///< by ID, the first of each
  std::map<std::string, ValueOfService> by_ref_;
};

}  // namespace

ErrorKind kind_of_fault(std::string_view message) {
  message = trimmed(message);
  const auto begins = [message](std::string_view word) { return starts_with_ignoring_case(message, word); };
  if (begins("NotFound")) return ErrorKind::NotFound;
  if (begins("Authentication") || begins("Authorization") || begins("NotAuthorized")) return ErrorKind::NotAuthorized;
  if (begins("Usage")) return ErrorKind::BadUsage;
  if (begins("Transient") || begins("ServiceUnavailable")) return ErrorKind::Unavailable;
  return ErrorKind::Rejected;
}

bool Link::is_fits() const { return is_fits_type(content_type); }

DatalinkDocument read_datalink(const Votable& votable) {
  DatalinkDocument document;
  document.services = votable.services;
  document.truncated = votable.truncated;
  if (!votable.has_table) throw Error(ErrorKind::Malformed, "the DataLink document has no table");
  if (votable.rows.size() > kMostLinks) {
    throw Error(ErrorKind::Malformed,
                fmt::format("the DataLink document has {} links, more than {}", votable.rows.size(), kMostLinks));
  }
  const LinkColumns columns(votable);
  ReferredValues referred(votable);
  for (auto& service : document.services) referred.fill(service);
  for (const auto row : votable.rows) document.links.push_back(link_of(row, columns));
  return document;
}

std::vector<const Link*> DatalinkDocument::by_semantics(std::string_view term) const {
  std::vector<const Link*> found;
  for (const auto& link : links) {
    if (is_good(link) && is_or_narrower(link.semantics, term)) found.push_back(&link);
  }
  return found;
}

const ServiceDescriptor* DatalinkDocument::service(std::string_view service_def) const {
  const auto found = std::ranges::find(services, service_def, &ServiceDescriptor::id);
  return found == services.end() ? nullptr : &*found;
}

std::vector<const ServiceDescriptor*> DatalinkDocument::soda_services() const {
  SodaServices found(services);
  for (const bool is_authorized : {true, false}) {
    for (const auto* const term : {"#cutout", "#proc"}) {
      for (const auto* link : by_semantics(term)) {
        if (link->is_authorized == is_authorized) found.add(*link);
      }
    }
  }
  const bool is_about_one = std::ranges::all_of(links, [this](const Link& link) { return link.id == links[0].id; });
  if (is_about_one) {
    for (const auto& one : services) found.add(one);
  }
  // Services that have both are the same behind them: a job would say the same, and later.
  auto services = found.all();
  const auto is_by_job = [](const ServiceDescriptor* one) { return is_asked_by_job(*one); };
  if (!std::ranges::all_of(services, is_by_job)) std::erase_if(services, is_by_job);
  return services;
}

void DatalinkDocument::keep_rows_of(std::string_view id) {
  std::set<std::string> others;
  bool has_any = false;
  for (const auto& link : links) {
    has_any = has_any || link.id == id;
    if (!link.id.empty() && link.id != id) others.insert(link.id);
  }
  const bool are_ours = !has_any && others.size() <= 1;
  if (are_ours) return;
  std::set<std::string> kept, foreign;
  for (const auto& link : links) (others.contains(link.id) ? foreign : kept).insert(link.service_def);
  std::erase_if(links, [&](const Link& link) { return others.contains(link.id); });
  std::erase_if(services,
                [&](const ServiceDescriptor& one) { return foreign.contains(one.id) && !kept.contains(one.id); });
}

DatalinkDocument DatalinkDocument::of(std::string_view id) const {
  DatalinkDocument part;
  part.truncated = truncated;
  for (const auto& link : links) {
    if (link.id == id) part.links.push_back(link);
  }
  std::set<std::string_view> named;
  for (const auto& link : part.links) named.insert(link.service_def);
  for (const auto& one : services) {
    if (!one.id.empty() && named.contains(one.id)) part.services.push_back(one);
  }
  return part;
}

}  // namespace platefs::vo
