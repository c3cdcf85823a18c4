// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vo/http/host_credentials.h"
#include "vo/http/login_transport.h"
#include "vo/services/tap.h"

namespace platefs::tools {

/// An archive as the configuration describes it, or as it is built in. Credentials are named, not held.
struct ArchiveEntry {
  std::string name;
  std::string url;  ///< of the service; of a local table file:///…
  std::string id;   ///< what the cache knows it by in place of its URL; empty: by that
  std::string title;
  std::string table = "ivoa.obscore";
  std::string where;  ///< ADQL condition
  vo::ServiceKind kind = vo::ServiceKind::Tap;
  std::vector<std::string> dataproduct_types = {"image"};        ///< empty: any
  std::map<std::string, std::string> columns;                    ///< of a table: see vo::ColumnMapping
  std::optional<vo::PlaceForm> place_form;                       ///< nothing: to be found out
  std::optional<std::vector<std::string>> excluded_collections;  ///< in place of the general ones
  std::string citation;                                          ///< BibTeX, for CITATION.bib
  std::string acknowledgement;                                   ///< what the archive wants to be thanked with
  std::string netrc;                                             ///< a file; "" none
  std::string token_file, token_env, client_certificate, client_key;
  std::string login_url, login_file;  ///< a form of the service, and a file with its fields
  std::vector<std::string> hosts;     ///< further hosts that the credentials are for
  int max_requests = 0;               ///< under way at once; 0: as many as at any other
  double max_rate = 0;                ///< begun in a second; 0: as many as it answers
  /// TAP URLs of services that serve the same files under the same identifiers: what is kept of one is kept of all.
  std::vector<std::string> mirrors;
  std::vector<vo::Survey> plates;   ///< of kind template
  std::string max_size;             ///< of its images: "60m"; empty: any
  std::string holds, tried;         ///< of one that is built in: what it has, and what platefs was tried with
  bool has_plates = false;          ///< one that is built in has them, and needs no key
  std::string origin = "built in";  ///< else file:line

  bool has_credentials() const {
    return !netrc.empty() || !token_file.empty() || !token_env.empty() || !client_certificate.empty();
  }
};

/// A table of stars that sequences of comparison stars are made of, as the configuration describes it.
struct CatalogueEntry {
  std::string url;  ///< of a TAP service
  std::string title, table;
  std::string name = "source_id", ra = "ra", dec = "dec", magnitude = "phot_g_mean_mag";  ///< ADQL
  double brightest = 6, faintest = 18;
};

/// Where and as whom `fetch --to s3://…` writes, as the configuration describes it. Secrets are named, not held.
struct S3Entry {
  std::string endpoint;  ///< URL; empty: that of AWS for the region
  std::string region;
  std::string credentials_file;  ///< as ~/.aws/credentials; empty: none
  std::string profile = "default";
};

/// How the key `kind` names the kinds of services.
const std::map<std::string, vo::ServiceKind>& service_kinds();

/// How the key `search` names the ways to ask for a place.
const std::map<std::string, vo::PlaceForm>& place_forms();

/// Public archives that need no configuration, by name.
const std::map<std::string, ArchiveEntry>& built_in_archives();
inline constexpr const char* kDefaultArchive = "gavo";
/// Stands for all of them that have plates and need no key.
inline constexpr const char* kAllPlates = "plates";

/// How to log in, where the entry says so. Throws as credentials_of().
std::optional<vo::FormLogin> login_of(const ArchiveEntry& entry);

/// The origins of its service and of its `hosts`. Throws Error{Rejected} for a host that is none.
std::vector<std::string> origins_of(const ArchiveEntry& entry);

/// The secrets that the entry refers to, for the origin of its TAP service and
/// its `hosts`. Throws Error{Rejected} when a file can't be read, or when a password or token
/// would cross the network unencrypted.
vo::HostCredentials credentials_of(const ArchiveEntry& entry);

}  // namespace platefs::tools
