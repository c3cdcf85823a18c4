// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/error.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// One row of a DataLink document (DataLink 1.1 section 3.2). Exactly one of access_url,
/// service_def and error_message should be there; archives differ. Cells that say NULL, None or - are empty.
struct Link {
  std::string id, access_url, service_def, error_message, description;
  std::string semantics;  ///< by semantics_word: core terms as "#this", others as the full URI they are
  std::string content_type;
  std::optional<std::uint64_t> content_length;  ///< bytes; an estimate: DaCHS rounds it down to a kB
  std::string local_semantics, content_qualifier;
  std::string role = {};      ///< in the document that a row of these semantics leads to, where that is another one
  bool is_authorized = true;  ///< false where link_authorized says that the caller may not have it
  bool needs_login = false;   ///< link_auth says that nobody gets it without credentials
  bool is_local = false;      ///< a file: URL in a row of a table on this machine; no document from elsewhere sets it

  /// A row that names a file or a service is a link, whatever its error cell says.
  bool is_error() const { return !error_message.empty() && access_url.empty() && service_def.empty(); }
  bool is_fits() const;
};

struct DatalinkDocument {
  std::vector<Link> links;  ///< in document order
  std::vector<ServiceDescriptor> services;
  bool truncated = false;  ///< the service answered the first IDs only

  /// Good rows (with a URL or a service) whose semantics is `term` or a narrower one of the core
  /// vocabulary ("#preview" finds "#preview-image", "#proc" finds "#cutout").
  std::vector<const Link*> by_semantics(std::string_view term) const;
  const ServiceDescriptor* service(std::string_view service_def) const;
  /// The SODA services (vo/services/soda.h) of this document's #proc/#cutout rows, #cutout first, those
  /// that the caller may not use last, those that answer by jobs where there is no other; a service
  /// that no row names counts only when the document is about one ID.
  std::vector<const ServiceDescriptor*> soda_services() const;
  /// The rows of one ID and the services they name.
  DatalinkDocument of(std::string_view id) const;
  /// Takes out the rows of other IDs than `id`, where any row has it; where none has, all rows unless they are of
  /// one ID, as a service may spell it differently (DataLink 1.1 section 3.2.1). Rows without an ID stay; services
  /// that only the others name go.
  void keep_rows_of(std::string_view id);
};

/// Throws Error{Malformed} when there is no table, it lacks the columns of a links response, or it has more
/// than 20,000 links. Texts for people (error_message, description) are `shown_text`. An
/// input of a service that refers to a column of the table has the value of the rows that name it.
DatalinkDocument read_datalink(const Votable& votable);

/// What a DataLink fault (DataLink 1.1 section 3.2.4) or an error of SODA (1.0 section 4.3) stands for by its first
/// word: "AuthorizationFault: …". Rejected where it says nothing that a program could act on.
ErrorKind kind_of_fault(std::string_view message);

/// `term` equals `broader` or is below it in http://www.ivoa.net/rdf/datalink/core (2026-03,
/// compiled in: nothing is fetched). Both with or without '#', or as full URI.
bool is_or_narrower(std::string_view term, std::string_view broader);

}  // namespace platefs::vo
