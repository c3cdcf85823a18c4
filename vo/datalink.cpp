// SPDX-License-Identifier: BSD-3-Clause
#include "vo/datalink.h"

#include <fmt/format.h>

#include <algorithm>

#include "vo/ascii.h"
#include "vo/error.h"
#include "vo/obscore.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kSodaSync = "ivo://ivoa.net/std/SODA#sync";

/// "#this" whether it came so, bare, or with the vocabulary's URI in front; other URIs as they are.
std::string normalised_semantics(std::string_view text) {
  const auto term = trimmed(text);
  const auto hash = term.rfind('#');
  if (term.empty()) return {};
  if (hash == std::string_view::npos) {
    return term.find(':') == std::string_view::npos ? "#" + std::string(term) : std::string(term);
  }
  const auto vocabulary = term.substr(0, hash);
  const bool is_core = vocabulary.empty() || ends_with_ignoring_case(vocabulary, "//www.ivoa.net/rdf/datalink/core");
  return std::string(is_core ? term.substr(hash) : term);
}

/// The columns of a links table by name; the three that make a row useful must be there.
struct Columns {
  explicit Columns(const Votable& table)
      : id(table.column("ID")), access_url(table.column("access_url")), service_def(table.column("service_def")),
        error_message(table.column("error_message")), description(table.column("description")),
        semantics(table.column("semantics")), content_type(table.column("content_type")),
        content_length(table.column("content_length")), local_semantics(table.column("local_semantics")),
        content_qualifier(table.column("content_qualifier")) {
    if (access_url < 0 || semantics < 0) {
      throw Error(ErrorKind::Malformed, fmt::format("no column {}: this is no DataLink document",
                                                    access_url < 0 ? "access_url" : "semantics"));
    }
  }
  int id, access_url, service_def, error_message, description, semantics, content_type, content_length,
      local_semantics, content_qualifier;
};

std::string text_at(const std::vector<VotableValue>& row, int column) {
  if (column < 0 || static_cast<std::size_t>(column) >= row.size()) return {};
  return std::string(trimmed(text_of(row[static_cast<std::size_t>(column)])));
}

Link link_of(const std::vector<VotableValue>& row, const Columns& columns) {
  Link link;
  link.id = text_at(row, columns.id);
  link.access_url = text_at(row, columns.access_url);
  link.service_def = text_at(row, columns.service_def);
  link.error_message = text_at(row, columns.error_message);
  link.description = text_at(row, columns.description);
  link.semantics = normalised_semantics(text_at(row, columns.semantics));
  link.content_type = text_at(row, columns.content_type);
  link.local_semantics = text_at(row, columns.local_semantics);
  link.content_qualifier = text_at(row, columns.content_qualifier);
  if (columns.content_length >= 0 && static_cast<std::size_t>(columns.content_length) < row.size()) {
    const auto length = integer_of(row[static_cast<std::size_t>(columns.content_length)]);
    if (length && *length > 0) link.content_length = static_cast<std::uint64_t>(*length);
  }
  return link;
}

bool is_good(const Link& link) {
  return !link.is_error() && (!link.access_url.empty() || !link.service_def.empty());
}

bool is_soda(const ServiceDescriptor& service) { return service.is(kSodaSync); }

void add_once(std::vector<const ServiceDescriptor*>& services, const ServiceDescriptor* service) {
  if (service != nullptr && is_soda(*service) && std::ranges::find(services, service) == services.end()) {
    services.push_back(service);
  }
}

}  // namespace

bool Link::is_fits() const { return is_fits_type(content_type); }

DatalinkDocument read_datalink(const Votable& votable) {
  DatalinkDocument document;
  document.services = votable.services;
  document.truncated = votable.truncated;
  if (!votable.has_table) return document;
  const Columns columns(votable);
  for (const auto& row : votable.rows) document.links.push_back(link_of(row, columns));
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
  std::vector<const ServiceDescriptor*> found;
  for (const auto* link : by_semantics("#cutout")) add_once(found, service(link->service_def));
  for (const auto* link : by_semantics("#proc")) add_once(found, service(link->service_def));
  const bool is_about_one = std::ranges::all_of(links, [this](const Link& link) { return link.id == links[0].id; });
  if (is_about_one) {
    for (const auto& one : services) add_once(found, &one);
  }
  return found;
}

DatalinkDocument DatalinkDocument::of(std::string_view id) const {
  DatalinkDocument part;
  part.truncated = truncated;
  for (const auto& link : links) {
    if (link.id == id) part.links.push_back(link);
  }
  for (const auto& one : services) {
    const bool is_named = std::ranges::any_of(part.links, [&](const Link& link) { return link.service_def == one.id; });
    if (is_named && !one.id.empty()) part.services.push_back(one);
  }
  return part;
}

}  // namespace platefs::vo
