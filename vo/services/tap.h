// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/sky.h"
#include "vo/http/message.h"
#include "vo/services/place_condition.h"
#include "vo/services/survey.h"

namespace platefs::vo {

/// How a service is asked for plates.
enum class ServiceKind {
  Tap,
  Siap2,
  Siap1,
  Template,   ///< a form that cuts images out of surveys: cutout_template.h
  StarGlass,  ///< Harvard's web API: starglass.h
  Table,      ///< a file of rows: table_search.h
};

/// Rows that a service is asked for at most; services have limits of their own, which are lower where nothing is said.
inline constexpr std::size_t kMostPlates = 200'000;

struct TableSettings;

/// A service that lists plates, and which of its rows are wanted: TAP with an ObsCore table, Simple Image Access, or
/// one with a protocol of its own.
struct TapService {
  std::string name;  ///< for messages and paths
  Url url;           ///< base: requests go to <url>/sync
  std::string table = "ivoa.obscore";
  std::vector<std::string> excluded_collections = {};  ///< SQL LIKE patterns, '%RASS%'
  std::string where = {};                              ///< further ADQL condition, taken as written; may be empty
  /// Of these dataproduct_types; empty: of any, also for a table without that column.
  std::vector<std::string> dataproduct_types = {"image"};
  ServiceKind kind = ServiceKind::Tap;
  /// How the place is asked for; nothing: to be found out, beginning with RegionOrBox.
  std::optional<PlaceForm> place_form = {};
  /// What it is known by in place of its URL, so that what is kept of it is known where it has another URL (a mirror, a
  /// gateway); empty: by its URL. That of the service at another site serves as well: service_key() brings it to one
  /// form.
  std::string id = {};
  /// The service whose mirror this one was declared to be, as service_key() writes it; empty: it stands for itself.
  std::string mirror_of = {};
  /// Services that serve the same under the same identifiers: asked in turn where this one can't be reached.
  std::vector<Url> mirrors = {};
  /// Without a byte of an answer to a query; nothing: as for everything else. Services allow themselves minutes.
  std::optional<std::chrono::milliseconds> query_timeout = {};
  /// Plates that meet the circle of this radius around a place are wanted, too; 0: those that contain the place.
  Angle reach = Angle::degrees(0);
  /// Of a Template: what can be cut out, and the largest side of an image that the form gives.
  std::vector<Survey> surveys = {};
  std::optional<Angle> largest_cutout = {};
  /// An answer is taken for the present one so long; nothing: as long as those of most services.
  std::optional<std::chrono::seconds> answers_last = {};
  /// What rows are taken for by place: half of the largest field that any has, and the field of one that states none.
  Angle largest_half_field = Angle::degrees(kLargestHalfField);
  Angle usual_field = Angle::degrees(kUsualField);
  std::string_view wanted = "plates";  ///< for messages
  bool is_behind_cache = false;        ///< one on the way keeps answers to GET
  /// Of a Table: how it is read.
  std::shared_ptr<const TableSettings> table_settings = {};
};

/// Without what may be written behind the base of a service: "/", "/sync", "/async".
std::string service_base(const Url& url);

/// What keys of what is kept name it by: its id, else its base.
std::string service_key(const TapService& service);

/// The service as requests on its behalf name it (http::Request::on_behalf_of).
Url service_url(const TapService& service);

/// On whose word an identifier means what it means. Services of one authority share what is kept of their files and
/// links; another one's identifiers may be spelled alike and are others. Known by service_key(), not by the name that
/// somebody gave it, so that a name and a URL of one archive are one.
std::string authority_of(const TapService& service);

/// The query for plates at a position, by t_min: rows of the wanted types whose area contains it, as far as `form` lets
/// the service tell, without the excluded collections. `1 = CONTAINS(POINT('ICRS', …), s_region)` is the form that
/// every dialect with geometry takes; quotes in patterns are doubled.
std::string plates_adql(const TapService& service, const IcrsPosition& position, PlaceForm form = PlaceForm::Region,
                        std::optional<double> from_t_min = {});

/// The conditions of that query other than the place, each column name with `prefix` ("o.") in front;
/// the service's own ADQL stays as written.
struct PlatesConditions {
  std::string types, further;  ///< "dataproduct_type = 'image' AND " or nothing, " AND …" or nothing
};
PlatesConditions plates_conditions(const TapService& service, std::string_view prefix = {});

/// TAP 1.1 section 2: <url>/NAME, as "sync" or "capabilities", and what every ADQL query is sent with.
Url resource_url(const TapService& service, std::string_view name);
Url::Parameters sync_parameters(const std::string& adql);

/// A request to the sync endpoint, still without a question.
http::Request query_to(const TapService& service);

/// TAP 1.1 section 2: synchronous, POST, VOTable. Errors and overflow come in the body whatever the
/// status: give it to read_votable.
http::Request sync_query(const TapService& service, const std::string& adql);

}  // namespace platefs::vo
