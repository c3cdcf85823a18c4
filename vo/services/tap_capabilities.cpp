// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap_capabilities.h"

#include <algorithm>
#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/excerpt.h"
#include "vo/base/xml_text.h"

namespace platefs::vo {
namespace {

/// "ivo://ivoa.net/std/TAP", perhaps with a version behind; not its neighbour TAPRegExt.
bool is_tap(const pugi::xml_node& capability) {
  constexpr std::string_view kTap = "ivo://ivoa.net/std/tap";
  const auto id = lower_case(trimmed(capability.attribute("standardID").value()));
  return id.starts_with(kTap) && (id.size() == kTap.size() || id[kTap.size()] == '#');
}

bool is_inline_upload(const pugi::xml_node& node) {
  return local_name(node.name()) == "uploadMethod" &&
         lower_case(trimmed(node.attribute("ivo-id").value())).ends_with("tapregext#upload-inline");
}

}  // namespace

bool takes_inline_upload(std::string_view capabilities) {
  pugi::xml_document xml;
  const auto result = xml.load_buffer(capabilities.data(), capabilities.size());
  if (!result || local_name(xml.document_element().name()) != "capabilities") {
    throw Error{ErrorKind::Malformed, "this is no list of capabilities: " + first_words(capabilities)};
  }
  const auto all = xml.document_element().children();
  return std::any_of(all.begin(), all.end(), [](const pugi::xml_node& node) {
    if (local_name(node.name()) != "capability" || !is_tap(node)) return false;
    const auto parts = node.children();
    return std::any_of(parts.begin(), parts.end(), is_inline_upload);
  });
}

}  // namespace platefs::vo
