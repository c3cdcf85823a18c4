// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/siap_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tools/demo_archive/adql.h"
#include "tools/demo_archive/votable_out.h"
#include "vo/base/error.h"
#include "vo/votable/cell.h"

namespace platefs::demo {
namespace {

constexpr std::uint64_t kMostRows = 20000;

/// Numbers between blanks or commas. Throws vo::Error{Rejected} when these are not so many.
template <std::size_t count>
std::array<double, count> numbers_in(std::string_view text, std::string_view what) {
  std::array<double, count> numbers{};
  for (auto& number : numbers) {
    text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
    const auto word = text.substr(0, text.find_first_of(" ,"));
    const auto value = vo::number_of_text(word);
    if (!value)
      throw vo::Error(vo::ErrorKind::Rejected, fmt::format("UsageFault: {} is not as the standard wants it", what));
    number = *value;
    text.remove_prefix(word.size());
  }
  return numbers;
}

/// How the first version names what ObsCore names otherwise, by UCD.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kVersion1{
    {{"obs_title", "VOX:Image_Title"},
     {"s_ra", "POS_EQ_RA_MAIN"},
     {"s_dec", "POS_EQ_DEC_MAIN"},
     {"access_format", "VOX:Image_Format"},
     {"access_url", "VOX:Image_AccessReference"},
     {"t_min", "VOX:Image_MJDateObs"},
     {"instrument_name", "INST_ID"},
     {"obs_publisher_did", "ID_MAIN"}}};

Selection selected(const ObscoreTable& table, const std::string& condition) {
  const auto query = read_adql(
      fmt::format("SELECT * FROM ivoa.obscore WHERE dataproduct_type = 'image' AND {} ORDER BY t_min", condition),
      table);
  return run(query, table, kMostRows);
}

Document document_of(const ObscoreTable& table, const Selection& selection) {
  Document document;
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  document.fields = table.fields;
  for (const auto* row : selection.rows) document.rows.push_back(row->cells);
  return document;
}

Document version_1_of(const ObscoreTable& table, const Selection& selection) {
  Document document;
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  for (const auto& [name, ucd] : kVersion1) {
    auto field = table.fields[static_cast<std::size_t>(table.column(name))];
    field.name = fmt::format("col{}", document.fields.size());
    field.utype.clear();
    field.ucd = ucd;
    document.fields.push_back(std::move(field));
  }
  for (const auto* row : selection.rows) {
    std::vector<vo::VotableValue> cells;
    for (const auto& [name, ucd] : kVersion1) cells.push_back(row->cells[static_cast<std::size_t>(table.column(name))]);
    document.rows.push_back(std::move(cells));
  }
  return document;
}

template <typename Work>
Answer answered(const Work& work) {
  try {
    return text_answer(200, kVotableType, votable(work(), Serialization::Tabledata));
  } catch (const vo::Error& problem) {
    if (problem.kind() == vo::ErrorKind::Rejected) return text_answer(200, "text/xml", error_votable(problem.what()));
    throw;
  }
}

}  // namespace

Answer SiapService::version_2(const Request& request) const {
  return answered([&] {
    constexpr std::string_view kCircle = "CIRCLE ";
    const auto pos = request.parameter("POS").value_or("");
    if (!pos.starts_with(kCircle)) throw vo::Error(vo::ErrorKind::Rejected, "UsageFault: POS is CIRCLE ra dec radius");
    const auto [ra, dec, radius] = numbers_in<3>(std::string_view(pos).substr(kCircle.size()), "POS");
    return document_of(table_, selected(table_, fmt::format("1 = INTERSECTS(CIRCLE('ICRS', {}, {}, {}), s_region)", ra,
                                                            dec, std::max(radius, 1e-9))));
  });
}

Answer SiapService::version_1(const Request& request) const {
  return answered([&] {
    const auto pos = request.parameter("POS").value_or("");
    const auto [ra, dec] = numbers_in<2>(pos, "POS");
    return version_1_of(table_,
                        selected(table_, fmt::format("1 = CONTAINS(POINT('ICRS', {}, {}), s_region)", ra, dec)));
  });
}

}  // namespace platefs::demo
