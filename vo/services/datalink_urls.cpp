// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/datalink_urls.h"

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

/// A path or a query without a scheme in front.
bool is_relative(std::string_view reference) {
  const auto mark = reference.find_first_of(":/?");
  return mark != std::string_view::npos && reference[mark] != ':';
}

std::string absolute(const std::string& reference, const Url& source) {
  if (!is_relative(reference)) return reference;
  try {
    return source.resolve(reference).text();
  } catch (const Error&) {
    return reference;
  }
}

}  // namespace

void make_absolute(DatalinkDocument& document, const Url& source) {
  for (auto& link : document.links) link.access_url = absolute(link.access_url, source);
  for (auto& service : document.services) service.access_url = absolute(service.access_url, source);
}

}  // namespace platefs::vo
