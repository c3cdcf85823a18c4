// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/url.h"
#include "vo/votable.h"

namespace platefs::vo {

/// One row of a DataLink document (DataLink 1.1 section 3.2). Exactly one of access_url,
/// service_def and error_message should be there; archives differ.
struct Link {
  std::string id, access_url, service_def, error_message, description;
  std::string semantics;     ///< normalised: core terms as "#this", others as the full URI they are
  std::string content_type;
  std::optional<std::uint64_t> content_length;  ///< bytes; an estimate: DaCHS rounds it down to a kB
  std::string local_semantics, content_qualifier;

  bool is_error() const { return !error_message.empty(); }
  bool is_fits() const;
};

struct DatalinkDocument {
  std::vector<Link> links;                  ///< in document order
  std::vector<ServiceDescriptor> services;
  bool truncated = false;                   ///< the service answered the first IDs only

  /// Good rows (with a URL or a service) whose semantics is `term` or a narrower one of the core
  /// vocabulary ("#preview" finds "#preview-image", "#proc" finds "#cutout").
  std::vector<const Link*> by_semantics(std::string_view term) const;
  const ServiceDescriptor* service(std::string_view service_def) const;
  /// The synchronous SODA services of this document's #proc/#cutout rows, #cutout first; a service
  /// that no row names counts only when the document is about one ID.
  std::vector<const ServiceDescriptor*> soda_services() const;
  /// The rows of one ID and the services they name.
  DatalinkDocument of(std::string_view id) const;
};

/// Throws Error{Malformed} when there is no table, or it lacks the columns of a links response. An
/// input of a service that refers to a column of the table has the value of the rows that name it.
DatalinkDocument read_datalink(const Votable& votable);
/// The same, with URLs that are relative to where the document came from made absolute.
DatalinkDocument read_datalink(const Votable& votable, const Url& origin);

/// `term` equals `broader` or is below it in http://www.ivoa.net/rdf/datalink/core (2026-03,
/// compiled in: nothing is fetched). Both with or without '#', or as full URI.
bool is_or_narrower(std::string_view term, std::string_view broader);

}  // namespace platefs::vo
