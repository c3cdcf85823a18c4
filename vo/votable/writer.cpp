// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "vo/base/ascii.h"
#include "vo/base/xml_text.h"
#include "vo/votable/column.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kSkySystem = "sky_system";
constexpr std::string_view kTimeSystem = "time_system";

constexpr std::string_view kBegin =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n"
    "<RESOURCE type=\"results\">\n";

template <std::size_t Size>
bool is_one_of(std::string_view name, const std::array<std::string_view, Size>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view other) { return same_ignoring_case(name, other); });
}

bool is_position(const VotableField& field) {
  return is_one_of(field.name, std::array<std::string_view, 2>{"s_ra", "s_dec"});
}
bool is_epoch(const VotableField& field) {
  return is_one_of(field.name, std::array<std::string_view, 2>{"t_min", "t_max"});
}

bool is_xml_name(std::string_view text) {
  const auto is_start = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
  const auto is_rest = [&](char c) { return is_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && is_start(text.front()) && std::all_of(text.begin(), text.end(), is_rest);
}

/// DALI 1.1 section 3: a timestamp is text, the shapes are arrays of numbers.
bool is_known_xtype(std::string_view xtype, const CellType& type) {
  if (xtype == "timestamp") return type.is_text();
  return type.is_array && !type.is_text() &&
         is_one_of(xtype, std::array<std::string_view, 4>{"interval", "point", "circle", "polygon"});
}

class Writer {
 public:
  explicit Writer(const VotableDocument& document) : document_(document) {
    for (std::size_t i = 0; i < document.fields.size(); ++i) {
      columns_.push_back(document.keeps_declarations ? column_as_declared(document.fields[i])
                                                     : column_to_write(document.fields[i], document.rows, i));
    }
  }

  std::string take() {
    put(kBegin);
    write_infos();
    write_systems();
    put("<TABLE name=\"{}\" nrows=\"{}\">\n", xml_escaped(document_.table_name), document_.rows.size());
    if (!document_.description.empty()) write_description(document_.description);
    for (std::size_t i = 0; i < columns_.size(); ++i) write_field(i);
    write_rows();
    put("</TABLE>\n</RESOURCE>\n");
    field_ids_ = ids_;
    for (const auto& service : document_.services) write_service(service);
    put("</VOTABLE>\n");
    return std::move(text_);
  }

 private:
  template <typename... Values>
  void put(std::string_view format, const Values&... values) {
    fmt::format_to(std::back_inserter(text_), fmt::runtime(format), values...);
  }

  void attribute(std::string_view name, std::string_view value) {
    if (!value.empty()) put(" {}=\"{}\"", name, xml_escaped(value));
  }

  void write_description(std::string_view description) {
    put("<DESCRIPTION>{}</DESCRIPTION>\n", xml_escaped(description));
  }

  void write_infos() {
    for (const auto& info : document_.infos) {
      put("<INFO name=\"{}\" value=\"{}\">{}</INFO>\n", xml_escaped(info.name), xml_escaped(info.value),
          xml_escaped(info.text));
    }
  }

  void write_systems() {
    if (std::any_of(document_.fields.begin(), document_.fields.end(), is_position)) {
      put("<COOSYS ID=\"{}\" system=\"ICRS\"/>\n", kSkySystem);
    }
    // ObsCore leaves the time scale open; plate archives give the observer's clock in UTC.
    if (std::any_of(document_.fields.begin(), document_.fields.end(), is_epoch)) {
      put("<TIMESYS ID=\"{}\" timeorigin=\"MJD-origin\" timescale=\"UTC\" "
          "refposition=\"TOPOCENTER\"/>\n",
          kTimeSystem);
    }
  }

  void write_field(std::size_t index) {
    const auto& field = document_.fields[index];
    const auto& column = columns_[index];
    put("<FIELD");
    attribute("name", field.name.empty() ? fmt::format("column_{}", index + 1) : field.name);
    if (is_xml_name(field.id) && ids_.insert(field.id).second) attribute("ID", field.id);
    attribute("datatype", column.datatype);
    attribute("arraysize", column.arraysize);
    attribute("unit", field.unit);
    attribute("ucd", field.ucd);
    attribute("utype", field.utype);
    if (document_.keeps_declarations || is_known_xtype(field.xtype, column.type)) attribute("xtype", field.xtype);
    if (is_position(field)) attribute("ref", kSkySystem);
    if (is_epoch(field)) attribute("ref", kTimeSystem);
    put(">");
    if (!field.description.empty()) write_description(field.description);
    if (column.null) put("<VALUES null=\"{}\"/>", *column.null);
    put("</FIELD>\n");
  }

  void write_service(const ServiceDescriptor& service) {
    put("<RESOURCE type=\"meta\" utype=\"adhoc:service\"");
    if (is_xml_name(service.id) && ids_.insert(service.id).second) attribute("ID", service.id);
    attribute("name", service.name);
    put(">\n");
    write_service_param("accessURL", service.access_url);
    write_service_param("standardID", service.standard_id);
    write_service_param("contentType", service.content_type);
    put("<GROUP name=\"inputParams\">\n");
    for (const auto& input : service.inputs) write_input(input);
    put("</GROUP>\n</RESOURCE>\n");
  }

  void write_service_param(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    put("<PARAM name=\"{}\" datatype=\"char\" arraysize=\"*\" value=\"{}\"/>\n", name, xml_escaped(value));
  }

  void write_input(const VotableField& input) {
    put("<PARAM");
    attribute("name", input.name);
    attribute("datatype", input.datatype.empty() ? "char" : input.datatype);
    attribute("arraysize", input.arraysize);
    attribute("unit", input.unit);
    attribute("ucd", input.ucd);
    attribute("utype", input.utype);
    attribute("xtype", input.xtype);
    if (field_ids_.contains(input.ref)) attribute("ref", input.ref);
    put(" value=\"{}\">", xml_escaped(input.value));
    if (!input.description.empty()) write_description(input.description);
    write_limits(input);
    put("</PARAM>\n");
  }

  void write_limits(const VotableField& input) {
    if (input.min.empty() && input.max.empty() && input.options.empty()) return;
    put("<VALUES>");
    if (!input.min.empty()) put("<MIN value=\"{}\"/>", xml_escaped(input.min));
    if (!input.max.empty()) put("<MAX value=\"{}\"/>", xml_escaped(input.max));
    for (const auto& option : input.options) put("<OPTION value=\"{}\"/>", xml_escaped(option));
    put("</VALUES>");
  }

  void write_rows() {
    text_ += "<DATA><TABLEDATA>\n";
    for (std::size_t row = 0; row < document_.rows.size(); ++row) {
      text_ += "<TR>";
      for (std::size_t i = 0; i < columns_.size(); ++i) write_cell(i, document_.rows.cell(row, i));
      text_ += "</TR>\n";
    }
    text_ += "</TABLEDATA></DATA>\n";
  }

  void write_cell(std::size_t index, const CellView& cell) {
    text_ += "<TD>";
    append_xml_escaped(text_, columns_[index].text(cell, room_));
    text_ += "</TD>";
  }

  const VotableDocument& document_;
  std::vector<VotableColumn> columns_;
  std::set<std::string, std::less<>> ids_{std::string{kSkySystem}, std::string{kTimeSystem}};
  std::set<std::string, std::less<>> field_ids_;  ///< of the FIELDs as written
  std::string text_, room_;
};

}  // namespace

std::string votable_text(const VotableDocument& document) { return Writer{document}.take(); }

}  // namespace platefs::vo
