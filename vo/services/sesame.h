// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vo/base/sky.h"
#include "vo/http/message.h"

namespace platefs::vo {

/// What the name resolver of CDS (Sesame) says of an object.
struct SesameAnswer {
  std::optional<IcrsPosition> position;  ///< nothing: no catalogue knows the name
  std::string resolver;                  ///< "Simbad", "VizieR"; as the answer puts it
  std::string main_name;                 ///< "* alf Gem"
};

/// Asks Simbad, NED and VizieR, in this order, for `name`. `service` is the base ("…/nph-sesame"), or with
/// a '?' in it the whole URL up to the name. GET; the answer is a few hundred bytes.
http::Request sesame_request(const Url& service, std::string_view name);

/// Reads the plain form ("%J 170.57 +59.07 = …") or the XML form (<jradeg>). Where several catalogues
/// answer, the first that has a position counts. Throws Error{Malformed} when it is neither, or ends
/// before it has said whether there is a position: that is no proof that there is none.
SesameAnswer read_sesame(std::string_view document);

}  // namespace platefs::vo
