// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/cutout_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "vo/base/error.h"
#include "vo/votable/cell.h"
#include "vo/votable/writer.h"

namespace platefs::vo {
namespace {

/// Forms count whole pixels, and cut along the axes of their plates: a circle that touches the edges may lose some.
constexpr double kRoom = 1.02;

using Value = std::function<std::string(const std::string& name)>;

/// `url` with what `value` says in place of each name in braces.
std::string filled(const std::string& url, const Value& value) {
  std::string text;
  for (std::size_t at = 0;;) {
    const auto open = url.find('{', at);
    const auto close = open == std::string::npos ? open : url.find('}', open);
    if (close == std::string::npos) return text + url.substr(at);
    text += url.substr(at, open - at) + value(url.substr(open + 1, close - open - 1));
    at = close + 1;
  }
}

/// Without an exponent, which few forms read; to a millionth of an arc second.
std::string plain_number(double value) {
  auto text = fmt::format("{:.10f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// As many as cover the side; a rounding error is no pixel.
std::string pixels_along(Angle side, double pixel_scale) {
  constexpr double kRounding = 1e-6;
  return fmt::format("{:.0f}", std::ceil(side.as_arcseconds() / pixel_scale - kRounding));
}

std::string name_in_form(const Survey& survey) { return survey.value.empty() ? survey.id : survey.value; }

std::string base_of(const Url& url) {
  auto text = url.text().substr(0, url.text().find('?'));
  while (text.ends_with('/')) text.pop_back();
  return text;
}

std::string place_text(const IcrsPosition& position) {
  return fmt::format("{}{}{}", plain_number(position.ra.as_degrees()), position.dec.as_degrees() < 0 ? "" : "+",
                     plain_number(position.dec.as_degrees()));
}

VotableValue number(const std::optional<double>& value) { return value ? VotableValue{*value} : VotableValue{}; }

std::vector<VotableField> columns_of_template() {
  return {made_column("obs_publisher_did", "char", "", "meta.ref.ivoid", "Made by platefs of form, place and survey"),
          made_column("obs_id", "char", "", "meta.id", "Survey"),
          made_column("obs_collection", "char", "", "meta.id", "Survey, in words"),
          made_column("obs_title", "char", "", "meta.title;obs", ""),
          made_column("dataproduct_type", "char", "", "meta.id", ""),
          made_column("s_pixel_scale", "double", "arcsec", "phys.angSize;instr.pixel", "Of a pixel"),
          made_column("t_min", "double", "d", "time.start;obs.exposure",
                      "Where one date is good for the whole survey; each cutout's header has its own"),
          made_column("t_max", "double", "d", "time.end;obs.exposure", "")};
}

std::vector<VotableValue> row_of(const Survey& survey, const std::string& did) {
  const auto title = survey.title.empty() ? survey.id : survey.title;
  return {did,
          survey.id,
          title,
          title,
          "image",
          number(survey.pixel_scale),
          number(survey.t_min),
          number(survey.t_max ? survey.t_max : survey.t_min)};
}

}  // namespace

std::string CutoutTemplate::plates_question(const IcrsPosition& position) const {
  std::string surveys;
  for (const auto& each : service_.surveys) {
    surveys += fmt::format(" [{} {} {} {} {} {} {} {}]", each.id, each.value, each.title, each.dec_min, each.dec_max,
                           each.t_min.value_or(0), each.t_max.value_or(0), each.pixel_scale.value_or(0));
  }
  return fmt::format("template{} at {}", surveys, place_text(position));
}

std::string CutoutTemplate::plates_document(Transport& /*transport*/, const IcrsPosition& position,
                                            const std::stop_token& /*stop*/) const {
  VotableDocument document;
  document.table_name = "plates";
  document.description =
      fmt::format("Surveys that {} cuts images out of at {}", base_of(service_.url), place_text(position));
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  document.fields = columns_of_template();
  const double dec = position.dec.as_degrees();
  for (const auto& survey : service_.surveys) {
    if (dec < survey.dec_min || dec > survey.dec_max) continue;
    // Which plate of the survey the form takes hangs on the place: at another one it is another.
    document.rows.push_back(
        row_of(survey, fmt::format("{}/{}/{}", base_of(service_.url), place_text(position), survey.id)));
  }
  return votable_text(document);
}

http::Request CutoutTemplate::cutout_request(const PlateTable& /*table*/, const Plate& plate,
                                             const Cone& region) const {
  const auto survey = std::ranges::find(service_.surveys, plate.obs_id.view(), &Survey::id);
  if (survey == service_.surveys.end()) {
    throw Error{ErrorKind::NotFound, fmt::format("the survey {} is configured no more", plate.obs_id)};
  }
  auto side = Angle::degrees(2 * kRoom * region.radius.as_degrees());
  if (service_.largest_cutout) side = std::min(side, *service_.largest_cutout);
  const std::map<std::string, std::string> values{{"ra", plain_number(region.centre.ra.as_degrees())},
                                                  {"dec", plain_number(region.centre.dec.as_degrees())},
                                                  {"size", plain_number(side.as_degrees())},
                                                  {"size_arcmin", plain_number(side.as_arcminutes())},
                                                  {"size_arcsec", plain_number(side.as_arcseconds())},
                                                  {"width_pixels", pixels_along(side, survey->pixel_scale.value_or(1))},
                                                  {"plate", percent_encoded(name_in_form(*survey))}};
  const auto url = filled(service_.url.text(), [&](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? "{" + name + "}" : found->second;
  });
  http::Request request{.url = Url::parse(url)};
  request.timeout = service_.query_timeout;  // forms fetch from robots and tapes
  return request;
}

void check_cutout_template(const std::string& url, const std::vector<Survey>& surveys) {
  std::set<std::string> names;
  filled(url, [&](const std::string& name) {
    names.insert(name);
    return std::string{};
  });
  static const std::set<std::string> known{"ra", "dec", "size", "size_arcmin", "size_arcsec", "width_pixels", "plate"};
  for (const auto& name : names) {
    if (known.contains(name)) continue;
    throw Error{ErrorKind::Rejected,
                fmt::format("{{{}}} in its url is none of {{{}}}", name, fmt::join(known, "}, {"))};
  }
  const bool has_size = names.contains("size") || names.contains("size_arcmin") || names.contains("size_arcsec") ||
                        names.contains("width_pixels");
  if (!names.contains("ra") || !names.contains("dec") || !has_size) {
    throw Error{ErrorKind::Rejected,
                "its url wants {ra}, {dec} and a {size}, {size_arcmin}, {size_arcsec} or "
                "{width_pixels}"};
  }
  if (surveys.empty()) throw Error{ErrorKind::Rejected, "it has no plates: plates = [{ id = \"…\" }]"};
  std::set<std::string> ids;
  for (const auto& survey : surveys) {
    if (survey.id.empty() || survey.id.find_first_of("/?=#") != std::string::npos) {
      throw Error{ErrorKind::Rejected, fmt::format("'{}' is no id for a plate, which has none of /?=#", survey.id)};
    }
    if (!ids.insert(survey.id).second) throw Error{ErrorKind::Rejected, "two of its plates are " + survey.id};
    if (names.contains("width_pixels") && !survey.pixel_scale) {
      throw Error{ErrorKind::Rejected, fmt::format("{{width_pixels}} wants the pixel-scale of {}", survey.id)};
    }
  }
  if (surveys.size() > 1 && !names.contains("plate")) {
    throw Error{ErrorKind::Rejected, "its url wants {plate}, since there are several plates"};
  }
}

}  // namespace platefs::vo
