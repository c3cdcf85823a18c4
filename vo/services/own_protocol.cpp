// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/own_protocol.h"

#include <utility>

#include "vo/base/error.h"
#include "vo/services/cutout_template.h"
#include "vo/services/starglass.h"

namespace platefs::vo {

std::string OwnProtocol::files_document(Transport& /*transport*/, const std::string& id,
                                        const std::stop_token& /*stop*/) const {
  throw Error{ErrorKind::NotFound, "the archive offers no files of " + id};
}

VotableField made_column(std::string name, std::string datatype, std::string unit, std::string ucd,
                         std::string description) {
  VotableField field;
  field.name = std::move(name);
  field.datatype = std::move(datatype);
  if (field.datatype == "char") field.arraysize = "*";
  field.unit = std::move(unit);
  field.ucd = std::move(ucd);
  field.description = std::move(description);
  return field;
}

std::shared_ptr<const OwnProtocol> own_protocol(const TapService& service) {
  switch (service.kind) {
    case ServiceKind::Template:
      return std::make_shared<CutoutTemplate>(service);
    case ServiceKind::StarGlass:
      return std::make_shared<StarGlass>(service);
    case ServiceKind::Tap:
    case ServiceKind::Siap2:
    case ServiceKind::Siap1:
    case ServiceKind::Table:
      break;
  }
  return nullptr;
}

}  // namespace platefs::vo
