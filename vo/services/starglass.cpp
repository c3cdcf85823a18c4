// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/starglass.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/base64.h"
#include "vo/base/error.h"
#include "vo/base/inflate.h"
#include "vo/base/json.h"
#include "vo/base/shown_text.h"
#include "vo/http/retry_policy.h"
#include "vo/votable/cell.h"
#include "vo/votable/writer.h"

namespace platefs::vo {
namespace {

/// The service's own limit is 6 MB.
constexpr std::uint64_t kLargestJson = 32ull << 20;
constexpr std::size_t kLargestCutout = std::size_t{256} << 20;

/// What it says in place of the answer: {"message": "…"} or whatever it is.
[[noreturn]] void refuse(std::string_view method, const JsonValue& answer) {
  std::string words = "an answer of another kind";
  for (const auto* name : {"message", "errorMessage", "error", "detail"}) {
    const auto* const member = answer.member(name);
    if (member != nullptr && member->text() != nullptr) {
      words = shown_text(*member->text());
      break;
    }
  }
  throw Error{ErrorKind::Rejected, fmt::format("{} says: {}", method, words)};
}

/// Text as JSON: identifiers that came from outside.
std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + '"';
}

/// Its fields have no quotes.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

/// One exposure, or one solution, by the names of the columns.
class Line {
 public:
  using Columns = std::map<std::string, std::size_t, std::less<>>;
  Line(const Columns& columns, std::string_view line) : columns_(columns), cells_(cells_of(line)) {}

  std::string_view text(std::string_view column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= cells_.size() ? std::string_view{} : cells_[found->second];
  }
  std::optional<double> number(std::string_view column) const {
    const auto value = number_of_text(text(column));
    return value && std::isfinite(*value) ? value : std::nullopt;
  }
  std::optional<std::int64_t> count(std::string_view column) const {
    const auto value = integer_of_text(text(column));
    return value && *value >= 0 ? value : std::nullopt;
  }

 private:
  const Columns& columns_;
  std::vector<std::string_view> cells_;
};

/// "1890-05-17T03-12-44.0Z", also with colons, of a minute that may have 60 seconds: MJD.
std::optional<double> mjd_of(std::string_view text) {
  std::array<double, 6> parts{};
  std::size_t count = 0;
  while (count < parts.size() && !text.empty()) {
    const auto end = std::min(text.find_first_of("-:TZ "), text.size());
    const auto value = number_of_text(text.substr(0, end));
    if (!value || !(*value >= 0)) break;
    parts[count++] = *value;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (count < 3 || parts[0] > 9999) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(parts[0])},
                                         std::chrono::month{static_cast<unsigned>(std::min(parts[1], 99.0))},
                                         std::chrono::day{static_cast<unsigned>(std::min(parts[2], 99.0))}};
  if (!date.ok() || parts[3] > 24 || parts[4] > 60 || parts[5] > 61) return std::nullopt;
  constexpr double kMjdOfUnixEpoch = 40587;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return kMjdOfUnixEpoch + static_cast<double>(days) + (parts[3] * 3600 + parts[4] * 60 + parts[5]) / 86400;
}

std::vector<VotableField> columns_of_starglass() {
  return {made_column("obs_publisher_did", "char", "", "meta.ref.ivoid", "The plate's page"),
          made_column("obs_id", "char", "", "meta.id", "Exposure, as daschlab names it"),
          made_column("obs_collection", "char", "", "meta.id", ""),
          made_column("obs_title", "char", "", "meta.title;obs", ""),
          made_column("dataproduct_type", "char", "", "meta.id", ""),
          made_column("instrument_name", "char", "", "meta.id;instr", "Series of plates, which is the telescope"),
          made_column("s_ra", "double", "deg", "pos.eq.ra", "Of the exposure's centre"),
          made_column("s_dec", "double", "deg", "pos.eq.dec", ""),
          made_column("t_min", "double", "d", "time.start;obs.exposure", "Its middle less half the exposure"),
          made_column("t_max", "double", "d", "time.end;obs.exposure", ""),
          made_column("t_exptime", "double", "s", "time.duration;obs.exposure", ""),
          made_column("plate_id", "char", "", "meta.id", "The plate, as the service's methods name it"),
          made_column("scannum", "int", "", "meta.number", ""),
          made_column("mosnum", "int", "", "meta.number", ""),
          made_column("expnum", "int", "", "meta.number", "Of the logbook"),
          made_column("solnum", "int", "", "meta.number", "Astrometric solution of the scan"),
          made_column("class", "char", "", "meta.code", ""),
          made_column("centerdist", "double", "cm", "pos.angDistance", "Of the place from the plate's centre"),
          made_column("edgedist", "double", "cm", "pos.angDistance", "Of the place from the plate's edge"),
          made_column("limiting_magnitude", "double", "mag", "phot.mag;stat.max", "By APASS, else by ATLAS"),
          made_column("unsolved", "char", "", "meta.note", "Why there is no image of the place; empty where there is")};
}

