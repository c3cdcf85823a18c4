// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/find_target.h"

#include <fmt/core.h>

#include <string>
#include <utility>

#include "vo/base/error.h"

namespace platefs::fs {

using vo::Error;
using vo::ErrorKind;

void find_target(cache::Library& library, std::string_view name, vo::Angle default_radius,
                 vo::Completion<Target> done) {
  const auto parsed = parse_target(name, default_radius);
  if (const auto* target = std::get_if<Target>(&parsed)) return done(*target);
  if (const auto* refused = std::get_if<NoTarget>(&parsed)) {
    return done(Error{ErrorKind::Rejected, fmt::format("'{}' is no target: {}", name, refused->reason)});
  }
  const auto& object = std::get<ObjectName>(parsed);
  library.resolve(object.name,
                  [object, done = std::move(done)](const vo::Outcome<cache::ObjectAnswer>& answer) mutable {
                    if (!answer) return done(answer.error());
                    if (answer.value().position) return done(object.at(*answer.value().position));
                    done(Error{ErrorKind::NotFound, fmt::format("no catalogue knows an object '{}'", object.name)});
                  });
}

}  // namespace platefs::fs
