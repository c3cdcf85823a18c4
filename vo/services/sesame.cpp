// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/sesame.h"

#include <fmt/core.h>

#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/excerpt.h"
#include "vo/votable/cell.h"

namespace platefs::vo {
namespace {

constexpr std::uint64_t kLargestAnswer = 256u << 10;

Error unreadable(std::string_view what, std::string_view document) {
  return Error{ErrorKind::Malformed, fmt::format("the name resolver's answer {}: {}", what, first_words(document))};
}

std::optional<IcrsPosition> position_from(std::string_view ra_text, std::string_view dec_text) {
  const auto ra = number_of_text(ra_text), dec = number_of_text(dec_text);
  if (!ra || !dec) return std::nullopt;
  return IcrsPosition::at(Angle::degrees(*ra), Angle::degrees(*dec));
}

/// "%J 170.57458768232000 +59.07452101151000 = 11:22:17.90 +59:04:28.2": the first two words.
std::optional<IcrsPosition> position_of_line(std::string_view line) {
  std::string_view words[2];
  std::size_t count = 0;
  for_each_word(line, [&](std::string_view word) {
    if (count < 2) words[count++] = word;
  });
  return position_from(words[0], words[1]);
}

/// "#=Si=Simbad, all IDs (via url):    1    41ms": the name between the second '=' and what follows.
std::string resolver_of_line(std::string_view line) {
  const auto second = line.find('=', 2);
  if (second == std::string_view::npos) return {};
  const auto name = line.substr(second + 1);
  return std::string{trimmed(name.substr(0, name.find_first_of(",(:")))};
}

SesameAnswer read_plain(std::string_view document) {
  SesameAnswer answer;
  bool is_complete = false;
  for (auto rest = document; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("#====") || line.starts_with("#!")) is_complete = true;
    if (answer.position) continue;
    if (line.starts_with("#=")) answer.resolver = resolver_of_line(line);
    if (line.starts_with("%I.0 ")) answer.main_name = trimmed(line.substr(5));
    if (line.starts_with("%J ")) answer.position = position_of_line(line.substr(3));
  }
  if (answer.position || is_complete) return answer;
  throw unreadable("is cut off", document);
}

SesameAnswer read_xml(std::string_view document) {
  pugi::xml_document xml;
  if (!xml.load_buffer(document.data(), document.size())) throw unreadable("is broken", document);
  const auto root = xml.child("Sesame");
  if (!root) throw unreadable("is not one of Sesame", document);
  for (const auto resolver : root.child("Target").children("Resolver")) {
    const auto position = position_from(resolver.child_value("jradeg"), resolver.child_value("jdedeg"));
    if (!position) continue;
    std::string_view name = resolver.attribute("name").value();
    if (const auto mark = name.find('='); mark != std::string_view::npos) name.remove_prefix(mark + 1);
    const auto short_name = trimmed(name.substr(0, name.find_first_of(",(:")));
    return {position, std::string{short_name}, resolver.child_value("oname")};
  }
  return {};
}

}  // namespace

http::Request sesame_request(const Url& service, std::string_view name) {
  auto base = service.text();
  if (base.find('?') == std::string::npos) {
    while (base.ends_with('/')) base.pop_back();
    base += "/SNV?";
  }
  http::Request request{.url = Url::parse(base + percent_encoded(name))};
  request.max_body = kLargestAnswer;
  return request;
}

SesameAnswer read_sesame(std::string_view document) {
  const auto text = trimmed(document);
  if (text.starts_with("#")) return read_plain(text);
  if (text.starts_with("<?xml") || text.starts_with("<Sesame")) return read_xml(text);
  throw unreadable("is in no known form", document);
}

}  // namespace platefs::vo