template <typename Number>
VotableValue cell(const std::optional<Number>& value) {
  return value ? VotableValue{*value} : VotableValue{};
}

std::string why_unsolved(const Line& line) {
  if (!line.count("scannum")) return "the plate was not scanned; the logbook tells of the exposure";
  const bool has_solution = same_ignoring_case(line.text("wcssource"), "imwcs") && line.count("solnum");
  if (!has_solution) return "the plate was scanned, but no astrometric solution was found for this exposure";
  return {};
}

/// "b01941"; empty where the line names none.
std::string plate_id_of(const Line& line) {
  const auto series = line.text("series");
  const auto number = line.count("platenum");
  const bool is_good = !series.empty() && series.size() <= 8 && std::ranges::all_of(series, is_letter);
  if (!is_good || !number || *number > 99999999) return {};
  return fmt::format("{}{:05d}", lower_case(series), *number);
}

/// As daschlab writes it: by mosaic and solution, else by the logbook's exposure.
std::string exposure_id_of(const std::string& plate, const Line& line) {
  const auto mosaic = line.count("mosnum"), solution = line.count("solnum");
  if (line.count("scannum") && mosaic && solution) return fmt::format("{}m{}s{}", plate, *mosaic, *solution);
  return fmt::format("{}e{}", plate, line.count("expnum").value_or(0));
}

std::vector<VotableValue> row_of(const std::string& plate, const Line& line) {
  const auto id = exposure_id_of(plate, line);
  const auto middle = mjd_of(line.text("expdate"));
  const double minutes = std::max(line.number("exptime").value_or(0), 0.0);  // not known: 0
  const double half = minutes / 2 / 1440;
  auto ra = line.number("ra"), dec = line.number("dec");
  if (!ra || !dec || *ra < 0 || *ra >= 360 || std::abs(*dec) > 90) ra = dec = std::nullopt;  // 999 and 99: not known
  const auto limit = line.number("limMagApass");
  return {"https://starglass.cfa.harvard.edu/plate/" + plate,
          id,
          std::string{"DASCH"},
          fmt::format("DASCH plate {}, exposure {}", plate, id.substr(plate.size())),
          std::string{"image"},
          lower_case(line.text("series")),
          cell(ra),
          cell(dec),
          middle ? VotableValue{*middle - half} : VotableValue{},
          middle ? VotableValue{*middle + half} : VotableValue{},
          minutes > 0 ? VotableValue{minutes * 60} : VotableValue{},
          plate,
          cell(line.count("scannum")),
          cell(line.count("mosnum")),
          cell(line.count("expnum")),
          cell(line.count("solnum")),
          std::string{line.text("class")},
          cell(line.number("centerdist")),
          cell(line.number("edgedist")),
          cell(limit ? limit : line.number("limMagAtlas")),
          why_unsolved(line)};
}

Line::Columns columns_of(const JsonValue::List& lines) {
  if (lines.empty() || lines.front().text() == nullptr) {
    throw Error{ErrorKind::Malformed, "queryexps answers without the names of its columns"};
  }
  Line::Columns columns;
  const auto names = cells_of(*lines.front().text());
  for (std::size_t i = 0; i < names.size(); ++i) columns.emplace(names[i], i);
  for (const auto* needed : {"series", "platenum", "solnum", "expdate"}) {
    if (!columns.contains(needed)) {
      throw Error{ErrorKind::Malformed, fmt::format("queryexps answers without the column {}", needed)};
    }
  }
  return columns;
}

std::string body_of(http::Response response) {
  if (response.head.status >= 400) {
    try {
      refuse("the service", read_json(response.body));
    } catch (const Error& said) {
      const auto by_status = error_of_status(response.head, response.body);
      if (said.kind() != ErrorKind::Rejected) throw by_status;
      throw Error{by_status.kind(), fmt::format("{}: {}", by_status.message(), said.message())};
    }
  }
  return std::move(response.body);
}

std::string text_in(const PlateTable& table, const Plate& plate, std::string_view column) {
  const int at = table.table.column(column);
  return at < 0 ? std::string{} : text_of(table.table.rows.cell(plate.row, static_cast<std::size_t>(at)));
}

/// A row of the files' document: where a scan of that binning lies, or why not.
struct Mosaic {
  std::string url, fault;
  std::optional<std::int64_t> bytes;
};

Mosaic mosaic_in(const std::string& body) {
  const auto answer = read_json(body);
  const auto* const url = answer.member("baseFitsUrl");
  if (url == nullptr || url->text() == nullptr) refuse("mosaic_package", answer);
  Mosaic mosaic{*url->text(), {}, {}};
  const auto* const size = answer.member("baseFitsSize");
  const auto* const bytes = size == nullptr ? nullptr : size->number();
  if (bytes != nullptr && *bytes > 0 && *bytes < 1e15) mosaic.bytes = static_cast<std::int64_t>(*bytes);
  return mosaic;
}

