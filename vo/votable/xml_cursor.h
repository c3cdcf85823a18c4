// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace platefs::vo {

/// Goes once through a stretch of UTF-8 XML (elements, character data, CDATA, comments, processing instructions) and
/// keeps no tree of it. Throws Error{Malformed} with the line of the document where it is broken or cut off.
class XmlCursor {
 public:
  struct Tag {
    std::string_view name;        ///< with its prefix
    std::string_view attributes;  ///< as written
    bool is_end = false;          ///< </name>
    bool is_empty = false;        ///< <name/>

    std::string_view local_name() const;
    /// There is an attribute of that name.
    bool has(std::string_view attribute) const;
  };

  /// Of the bytes [begin, end) of `document`, which outlives the cursor.
  XmlCursor(std::string_view document, std::size_t begin, std::size_t end)
      : document_(document), at_(begin), end_(end) {}

  bool is_at_end() const { return at_ == end_; }
  /// The character data up to the next tag, references replaced; in the document where it stands there as it is, else
  /// in `room`.
  std::string_view characters(std::string& room);
  /// Goes behind it.
  void skip_characters();
  /// The tag that begins here; skip_characters() has been called, or characters().
  Tag tag();
  /// Goes behind the end of the element that begins by `start`.
  void skip_element(const Tag& start);
  /// `<TD>text</TD>` as archives write it, without anything that had to be looked at; false: it is something else,
  /// and nothing happened.
  bool take_plain_cell(std::string_view& text);

  [[noreturn]] void broken(std::string_view what) const;

 private:
  std::string_view rest() const { return document_.substr(at_, end_ - at_); }
  void skip_past(std::string_view mark, std::string_view what);
  void append_references(std::string& room, std::string_view text) const;
  bool take_markup(std::string* room);

  std::string_view document_;
  std::size_t at_, end_;
};

}  // namespace platefs::vo
