// SPDX-License-Identifier: BSD-3-Clause
// What an archive sends may be long; the time that it takes here grows as it does.
#include "tests/support/growth.h"

#include <functional>
#include <string>

#include "tests/support/votable_builder.h"
#include "vo/services/archive.h"
#include "vo/services/datalink.h"
#include "vo/services/datalink_part.h"
#include "vo/services/obscore.h"
#include "vo/votable/writer.h"

namespace platefs::vo {
namespace {

using test::growth_over_fourfold;
using test::kMostGrowthOverFourfold;
using test::table;
using test::tabledata;
using test::votable_document;

std::string field(const std::string& name) {
  return "<FIELD name=\"" + name + "\" datatype=\"char\" arraysize=\"*\"/>";
}

std::string repeated(std::size_t times, const std::function<std::string(std::size_t)>& piece) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece(i);
  return text;
}

std::string plates_document(std::size_t fields, std::size_t rows, const std::string& services = {}) {
  const auto more = repeated(fields, [](std::size_t) { return field("x"); });
  const auto cells =
      repeated(rows, [](std::size_t i) { return "<TR><TD>ivo://x/" + std::to_string(i % 1000) + "</TD></TR>"; });
  return votable_document(table(field("obs_publisher_did") + more, tabledata(cells)), "", services);
}

TEST(Growth, OfReadingATableIsThatOfItsRows) {
  EXPECT_LT(
      growth_over_fourfold(5000, [](std::size_t size) { plates_from(read_votable(plates_document(3, size)), "a"); }),
      kMostGrowthOverFourfold);
}

TEST(Growth, OfReadingAndWritingATableIsThatOfItsFields) {
  EXPECT_LT(growth_over_fourfold(2000,
                                 [](std::size_t size) {
                                   const auto read = plates_from(read_votable(plates_document(size, 1)), "a");
                                   votable_text({"t", "", {}, read.table.fields, read.table.rows});
                                 }),
            kMostGrowthOverFourfold);
}

TEST(Growth, OfReadingATableIsThatOfItsServices) {
  EXPECT_LT(growth_over_fourfold(1000,
                                 [](std::size_t size) {
                                   const auto services = repeated(size, [](std::size_t i) {
                                     return "<RESOURCE utype=\"adhoc:service\" ID=\"s" + std::to_string(i) +
                                            "\"><GROUP name=\"inputParams\"><PARAM name=\"ID\" ref=\"r" +
                                            std::to_string(i) + "\"/></GROUP></RESOURCE>";
                                   });
                                   plates_from(read_votable(plates_document(size, 1, services)), "a");
                                 }),
            kMostGrowthOverFourfold);
}

std::string links_document(std::size_t links, std::size_t ids) {
  const auto fields =
      field("ID") + field("access_url") + field("service_def") + field("semantics") + field("content_type");
  const auto rows = repeated(links, [ids](std::size_t i) {
    const auto number = std::to_string(i);
    return "<TR><TD>" + std::to_string(i % ids) + "</TD><TD>http://a/" + number + ".fits</TD><TD>s" + number +
           "</TD><TD>#aux</TD><TD>image/fits</TD></TR>";
  });
  const auto services = repeated(
      links / 4, [](std::size_t i) { return "<RESOURCE utype=\"adhoc:service\" ID=\"s" + std::to_string(i) + "\"/>"; });
  return votable_document(table(fields, tabledata(rows)), "", services);
}

TEST(Growth, OfTheFilesOfAPlateIsThatOfItsLinks) {
  EXPECT_LT(growth_over_fourfold(2000,
                                 [](std::size_t size) {
                                   const auto document = read_datalink(read_votable(links_document(size, 1)));
                                   plate_links(document, {});
                                   document.of("0");
                                 }),
            kMostGrowthOverFourfold);
}

TEST(Growth, OfThePartsOfALinksDocumentIsThatOfItsRows) {
  EXPECT_LT(growth_over_fourfold(2000,
                                 [](std::size_t size) {
                                   const DatalinkParts parts{links_document(size, 8)};
                                   for (int id = 0; id < 8; ++id) parts.of(std::to_string(id));
                                 }),
            kMostGrowthOverFourfold);
}

}  // namespace
}  // namespace platefs::vo