std::vector<VotableValue> link_row(const std::string& id, const Mosaic& mosaic, bool is_full) {
  return {id,
          mosaic.url.empty() ? VotableValue{} : VotableValue{mosaic.url},
          mosaic.fault.empty() ? VotableValue{} : VotableValue{mosaic.fault},
          std::string{is_full ? "#this" : "#coderived"},
          std::string{is_full ? "The scan at full resolution as the scanner's software left it, without coordinates"
                              : "The scan binned 16 x 16, without coordinates"},
          std::string{"image/fits"},
          cell(mosaic.bytes)};
}

}  // namespace

http::Request StarGlass::request(std::string_view method, std::string json) const {
  http::Request request{.url = resource_url(service_, method)};
  request.form = std::move(json);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.on_behalf_of = service_url(service_);
  request.timeout = service_.query_timeout;
  request.max_body = kLargestJson;
  request.compressible = true;
  return request;
}

std::string StarGlass::plates_question(const IcrsPosition& position) const {
  return fmt::format("queryexps {} {}", position.ra.as_degrees(), position.dec.as_degrees());
}

std::string StarGlass::plates_document(Transport& transport, const IcrsPosition& position,
                                       const std::stop_token& stop) const {
  auto question = request("queryexps", fmt::format(R"({{"ra_deg": {:.10f}, "dec_deg": {:.10f}}})",
                                                   position.ra.as_degrees(), position.dec.as_degrees()));
  return starglass_exposures(body_of(fetch(transport, std::move(question), stop)));
}

std::string starglass_exposures(std::string_view answer) {
  const auto json = read_json(answer);
  if (json.list() == nullptr) refuse("queryexps", json);
  const auto columns = columns_of(*json.list());
  VotableDocument document;
  document.table_name = "exposures";
  document.description = "Exposures of DASCH DR7 at a place, from queryexps of StarGlass, in terms of ObsCore";
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  document.fields = columns_of_starglass();
  for (std::size_t i = 1; i < json.list()->size(); ++i) {
    const auto* const text = (*json.list())[i].text();
    if (text == nullptr) continue;
    const Line line{columns, *text};
    if (const auto plate = plate_id_of(line); !plate.empty()) document.rows.push_back(row_of(plate, line));
  }
  return votable_text(document);
}

http::Request StarGlass::cutout_request(const PlateTable& table, const Plate& plate, const Cone& region) const {
  if (const auto why = text_in(table, plate, "unsolved"); !why.empty()) throw Error{ErrorKind::NotFound, why};
  const auto& centre = region.centre;
  auto question =
      request("cutout", fmt::format(R"({{"plate_id": {}, "solution_number": {}, "center_ra_deg": {:.10f}, )"
                                    R"("center_dec_deg": {:.10f}}})",
                                    json_string(text_in(table, plate, "plate_id")), text_in(table, plate, "solnum"),
                                    centre.ra.as_degrees(), centre.dec.as_degrees()));
  return question;
}

std::optional<std::uint64_t> StarGlass::largest_wrapped_cutout() const { return kLargestJson; }

std::string StarGlass::unwrapped_cutout(std::string_view answer) const {
  const auto json = read_json(answer);
  if (json.text() == nullptr) refuse("cutout", json);
  return gunzipped(base64_decoded(*json.text()), kLargestCutout);
}

std::string StarGlass::files_id(const Plate& plate) const {
  const auto did = plate.obs_publisher_did.view();
  return std::string{did.substr(did.rfind('/') + 1)};
}

std::string StarGlass::files_document(Transport& transport, const std::string& id, const std::stop_token& stop) const {
  VotableDocument document;
  document.table_name = "links";
  document.description = "Files of a DASCH plate, from mosaic_package of StarGlass, as a DataLink document";
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  document.fields = {made_column("ID", "char", "", "meta.id;meta.main", ""),
                     made_column("access_url", "char", "", "meta.ref.url", ""),
                     made_column("error_message", "char", "", "meta.code.error", ""),
                     made_column("semantics", "char", "", "meta.code", ""),
                     made_column("description", "char", "", "meta.note", ""),
                     made_column("content_type", "char", "", "meta.code.mime", ""),
                     made_column("content_length", "long", "byte", "phys.size;meta.file", "")};
  for (const int binning : {1, 16}) {
    Mosaic mosaic;
    try {
      auto question =
          request("mosaic_package", fmt::format(R"({{"plate_id": {}, "binning": {}}})", json_string(id), binning));
      mosaic = mosaic_in(body_of(fetch(transport, std::move(question), stop)));
    } catch (const Error& error) {
      // What the service says of one scan is no failure of the other; that it can't be had is.
      const bool is_word = error.kind() == ErrorKind::Rejected || error.kind() == ErrorKind::NotFound;
      const bool is_secret = error.kind() == ErrorKind::NotAuthorized;
      if (!is_word && !is_secret) throw;
      mosaic.fault = fmt::format("{}: {}", is_secret ? "AuthorizationFault" : "NotFoundFault", error.message());
    }
    document.rows.push_back(link_row(id, mosaic, binning == 1));
  }
  return votable_text(document);
}

}  // namespace platefs::vo
