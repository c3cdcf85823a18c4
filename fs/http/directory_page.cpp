// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/directory_page.h"

#include <fmt/format.h>

#include "vo/base/mjd.h"
#include "vo/base/url.h"
#include "vo/base/xml_text.h"

namespace platefs::fs {
namespace {

std::string size_text(const Entry& entry) {
  if (entry.is_directory) return "-";
  return entry.size ? fmt::to_string(*entry.size) : fmt::format("~{}", entry.estimate);
}

std::string date_text(std::int64_t unix_seconds) {
  return vo::iso_date(vo::mjd_of_unix(static_cast<double>(unix_seconds)));
}

void append_row(std::string& page, const Entry& entry) {
  const std::string slash = entry.is_directory ? "/" : "";
  page += fmt::format("<tr><td><a href=\"{0}{1}\">{2}{1}</a></td><td>{3}</td><td>{4}</td></tr>\n",
                      vo::percent_encoded(entry.name), slash, vo::xml_escaped(entry.name), size_text(entry),
                      date_text(entry.observed));
}

}  // namespace

std::string directory_page(const std::string& title, const std::vector<Entry>& entries) {
  auto page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; form-action 'self'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{0}</title>\n<style>body{{font-family:sans-serif;margin:2rem}}td{{padding:.1rem 1.5rem .1rem 0}}"
      "td+td{{text-align:right;font-variant-numeric:tabular-nums}}</style>\n</head>\n<body>\n<h1>{0}</h1>\n{1}"
      "<table>\n",
      vo::xml_escaped(title), title == "/" ? "" : "<form action=\"../\" method=\"get\"><button>up</button></form>\n");
  for (const auto& entry : entries) append_row(page, entry);
  return page + "</table>\n</body>\n</html>\n";
}

}  // namespace platefs::fs
