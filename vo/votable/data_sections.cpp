// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/data_sections.h"

#include <algorithm>
#include <cstring>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLongestPrefix = 100;

/// As string_view::find, whose way with a common first letter is slow.
std::size_t found(std::string_view text, std::string_view wanted, std::size_t from, std::size_t end) {
  if (from >= end) return kNone;
  const auto* at = static_cast<const char*>(memmem(text.data() + from, end - from, wanted.data(), wanted.size()));
  return at == nullptr ? kNone : static_cast<std::size_t>(at - text.data());
}

std::size_t behind(std::string_view text, std::string_view mark, std::size_t from) {
  const auto at = text.find(mark, from);
  return at == kNone ? text.size() : at + mark.size();
}

/// Behind a comment, CDATA or processing instruction that begins at `at`; `at` itself where none does.
std::size_t behind_markup(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("<!--")) return behind(text, "-->", at + 4);
  if (rest.starts_with("<![CDATA[")) return behind(text, "]]>", at + 9);
  if (rest.starts_with("<?")) return behind(text, "?>", at + 2);
  return at;
}

std::string_view local_name_at(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  auto name = rest.substr(0, std::min(rest.find_first_of(" \t\r\n/>"), rest.size()));
  if (const auto colon = name.find(':'); colon != kNone) name.remove_prefix(colon + 1);
  return name;
}

/// Does the end tag of an element of that name begin at `at`?
bool is_end_tag(std::string_view text, std::size_t at, std::string_view name) {
  return text.substr(at).starts_with("</") && local_name_at(text, at + 2) == name;
}

/// A '<' with `mark` behind it stands in [from, end): looked for by the mark, of which there are fewer.
bool has_markup(std::string_view text, char mark, std::size_t from, std::size_t end) {
  const auto stretch = text.substr(from, end - from);
  for (auto at = stretch.find(mark); at != kNone; at = stretch.find(mark, at + 1)) {
    if (at > 0 && stretch[at - 1] == '<') return true;
  }
  return false;
}

std::size_t end_among_markup(std::string_view text, std::string_view name, std::size_t from) {
  auto at = text.find('<', from);
  while (at != kNone && !is_end_tag(text, at, name)) {
    const auto next = behind_markup(text, at);
    at = text.find('<', next == at ? at + 1 : next);
  }
  return std::min(at, text.size());
}

/// Where the end tag of the element begins whose content begins at `from`; the end of the document if nowhere.
std::size_t end_of_content(std::string_view text, std::string_view name, std::size_t from) {
  auto end = text.size();
  for (auto at = found(text, name, from, text.size()); at != kNone; at = found(text, name, at + 1, text.size())) {
    const auto first = std::max(from, at - std::min(at, kLongestPrefix));
    const auto start = text.substr(first, at - first).rfind('<');
    if (start == kNone || !is_end_tag(text, first + start, name)) continue;
    end = first + start;
    break;
  }
  // What looks like its end may stand in a comment.
  const bool may_be_hidden = has_markup(text, '!', from, end) || has_markup(text, '?', from, end);
  return may_be_hidden ? end_among_markup(text, name, from) : end;
}

/// Behind the '>' of a start tag; the end of the text if there is none. Quoted values may hold one.
std::size_t end_of_tag(std::string_view text, std::size_t at) {
  auto end = text.find_first_of(">\"'", at);
  while (end != kNone && text[end] != '>') {
    const auto quote = text.find(text[end], end + 1);
    end = quote == kNone ? kNone : text.find_first_of(">\"'", quote + 1);
  }
  return end == kNone ? text.size() : end + 1;
}

}  // namespace

DataSections::DataSections(std::string_view document) {
  std::size_t kept = 0;
  auto at = document.find('<');
  while (at != kNone) {
    if (const auto next = behind_markup(document, at); next != at) {
      at = document.find('<', next);
      continue;
    }
    const auto name = local_name_at(document, at + 1);
    if (name != "TABLEDATA" && name != "STREAM") {
      at = document.find('<', at + 1);
      continue;
    }
    const auto begin = end_of_tag(document, at);
    const bool is_empty = begin == document.size() || document[begin - 2] == '/';
    if (!is_empty) {
      const auto end = end_of_content(document, name, begin);
      frame_ += document.substr(kept, begin - kept);
      sections_.push_back({begin, end, frame_.size()});
      kept = end;
    }
    at = document.find('<', is_empty ? begin : kept);
    // Its own end tag is a tag like others.
  }
  frame_ += document.substr(kept);
}

std::optional<DataSections::Section> DataSections::of_element(std::size_t place) const {
  const auto section = std::ranges::upper_bound(sections_, place, {}, &Section::place);
  if (section == sections_.end()) return std::nullopt;
  const auto tag = std::string_view{frame_}.substr(place, section->place - place);
  const bool is_its_own = tag.find('<') == kNone;
  return is_its_own ? std::optional{*section} : std::nullopt;
}

std::size_t DataSections::in_document(std::size_t place) const {
  std::size_t removed = 0;
  for (const auto& section : sections_) {
    if (section.place <= place) removed += section.end - section.begin;
  }
  return place + removed;
}

}  // namespace platefs::vo
