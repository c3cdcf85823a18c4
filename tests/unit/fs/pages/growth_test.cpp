// SPDX-License-Identifier: BSD-3-Clause
// Columns, plates, links and targets may be many; what is made of them takes time in proportion.
#include "tests/support/growth.h"

#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "fs/pages/plate_json.h"
#include "fs/pages/plates_table.h"
#include "fs/pages/recent_texts.h"
#include "fs/tree/plate_name.h"
#include "tests/support/fake_library.h"
#include "tests/support/snapshot_builder.h"

namespace platefs::fs {
namespace {

using test::growth_over_fourfold;
using test::kMostGrowthOverFourfold;

vo::Plate plate(const std::string& did) {
  vo::Plate made;
  made.obs_publisher_did = did;
  made.t_min = 10000;
  return made;
}

TEST(Growth, OfATableIsThatOfItsColumnsThoughAllHaveOneName) {
  const auto target = test::target_at(10, 20);
  EXPECT_LT(growth_over_fourfold(
                1500,
                [&](std::size_t size) {
                  auto table = std::make_shared<vo::PlateTable>();
                  table->archive = "a";
                  vo::VotableField column;
                  column.name = "x";
                  table->table.fields = std::vector(size, column);
                  table->table.rows.push_back(std::vector<vo::VotableValue>(size));
                  table->plates.push_back(plate("ivo://x"));
                  auto answer = std::make_shared<cache::PlatesAnswer>(cache::PlatesAnswer{target.position, {}, 0});
                  answer->archives.push_back({"a", table, std::nullopt, 0});
                  TargetSnapshot snapshot;
                  snapshot.answer = answer;
                  snapshot.plates.push_back(std::make_shared<PlateEntry>(PlateEntry{"p", {table, 0}}));
                  const auto merged = plates_table(snapshot, target, "/m");
                  ASSERT_GT(merged.fields.size(), size);
                }),
            kMostGrowthOverFourfold);
}

TEST(Growth, OfNamesIsThatOfThePlatesThoughAllWouldHaveOne) {
  EXPECT_LT(growth_over_fourfold(2000,
                                 [](std::size_t size) {
                                   std::vector<vo::Plate> plates;
                                   for (std::size_t i = 0; i < size; ++i)
                                     plates.push_back(plate(fmt::format("ivo://x/{}/same", i)));
                                   std::vector<const vo::Plate*> all;
                                   for (const auto& each : plates) all.push_back(&each);
                                   PlateNames names;
                                   add_plate_names(all, names);
                                   ASSERT_EQ(names.size(), size);
                                 }),
            kMostGrowthOverFourfold);
}

TEST(Growth, OfPlateJsonIsThatOfTheLinks) {
  const auto target = test::target_at(10, 20);
  EXPECT_LT(growth_over_fourfold(500,
                                 [&](std::size_t size) {
                                   test::FakeLibrary library;
                                   auto& document = library.links->document;
                                   document.links.resize(size);
                                   for (std::size_t i = 0; i < size; ++i) {
                                     auto& link = document.links[i];
                                     link.access_url = fmt::format("http://a/{}.fits", i);
                                     link.semantics = "#aux";
                                     link.content_type = "image/fits";
                                   }
                                   library.links->files = vo::plate_links(document, {});
                                   auto table = std::make_shared<vo::PlateTable>();
                                   table->plates.push_back(plate("ivo://x"));
                                   ASSERT_GT(plate_json({"p", {table, 0}}, target, library, 0).size(), size);
                                 }),
            kMostGrowthOverFourfold);
}

TEST(Growth, OfKeepingTextsIsThatOfTheTargets) {
  EXPECT_LT(growth_over_fourfold(3000,
                                 [](std::size_t size) {
                                   RecentTexts texts{std::size_t{1} << 30};
                                   std::vector<std::shared_ptr<const void>> origins;
                                   for (std::size_t i = 0; i < size; ++i) {
                                     const auto key = std::to_string(i);
                                     origins.push_back(std::make_shared<const int>(1));
                                     texts.keep(key, origins.back(), std::make_shared<const std::string>(key));
                                     for (int k = 0; k < 4; ++k) ASSERT_NE(texts.find(key, origins.back()), nullptr);
                                   }
                                 }),
            kMostGrowthOverFourfold);
}

}  // namespace
}  // namespace platefs::fs
