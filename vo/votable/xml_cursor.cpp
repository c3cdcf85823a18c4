// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/xml_cursor.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kComment = "<!--", kCdata = "<![CDATA[", kInstruction = "<?";
constexpr std::size_t kDeepest = 1000;

bool ends_name(char c) { return is_blank(c) || c == '>' || c == '/' || c == '=' || c == '<'; }

std::string_view name_at(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::find_if(text.begin(), text.end(), ends_name) - text.begin()));
}

std::string_view without_blanks_before(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

/// The characters that a text may not hold to be taken as it stands.
constexpr std::array<bool, 256> needs_a_look() {
  std::array<bool, 256> table{};
  for (const char c : {'<', '&', '\r'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kNeedsALook = needs_a_look();

/// XML 1.0 section 2.11.
void append_line_ends(std::string& room, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      room += text[i];
    } else {
      room += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    }
  }
}

struct Reference {
  char32_t character = 0;
  std::size_t length = 0;  ///< 0: it is none
};

Reference numeric_reference(std::string_view text) {
  const bool is_hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const auto* begin = text.data() + (is_hex ? 3 : 2);
  const auto* end = text.data() + text.size();
  std::uint32_t number = 0;
  const auto [last, error] = begin < end ? std::from_chars(begin, end, number, is_hex ? 16 : 10)
                                         : std::from_chars_result{begin, std::errc::invalid_argument};
  if (error != std::errc{} || last == end || *last != ';' || number > 0x10FFFF) return {};
  return {number, static_cast<std::size_t>(last + 1 - text.data())};
}

/// The reference that `text` begins with; DTDs, which could define others, are not read.
Reference reference_at(std::string_view text) {
  if (text.starts_with("&#")) return numeric_reference(text.substr(0, 16));
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  for (const auto& [name, character] : kNamed) {
    if (text.starts_with(name)) return {static_cast<char32_t>(character), name.size()};
  }
  return {};
}

}  // namespace

std::string_view XmlCursor::Tag::local_name() const {
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool XmlCursor::Tag::has(std::string_view attribute) const {
  auto rest = without_blanks_before(attributes);
  while (!rest.empty()) {
    const auto found = name_at(rest);
    if (found == attribute) return true;
    const auto quote = rest.find_first_of("\"'", found.size());
    const auto end = quote == std::string_view::npos ? quote : rest.find(rest[quote], quote + 1);
    if (end == std::string_view::npos) return false;
    rest = without_blanks_before(rest.substr(end + 1));
  }
  return false;
}

void XmlCursor::broken(std::string_view what) const {
  const auto before = document_.substr(0, at_);
  throw Error{ErrorKind::Malformed, fmt::format("VOTable is broken or cut off in line {}: {}",
                                                1 + std::count(before.begin(), before.end(), '\n'), what)};
}

void XmlCursor::skip_past(std::string_view mark, std::string_view what) {
  const auto found = rest().find(mark);
  if (found == std::string_view::npos) broken(fmt::format("{} does not end", what));
  at_ += found + mark.size();
}

void XmlCursor::append_references(std::string& room, std::string_view text) const {
  for (auto reference = text.find('&'); reference != std::string_view::npos; reference = text.find('&')) {
    append_line_ends(room, text.substr(0, reference));
    const auto [character, length] = reference_at(text.substr(reference));
    if (length == 0) {
      room += '&';
    } else {
      append_utf8(room, character);
    }
    text.remove_prefix(reference + std::max<std::size_t>(length, 1));
  }
  append_line_ends(room, text);
}

/// A comment, CDATA or processing instruction; false: there is none of them here.
bool XmlCursor::take_markup(std::string* room) {
  if (rest().starts_with(kComment)) {
    skip_past("-->", "a comment");
  } else if (rest().starts_with(kCdata)) {
    const auto begin = at_ + kCdata.size();
    skip_past("]]>", "a CDATA section");
    if (room != nullptr) append_line_ends(*room, document_.substr(begin, at_ - 3 - begin));
  } else if (rest().starts_with(kInstruction)) {
    skip_past("?>", "a processing instruction");
  } else {
    return false;
  }
  return true;
}

std::string_view XmlCursor::characters(std::string& room) {
  room.clear();
  for (bool is_whole = true;; is_whole = false) {
    const auto text = rest().substr(0, rest().find('<'));
    at_ += text.size();
    const bool is_plain = text.find('&') == text.npos && text.find('\r') == text.npos;
    const auto begin = room.size();
    if (!is_whole || !is_plain) append_references(room, text);
    if (is_whole && is_plain && (is_at_end() || !(rest().starts_with("<!") || rest().starts_with("<?")))) return text;
    if (is_whole && is_plain && begin == room.size()) room += text;
    if (is_at_end() || !take_markup(&room)) return room;
  }
}

void XmlCursor::skip_characters() {
  do {
    const auto* begin = document_.data() + at_;
    const auto* found = static_cast<const char*>(std::memchr(begin, '<', end_ - at_));
    at_ = found == nullptr ? end_ : at_ + static_cast<std::size_t>(found - begin);
  } while (!is_at_end() && take_markup(nullptr));
}

XmlCursor::Tag XmlCursor::tag() {
  if (is_at_end()) broken("the table does not end");
  Tag tag;
  auto text = rest().substr(1);
  tag.is_end = text.starts_with('/');
  if (tag.is_end) text.remove_prefix(1);
  tag.name = name_at(text);
  if (tag.name.empty()) broken("a tag without a name");
  text.remove_prefix(tag.name.size());
  std::size_t end = text.find_first_of(">\"'<");
  while (end != std::string_view::npos && text[end] != '>') {
    if (text[end] == '<') broken("a tag that does not end");
    const auto quote = text.find(text[end], end + 1);
    end = quote == std::string_view::npos ? quote : text.find_first_of(">\"'<", quote + 1);
  }
  if (end == std::string_view::npos) broken("a tag that does not end");
  tag.attributes = text.substr(0, end);
  tag.is_empty = !tag.is_end && tag.attributes.ends_with('/');
  if (tag.is_empty) tag.attributes.remove_suffix(1);
  at_ = static_cast<std::size_t>(text.data() - document_.data()) + end + 1;
  return tag;
}

void XmlCursor::skip_element(const Tag& start) {
  if (start.is_empty) return;
  std::vector<std::string_view> open{start.name};
  while (!open.empty()) {
    skip_characters();
    const auto next = tag();
    if (next.is_end) {
      if (next.name != open.back()) broken(fmt::format("<{}> is ended by </{}>", open.back(), next.name));
      open.pop_back();
    } else if (!next.is_empty) {
      open.push_back(next.name);
      if (open.size() > kDeepest) broken("elements are nested too deep");
    }
  }
}

bool XmlCursor::take_plain_cell(std::string_view& text) {
  constexpr std::string_view kStart = "<TD>", kEnd = "</TD>", kEmpty = "<TD/>";
  auto at = at_;
  while (at < end_ && is_blank(document_[at])) ++at;
  if (at + kEmpty.size() <= end_ && document_.substr(at, kEmpty.size()) == kEmpty) {
    text = {};
    at_ = at + kEmpty.size();
    return true;
  }
  if (!document_.substr(at, kStart.size()).starts_with(kStart)) return false;
  const auto begin = at + kStart.size();
  auto end = begin;
  while (end < end_ && !kNeedsALook[static_cast<unsigned char>(document_[end])]) ++end;
  if (end + kEnd.size() > end_ || document_.substr(end, kEnd.size()) != kEnd) return false;
  text = document_.substr(begin, end - begin);
  at_ = end + kEnd.size();
  return true;
}

}  // namespace platefs::vo
