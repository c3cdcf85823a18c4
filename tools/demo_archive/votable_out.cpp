// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/votable_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "vo/base/xml_text.h"
#include "vo/votable/cell.h"

namespace platefs::demo {
namespace {

using vo::VotableField;
using vo::VotableValue;
using vo::xml_escaped;

constexpr std::string_view kBegin =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n";

bool is_null(const VotableValue& value) { return std::holds_alternative<std::monostate>(value); }

/// Most significant byte first, as all numbers in BINARY.
template <typename Bits>
void put_bits(std::string& out, Bits bits) {
  for (std::size_t i = sizeof bits; i-- > 0;) out += static_cast<char>(bits >> (8 * i) & 0xFF);
}

void put_integer(std::string& out, std::int64_t value, std::string_view datatype) {
  if (datatype == "long")
    put_bits(out, static_cast<std::uint64_t>(value));
  else if (datatype == "int")
    put_bits(out, static_cast<std::uint32_t>(value));
  else
    put_bits(out, static_cast<std::uint16_t>(value));
}

void put_cell(std::string& out, const VotableValue& value, const VotableField& field) {
  if (field.datatype == "char") {
    const auto text = vo::text_of(value);
    put_bits(out, static_cast<std::uint32_t>(text.size()));
    out += text;
  } else if (field.datatype == "double") {
    put_bits(out, std::bit_cast<std::uint64_t>(vo::number_of(value).value_or(std::nan(""))));
  } else if (field.datatype == "float") {
    put_bits(out, std::bit_cast<std::uint32_t>(static_cast<float>(vo::number_of(value).value_or(std::nan("")))));
  } else {
    const auto null = vo::integer_of_text(field.null.value_or("0")).value_or(0);
    put_integer(out, vo::integer_of(value).value_or(null), field.datatype);
  }
}

/// One bit for each column, the first in the highest (VOTable 1.4 section 5.4).
void put_null_flags(std::string& out, const std::vector<VotableValue>& row) {
  for (std::size_t first = 0; first < row.size(); first += 8) {
    unsigned byte = 0;
    for (std::size_t i = first; i < std::min(first + 8, row.size()); ++i) {
      if (is_null(row[i])) byte |= 0x80u >> (i - first);
    }
    out += static_cast<char>(byte);
  }
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    const auto count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    if (at / 3 % 19 == 18) text += '\n';
  }
  return text;
}

std::string cell_text(const VotableValue& value, const VotableField& field) {
  if (is_null(value) && field.null) return *field.null;
  if (is_null(value) && (field.datatype == "double" || field.datatype == "float")) return "NaN";
  return xml_escaped(vo::text_of(value));
}

class Writer {
 public:
  Writer(const Document& document, Serialization serialization)
      : document_(document), serialization_(serialization), text_(kBegin) {}

  std::string take() {
    text_ += "<RESOURCE type=\"results\">\n";
    for (const auto& info : document_.infos) write_info(info);
    text_ += fmt::format("<TABLE name=\"{}\">\n", xml_escaped(document_.name));
    for (const auto& field : document_.fields) write_field(field);
    text_ += "<DATA>";
    write_data();
    text_ += "</DATA>\n</TABLE>\n";
    for (const auto& info : document_.closing_infos) write_info(info);
    text_ += "</RESOURCE>\n" + document_.resources + "</VOTABLE>\n";
    return std::move(text_);
  }

 private:
  void write_info(const vo::VotableInfo& info) {
    text_ += fmt::format("<INFO name=\"{}\" value=\"{}\">{}</INFO>\n", xml_escaped(info.name), xml_escaped(info.value),
                         xml_escaped(info.text));
  }

  void attribute(std::string_view name, const std::string& value) {
    if (!value.empty()) text_ += fmt::format(" {}=\"{}\"", name, xml_escaped(value));
  }

  void write_field(const VotableField& field) {
    text_ += "<FIELD";
    attribute("name", field.name);
    attribute("ID", field.id);
    attribute("datatype", field.datatype);
    attribute("arraysize", field.arraysize);
    attribute("unit", field.unit);
    attribute("ucd", field.ucd);
    attribute("utype", field.utype);
    attribute("xtype", field.xtype);
    text_ += ">";
    if (!field.description.empty())
      text_ += fmt::format("<DESCRIPTION>{}</DESCRIPTION>", xml_escaped(field.description));
    if (field.null) text_ += fmt::format("<VALUES null=\"{}\"/>", xml_escaped(*field.null));
    text_ += "</FIELD>\n";
  }

  void write_data() {
    if (serialization_ == Serialization::Tabledata) return write_tabledata();
    const bool has_flags = serialization_ == Serialization::Binary2;
    std::string bytes;
    for (const auto& row : document_.rows) {
      if (has_flags) put_null_flags(bytes, row);
      for (std::size_t i = 0; i < row.size(); ++i) put_cell(bytes, row[i], document_.fields[i]);
    }
    const auto* const element = has_flags ? "BINARY2" : "BINARY";
    text_ += fmt::format("<{0}><STREAM encoding=\"base64\">{1}</STREAM></{0}>", element, base64(bytes));
  }

  void write_tabledata() {
    text_ += "<TABLEDATA>\n";
    for (const auto& row : document_.rows) {
      text_ += "<TR>";
      for (std::size_t i = 0; i < row.size(); ++i) {
        text_ += "<TD>" + cell_text(row[i], document_.fields[i]) + "</TD>";
      }
      text_ += "</TR>\n";
    }
    text_ += "</TABLEDATA>";
  }

  const Document& document_;
  Serialization serialization_;
  std::string text_;
};

}  // namespace

vo::VotableField text_field(std::string name, std::string ucd) {
  vo::VotableField field;
  field.name = std::move(name);
  field.datatype = "char";
  field.arraysize = "*";
  field.ucd = std::move(ucd);
  return field;
}

vo::VotableField number_field(std::string name, std::string datatype, std::string unit, std::string ucd) {
  vo::VotableField field;
  field.name = std::move(name);
  if (datatype == "short") field.null = "-32768";
  if (datatype == "int" || datatype == "long") field.null = "-1";
  field.datatype = std::move(datatype);
  field.unit = std::move(unit);
  field.ucd = std::move(ucd);
  return field;
}

std::string votable(const Document& document, Serialization serialization) {
  return Writer(document, serialization).take();
}

std::string error_votable(std::string_view message) {
  return fmt::format(
      "{}<RESOURCE type=\"results\">\n<INFO name=\"QUERY_STATUS\" value=\"ERROR\">{}</INFO>\n</RESOURCE>\n</VOTABLE>\n",
      kBegin, xml_escaped(message));
}

}  // namespace platefs::demo
