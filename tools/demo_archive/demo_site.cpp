// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/demo_site.h"

#include <fmt/format.h>

#include <array>

#include "tools/demo_archive/ranges.h"
#include "tools/demo_archive/sesame_service.h"
#include "vo/base/error.h"

namespace platefs::demo {
namespace {

constexpr std::int64_t kScannedAt = 1'577'836'800;  // 2020-01-01: when the plates were scanned

/// The path's parts between slashes, at most three; the last one holds the rest.
std::array<std::string_view, 3> parts_of(std::string_view path) {
  std::array<std::string_view, 3> parts;
  for (std::size_t i = 0; i < parts.size() && !path.empty(); ++i) {
    path.remove_prefix(1);
    const auto end = i + 1 < parts.size() ? std::min(path.find('/'), path.size()) : path.size();
    parts[i] = path.substr(0, end);
    path.remove_prefix(end);
  }
  return parts;
}

Answer not_found() { return text_answer(404, "text/plain", "there is no such thing here\n"); }

bool may_be_asked(const Request& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "POST";
}

ObscoreTable with_rows_of(const LightCurves& light_curves, ObscoreTable table) {
  light_curves.add_rows(table);
  return table;
}

constexpr std::string_view kFrontPage =
    "The demo archive of platefs: generated photographic plates.\n\n"
    "/tap                  TAP with ivoa.obscore, and demo.stars\n"
    "/siap2, /siap1        Simple Image Access of version 2 and 1\n"
    "/lightcurves          light curves\n"
    "/form                 cutouts by plate, ra, dec and size, as forms of surveys give them\n"
    "/control/requests     what was asked (GET, DELETE)\n"
    "/control/faults       what fails (GET, PUT, DELETE)\n";

}  // namespace

DemoSite::DemoSite(const PlateStore& store, const Addresses& addresses, TapService::Settings settings, Faults& faults,
                   RequestLog& log)
    : store_(store),
      light_curves_(store.plates(), addresses),
      tap_(with_rows_of(light_curves_, obscore_table(store, addresses)), settings),
      datalink_(store, addresses),
      soda_(store),
      faults_(faults),
      log_(log) {}

std::string_view DemoSite::kind_of(const Request& request) const {
  const auto [first, second, third] = parts_of(request.path);
  if (first == "control") return "control";
  if (first == "tap") return "tap";
  if (first == "siap2" || first == "siap1") return "siap";
  if (first == "form") return "form";
  if (first == "files") return "file";
  if (first == "previews") return "preview";
  if (first == "sesame") return "sesame";
  if (second == "dlmeta") return "datalink";
  if (second == "dlget") return "soda";
  if (first == "lightcurves") return "timeseries";
  return "other";
}

Answer DemoSite::answer(const Request& request) {
  const auto [first, second, third] = parts_of(request.path);
  if (first == "control") return control(request, second);
  if (!may_be_asked(request)) return text_answer(405, "text/plain", "GET, HEAD or POST\n");
  if (first == "tap") return tap_.answer(request, std::string_view(request.path).substr(4));
  if (first == "siap2") return siap_.version_2(request);
  if (first == "siap1") return siap_.version_1(request);
  if (first == "form") return soda_.form(request);
  if (first == "files" || first == "previews") return file(request, second, third);
  if (first == "sesame") return sesame_answer(request, second);
  if (first == "lightcurves") return light_curves_.answer(request, second);
  if (second == "dlmeta") return datalink_.answer(request, first);
  if (second == "dlget") return soda_.answer(request, first);
  return request.path == "/" ? text_answer(200, "text/plain", std::string(kFrontPage)) : not_found();
}

Answer DemoSite::file(const Request& request, std::string_view folder, std::string_view name) const {
  const auto named = store_.with_file(folder, name);
  if (named.plate == nullptr) return not_found();
  const bool is_other = request.wants_other_edition;
  const auto content = store_.content(*named.plate, named.role);
  StoredFile file{.content = is_other ? another_edition_of(content) : content,
                  .media_type = named.role == FileRole::Preview ? "image/jpeg" : "image/fits",
                  .etag = fmt::format("\"{:x}-{}{}\"", content->size(), named.plate->id, is_other ? "-2" : ""),
                  .last_modified = http_date(kScannedAt + (is_other ? 3600 : 0))};
  // DaCHS, which serves that collection, sends no ETag.
  if (named.plate->collection == Collection::Heidelberg) file.etag.clear();
  return file_answer(request, file);
}

Answer DemoSite::control(const Request& request, std::string_view what) {
  const bool is_get = request.method == "GET", is_delete = request.method == "DELETE";
  if (what == "requests" && is_get) return text_answer(200, "application/json", log_.json());
  if (what == "faults" && is_get) return text_answer(200, "application/json", faults_.json());
  if (what == "requests" && is_delete)
    log_.clear();
  else if (what == "faults" && is_delete)
    faults_.clear();
  else if (what == "faults" && request.method == "PUT") {
    try {
      faults_.set_json(request.body);
    } catch (const vo::Error& error) {
      return text_answer(400, "text/plain", fmt::format("{}\n", error.what()));
    }
  } else
    return text_answer(404, "text/plain", "GET or DELETE requests; GET, PUT or DELETE faults\n");
  return {.status = 204, .headers = {}, .content = nullptr};
}

}  // namespace platefs::demo
