// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/sesame_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "vo/base/ascii.h"
#include "vo/base/url.h"
#include "vo/base/xml_text.h"

namespace platefs::demo {
namespace {

struct Known {
  std::string_view name, main_name, type;
  double ra, dec;
};

/// Places of SIMBAD, and one that only the demo has: where its plates are.
constexpr std::array kKnown = {
    Known{"m31", "M  31", "AGN", 10.68470833, 41.26875},
    Known{"m1", "M   1", "SNR", 83.6324, 22.0174},
    Known{"agdra", "V* AG Dra", "Sy*", 240.4204167, 66.8027778},
    Known{"demostar", "NAME Demo Star", "V*", 156.01124674021, 48.14753874736},
};

/// Sesame does not mind blanks, underscores and case.
std::string plain(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (!vo::is_blank(c) && c != '_' && c != '+') result += vo::lower(c);
  }
  return result;
}

std::string as_text(std::string_view name, const Known* known) {
  if (known == nullptr) return fmt::format("# {}\t#Q0\n#! *** Nothing found *** \n#====Done====\n", name);
  return fmt::format("# {}\t#Q1\n#=S=Simbad (demo): 1\n%@ 1\n%I.0 {}\n%C.0 {}\n%J {:.10f} {:+.10f} = \n#====Done====\n",
                     name, known->main_name, known->type, known->ra, known->dec);
}

std::string as_xml(std::string_view name, const Known* known) {
  const auto found = known == nullptr
                         ? std::string("<INFO>*** Nothing found ***</INFO>\n")
                         : fmt::format(
                               "<Resolver name=\"S=Simbad (demo)\"><otype>{}</otype><jradeg>{:.10f}</jradeg>"
                               "<jdedeg>{:.10f}</jdedeg><oname>{}</oname></Resolver>\n",
                               known->type, known->ra, known->dec, known->main_name);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Sesame><Target "
      "option=\"S\"><name>{}</name>\n{}</Target></Sesame>\n",
      vo::xml_escaped(name), found);
}

}  // namespace

Answer sesame_answer(const Request& request, std::string_view options) {
  auto query = request.query;
  std::ranges::replace(query, '+', ' ');
  const auto name = vo::percent_decoded(query);
  const auto* const found = std::ranges::find(kKnown, plain(name), &Known::name);
  const auto* const known = found == kKnown.end() ? nullptr : found;
  const bool wants_xml = options.find('x') != std::string_view::npos;
  return wants_xml ? text_answer(200, "text/xml", as_xml(name, known))
                   : text_answer(200, "text/plain", as_text(name, known));
}

}  // namespace platefs::demo
