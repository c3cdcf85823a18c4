// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "vo/votable/cell.h"
#include "vo/votable/votable.h"

namespace pugi {
class xml_node;
}

namespace platefs::vo {

// Elements of a VOTable, in the tree of its frame (data_sections.h).

/// How deep elements may be nested where this matters.
inline constexpr int kDeepestNesting = 50;

/// Namespaces and their prefixes differ from archive to archive; the local names don't.
std::string_view local_name(const pugi::xml_node& node);
bool is_element(const pugi::xml_node& node, std::string_view name);
/// The first one of that name; an empty node when there is none.
pugi::xml_node child(const pugi::xml_node& parent, std::string_view name);
/// The character data of an element, CDATA included.
std::string raw_text(const pugi::xml_node& node);
std::string text_in(const pugi::xml_node& node);  ///< the same without blanks around it
std::string attribute(const pugi::xml_node& node, const char* name);

/// A VALUES: what it says of the field.
void read_values(const pugi::xml_node& values, VotableField& field);
/// A FIELD or a PARAM.
VotableField field_of(const pugi::xml_node& node, MemoryBudget& budget);
VotableInfo info_of(const pugi::xml_node& node, MemoryBudget& budget);

[[noreturn]] void malformed(const std::string& message);
/// Throws Error{Malformed} naming the limit.
void require_at_most(std::size_t most, std::size_t count, std::string_view what);
/// What a FIELD, a PARAM or an INFO takes: it is ten bytes in the document and many strings here.
void spend_on_metadata(MemoryBudget& budget);

}  // namespace platefs::vo
