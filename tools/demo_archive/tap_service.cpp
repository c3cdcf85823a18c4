// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/tap_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/demo_archive/adql.h"
#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/xml_text.h"
#include "vo/votable/cell.h"

namespace platefs::demo {
namespace {

/// The forms that RESPONSEFORMAT (or FORMAT of TAP 1.0) may ask for; nothing for others.
std::optional<Serialization> serialization_of(const std::string& format, Serialization usual) {
  const auto text = vo::lower_case(format);
  if (text.empty() || text == "votable" || text == kVotableType || text == "text/xml") return usual;
  if (text == "votable/td" || text.ends_with("serialization=tabledata")) return Serialization::Tabledata;
  if (text == "votable/b2" || text.ends_with("serialization=binary2")) return Serialization::Binary2;
  if (text == "votable/b" || text.ends_with("serialization=binary")) return Serialization::Binary;
  return std::nullopt;
}

std::uint64_t limit_of(const Request& request, std::uint64_t most) {
  const auto text = request.parameter("MAXREC");
  if (!text || text->empty()) return most;
  const auto value = vo::integer_of_text(*text);
  if (!value || *value < 0) throw vo::Error(vo::ErrorKind::Rejected, "MAXREC is no number of rows: " + *text);
  return std::min(static_cast<std::uint64_t>(*value), most);
}

/// `upload` is "name,param:part" (DALI 1.1, UPLOAD).
ObscoreTable with_upload(const std::string& upload, const Request& request, const ObscoreTable& table) {
  constexpr std::string_view kInline = ",param:";
  const auto comma = upload.find(kInline);
  if (comma == std::string::npos) throw vo::Error(vo::ErrorKind::Rejected, "UPLOAD is name,param:part, not " + upload);
  const auto part = request.parts.find(upload.substr(comma + kInline.size()));
  if (part == request.parts.end()) throw vo::Error(vo::ErrorKind::Rejected, "there is no part for UPLOAD=" + upload);
  return joined(table, upload.substr(0, comma), vo::read_votable(part->second));
}

Document document_of(const Query& query, const Selection& selection, const ObscoreTable& table) {
  Document document;
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  for (const auto column : query.columns) document.fields.push_back(table.fields[column]);
  for (const auto* row : selection.rows) {
    std::vector<vo::VotableValue> cells;
    for (const auto column : query.columns) cells.push_back(row->cells[column]);
    document.rows.push_back(std::move(cells));
  }
  if (selection.is_cut) document.closing_infos = {{"QUERY_STATUS", "OVERFLOW", ""}};
  return document;
}

Answer error(std::string_view message) { return text_answer(200, "text/xml", error_votable(message)); }

}  // namespace

Answer TapService::answer(const Request& request, std::string_view path) {
  if (path == "/sync") {
    return settings_.jobs_only ? error("canceling statement due to statement timeout") : query(request);
  }
  if (path.starts_with("/async")) return jobs_.answer(request, path.substr(6));
  if (path == "/capabilities") return capabilities(request);
  if (path == "/tables") return tables();
  if (path == "/availability") {
    return text_answer(200, "text/xml",
                       "<?xml version=\"1.0\"?>\n<availability xmlns=\"http://www.ivoa.net/xml/VOSIAvailability/v1.0\">"
                       "<available>true</available></availability>\n");
  }
  return text_answer(404, "text/plain", "there is /sync, /async, /capabilities, /tables and /availability\n");
}

Answer TapService::query(const Request& request) const {
  try {
    const auto upload = request.parameter("UPLOAD");
    if (upload && !settings_.takes_uploads) return error("UPLOAD is not supported");
    const auto adql = request.parameter("QUERY");
    if (!adql) return error("the parameter QUERY is missing");
    const auto format = request.parameter("RESPONSEFORMAT").value_or(request.parameter("FORMAT").value_or(""));
    const auto serialization = serialization_of(format, settings_.serialization);
    if (!serialization) return error("RESPONSEFORMAT is votable, votable/td or votable/b2, not " + format);
    const auto wide = upload ? with_upload(*upload, request, table_) : ObscoreTable();
    const bool is_of_stars = vo::lower_case(*adql).find(kStarTable) != std::string::npos;
    const auto& table = upload ? wide : is_of_stars ? stars_ : table_;
    const auto query = read_adql(*adql, table);
    const auto selection = run(query, table, limit_of(request, settings_.max_records));
    return text_answer(200, kVotableType, votable(document_of(query, selection, table), *serialization));
  } catch (const vo::Error& problem) {
    if (problem.kind() == vo::ErrorKind::Rejected) return error(problem.what());
    throw;
  }
}

Answer TapService::capabilities(const Request& request) const {
  const auto* const uploads =
      settings_.takes_uploads ? "<uploadMethod ivo-id=\"ivo://ivoa.net/std/TAPRegExt#upload-inline\"/>\n" : "";
  return text_answer(
      200, "text/xml",
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<cap:capabilities xmlns:cap=\"http://www.ivoa.net/xml/VOSICapabilities/v1.0\" "
                  "xmlns:tr=\"http://www.ivoa.net/xml/TAPRegExt/v1.0\" "
                  "xmlns:vs=\"http://www.ivoa.net/xml/VODataService/v1.1\" "
                  "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n"
                  "<capability standardID=\"ivo://ivoa.net/std/TAP\" xsi:type=\"tr:TableAccess\">\n"
                  "<interface role=\"std\" version=\"1.1\" xsi:type=\"vs:ParamHTTP\">"
                  "<accessURL use=\"base\">http://{}/tap</accessURL></interface>\n"
                  "<dataModel ivo-id=\"ivo://ivoa.net/std/ObsCore#core-1.1\">ObsCore-1.1</dataModel>\n"
                  "<language><name>ADQL</name><version>2.1</version></language>\n"
                  "<outputFormat><mime>{}</mime><alias>votable</alias></outputFormat>\n"
                  "{}"
                  "<outputLimit><hard unit=\"row\">{}</hard></outputLimit>\n"
                  "</capability>\n</cap:capabilities>\n",
                  vo::xml_escaped(request.header("host")), kVotableType, uploads, settings_.max_records));
}

Answer TapService::tables() const {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<vosi:tableset xmlns:vosi=\"http://www.ivoa.net/xml/VOSITables/v1.0\">\n";
  for (const auto* table : {&table_, &stars_}) {
    text += fmt::format("<schema><name>{}</name><table><name>{}</name>\n", table->name.substr(0, table->name.find('.')),
                        table->name);
    for (const auto& field : table->fields) {
      text += fmt::format("<column><name>{}</name><description>{}</description><unit>{}</unit><ucd>{}</ucd></column>\n",
                          field.name, vo::xml_escaped(field.description), field.unit, field.ucd);
    }
    text += "</table></schema>\n";
  }
  return text_answer(200, "text/xml", text + "</vosi:tableset>\n");
}

}  // namespace platefs::demo
