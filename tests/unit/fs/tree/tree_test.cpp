// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/tree.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

constexpr auto kTarget = "156.011+48.148";
constexpr auto kPlate = "1890-05-17_i00811";

class TreeTest : public testing::Test, protected test::MountedTree {};

TEST_F(TreeTest, ListsTheTargetsThatWereEntered) {
  library.entered = {kTarget};
  EXPECT_THAT(names_in(Tree::root()), IsSupersetOf({kTarget, "README.txt", ".platefs"}));
}

TEST_F(TreeTest, ListsAnObjectOnceHoweverItsNameWasWritten) {
  library.objects["M31"] = library.objects["M 31"] =
      vo::IcrsPosition::at(vo::Angle::degrees(10), vo::Angle::degrees(41));
  library.entered = {"M 31", "M31", "M31@0.5d", "M_31@30m", "M31@1890-1900"};
  const auto names = names_in(Tree::root());
  EXPECT_THAT(
      names, testing::UnorderedElementsAre("M_31", "M31@30m", "M31@1890-1900", "README.txt", "index.html", ".platefs"));
}

TEST_F(TreeTest, AYearsViewHasThePlatesOfThoseYearsByTheSameNamesAndNoQueryOfItsOwn) {
  EXPECT_THAT(names_in(at({kTarget})), testing::IsSupersetOf({kPlate, "1894-06-21_b01941"}));
  const auto view = at({"156.011+48.148@1891-1894"});
  EXPECT_THAT(names_in(view), testing::AllOf(Contains("1894-06-21_b01941"), Not(Contains(kPlate))));
  EXPECT_FALSE(child(view, kPlate));
  EXPECT_EQ(at({"156.011+48.148@1891-1894", "cutouts", "1894-06-21_b01941.fits"}).identity,
            at({kTarget, "cutouts", "1894-06-21_b01941.fits"}).identity);
  EXPECT_NE(at({"156.011+48.148@1891-1894", "blink.gif"}).identity, at({kTarget, "blink.gif"}).identity);
  EXPECT_THAT(names_in(at({"156.011+48.148@1700-1701"})), Contains("errors.txt"));
}

TEST_F(TreeTest, GroupsPlatesByDecadeAndCollectionAsLinksToThem) {
  auto dated = test::dated_plate("ivo://a/x", 11504.5), undated = test::dated_plate("ivo://a/y", 0);
  dated.obs_collection = "HDAP/Lick ..";
  undated.t_min = std::nullopt;
  library.plates->archives = {test::archive_answer("a", {dated, undated})};
  EXPECT_THAT(names_in(at({kTarget, "by-decade"})), testing::UnorderedElementsAre("1890s", "undated"));
  EXPECT_THAT(names_in(at({kTarget, "by-collection"})), testing::UnorderedElementsAre("HDAP-Lick ..", "unnamed"));
  const auto link = at({kTarget, "by-decade", "1890s", "1890-05-17_x"});
  EXPECT_EQ(link.kind, NodeKind::Symlink);
  EXPECT_EQ(link.link, "../../1890-05-17_x");
  EXPECT_EQ(attributes.of(link, 7).stat.st_mode & S_IFMT, static_cast<mode_t>(S_IFLNK));
  EXPECT_FALSE(child(at({kTarget, "by-decade", "undated"}), "1890-05-17_x"));
  EXPECT_FALSE(child(at({kTarget, "by-decade"}), "1900s"));
}

TEST_F(TreeTest, LooksUpAnyTargetWithoutAskingAnybody) {
  EXPECT_TRUE(is_known(Tree::root(), kTarget));
  const auto target = child(Tree::root(), kTarget);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->kind, NodeKind::Target);
  EXPECT_EQ(library.questions, 0);
}

TEST_F(TreeTest, KnowsNoNoiseAndAsksNobodyAboutIt) {
  for (const auto* name : {".git", "HEAD", "autorun.inf", "400+95"}) {
    ASSERT_TRUE(is_known(Tree::root(), name)) << name;
    logged.clear();
    EXPECT_FALSE(child(Tree::root(), name)) << name;
  }
  EXPECT_EQ(library.questions, 0);
  ASSERT_EQ(logged.size(), 1U);
  EXPECT_THAT(logged[0], testing::HasSubstr("400"));
}

TEST_F(TreeTest, AsksOnceForTheNameOfAnObject) {
  library.objects["AG Dra"] = vo::IcrsPosition::at(vo::Angle::degrees(240.4), vo::Angle::degrees(66.8));
  EXPECT_EQ(at({"AG Dra"}).kind, NodeKind::Target);
  library.objects["Nonsense 1"] = std::nullopt;
  EXPECT_FALSE(child(Tree::root(), "Nonsense 1"));
}

TEST_F(TreeTest, ListsWhatItFindsByName) {
  library.entered = {kTarget};
  library.time_series = library.plates;
  library.links->served = "<VOTABLE/>";
  library.links->document.links.resize(1);
  library.links->files.others["science.fits"] = &library.links->document.links[0];
  const std::vector<std::vector<std::string>> directories{{},
                                                          {".platefs"},
                                                          {kTarget},
                                                          {kTarget, "cutouts"},
                                                          {kTarget, "previews"},
                                                          {kTarget, "by-decade"},
                                                          {kTarget, "by-decade", "1890s"},
                                                          {kTarget, "by-collection"},
                                                          {kTarget, "timeseries"},
                                                          {kTarget, kPlate},
                                                          {kTarget, kPlate, "links"}};
  for (const auto& path : directories) {
    const auto directory = at(path);
    names_in(directory);
    for (const auto& [name, node] : tree.children(directory)) {
      const auto found = child(directory, name);
      ASSERT_TRUE(found) << name;
      EXPECT_EQ(found->identity, node.identity) << name;
      EXPECT_EQ(found->kind, node.kind) << name;
      EXPECT_EQ(found->document, node.document) << name;
      EXPECT_EQ(found->plate, node.plate) << name;
      EXPECT_EQ(found->target, node.target) << name;
    }
  }
}

TEST_F(TreeTest, AsksForLightCurvesWhenTheirFolderIsEnteredAndListsItOnceSomeAreKnown) {
  const auto target = at({kTarget});
  EXPECT_THAT(names_in(target), Not(Contains("timeseries")));
  ASSERT_TRUE(is_known(target, "timeseries"));
  EXPECT_EQ(library.questions, 1);
  auto curve = test::dated_plate("ivo://a/star", 11504.5), packed = test::dated_plate("ivo://a/packed", 11504.25);
  packed.access_format = "application/fits";
  library.time_series = std::make_shared<cache::PlatesAnswer>(*library.plates);
  library.time_series->archives = {test::archive_answer("a", {curve, packed})};
  library.knows_time_series = true;
  const auto folder = at({kTarget, "timeseries"});
  EXPECT_THAT(names_in(folder), testing::UnorderedElementsAre("1890-05-17_star.vot", "1890-05-17_packed.fits",
                                                              "timeseries.csv", "timeseries.fits", "timeseries.vot"));
  EXPECT_EQ(library.questions, 2);
  EXPECT_THAT(names_in(target), Contains("timeseries"));
  EXPECT_EQ(at({kTarget, "timeseries", "1890-05-17_star.vot"}).product_kind, cache::ProductKind::TimeSeries);
  for (const auto* name :
       {"1890-05-17_star", "1890-05-17_packed.vot", "1890-05-17_i00811.vot", "errors.txt", "plates.vot"}) {
    EXPECT_FALSE(child(folder, name)) << name;
  }
  EXPECT_THAT(names_in(target), Contains(kPlate)) << "plates are those of the place";
}

TEST_F(TreeTest, AFolderWithoutLightCurvesIsEmptyAndSaysNothingOfErrors) {
  library.time_series = std::make_shared<cache::PlatesAnswer>(*library.plates);
  library.time_series->archives.clear();
  EXPECT_THAT(names_in(at({kTarget, "timeseries"})),
              testing::UnorderedElementsAre("timeseries.csv", "timeseries.fits", "timeseries.vot"));
  EXPECT_TRUE(library.entered.empty()) << "nobody asked for plates";
}

TEST_F(TreeTest, ShowsPlatesByEpochAndTheTables) {
  const auto target = at({kTarget});
  EXPECT_THAT(names_in(target),
              IsSupersetOf({kPlate, "1894-06-21_b01941", "cutouts", "previews", "plates.vot", "plates.csv"}));
  EXPECT_EQ(library.questions, 1);
  EXPECT_THAT(library.entered, Contains(kTarget));
}

TEST_F(TreeTest, HasNoErrorsTxtWhereAllWentWell) { EXPECT_THAT(names_in(at({kTarget})), Not(Contains("errors.txt"))); }

TEST_F(TreeTest, IsNoMissingDirectoryWhereTheArchivesServiceIsMissing) {
  library.plates = nullptr;
  library.refusal = vo::ErrorKind::NotFound;
  const auto failure = failure_to_list(child(Tree::root(), kTarget).value());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), vo::ErrorKind::Rejected);
}

TEST_F(TreeTest, SaysInErrorsTxtWhyATargetFailed) {
  library.plates = nullptr;
  const auto target = at({kTarget});
  const auto failure = failure_to_list(target);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), vo::ErrorKind::Refused);
  const auto errors = child(target, "errors.txt");
  ASSERT_TRUE(errors);
  EXPECT_THAT(*documents.text(*errors), testing::HasSubstr("the fake archive refuses"));
}

TEST_F(TreeTest, ShowsAFileUnderTwoNamesAsOneFile) {
  EXPECT_EQ(at({kTarget, "cutouts", std::string{kPlate} + ".fits"}).identity,
            at({kTarget, kPlate, "cutout.fits"}).identity);
  EXPECT_EQ(at({kTarget, "previews", std::string{kPlate} + ".jpg"}).identity,
            at({kTarget, kPlate, "preview.jpg"}).identity);
}

TEST_F(TreeTest, GivesSpellingsOfAPlaceOneSetOfFiles) {
  const auto as_degrees = at({kTarget, kPlate, "full.fits"});
  const auto as_words = at({"156.011 +48.148", kPlate, "full.fits"});
  EXPECT_EQ(as_degrees.identity, as_words.identity);
  EXPECT_NE(at({kTarget}).identity, at({"156.011 +48.148"}).identity);
}

TEST_F(TreeTest, ListsEveryPlateInTheFlatDirectories) {
  EXPECT_EQ(names_in(at({kTarget, "cutouts"})),
            (std::vector<std::string>{"1890-05-17_i00811.fits", "1894-06-21_b01941.fits"}));
  EXPECT_EQ(names_in(at({kTarget, "previews"})),
            (std::vector<std::string>{"1890-05-17_i00811.jpg", "1894-06-21_b01941.jpg"}));
  EXPECT_EQ(names_in(at({kTarget, "stamps"})), names_in(at({kTarget, "previews"})));
  EXPECT_EQ(names_in(at({kTarget, "aligned"})), names_in(at({kTarget, "cutouts"})));
  EXPECT_FALSE(child(at({kTarget, "cutouts"}), "1890-05-17_i00811.jpg"));
}

TEST_F(TreeTest, ListsNothingThatIsKnownToFailButFindsItByName) {
  const auto& row = library.plates->archives[0].table->plates[0];
  cache::Failure failure{row.obs_publisher_did.str(), "cutout.fits", "no coordinates"};
  library.failed = {failure};
  const std::vector<std::string> others{"1894-06-21_b01941.fits"};
  EXPECT_EQ(names_in(at({kTarget, "cutouts"})), others);
  EXPECT_EQ(names_in(at({kTarget, "aligned"})), others);
  EXPECT_EQ(names_in(at({kTarget, "stamps"})).size(), 1u);
  EXPECT_EQ(names_in(at({kTarget, "previews"})).size(), 2u);
  EXPECT_TRUE(child(at({kTarget, "cutouts"}), "1890-05-17_i00811.fits"));
  EXPECT_THAT(names_in(at({kTarget})), Contains(kPlate));
  failure.file = "stamp.jpg";  // alone: the cutout is there
  library.failed = {failure};
  EXPECT_EQ(names_in(at({kTarget, "stamps"})).size(), 1u);
  EXPECT_EQ(names_in(at({kTarget, "cutouts"})).size(), 2u);
  failure.archive = "another";
  library.failed = {failure};
  EXPECT_EQ(names_in(at({kTarget, "stamps"})).size(), 2u);
}

TEST_F(TreeTest, ListsNothingOfAPlateWithoutASource) {
  auto table = std::make_shared<vo::PlateTable>(*library.plates->archives[0].table);
  table->plates[0].access_url = {};
  library.plates->archives[0].table = table;
  for (const auto* folder : {"cutouts", "stamps", "aligned", "previews"}) {
    EXPECT_EQ(names_in(at({kTarget, folder})).size(), 1u) << folder;
  }
  EXPECT_THAT(names_in(at({kTarget})), Contains(kPlate));
}

TEST_F(TreeTest, ShowsAlbumsOfAPlaceThatHasPlates) {
  EXPECT_THAT(names_in(at({kTarget})), IsSupersetOf({"blink.gif", "contact.jpg"}));
  EXPECT_EQ(at({kTarget, "blink.gif"}).kind, NodeKind::File);
  EXPECT_NE(at({kTarget, "blink.gif"}).identity, at({kTarget, "contact.jpg"}).identity);
}

TEST_F(TreeTest, ShowsTheFilesOfAPlate) {
  const auto plate = at({kTarget, kPlate});
  EXPECT_THAT(names_in(plate), testing::UnorderedElementsAre("cutout.fits", "full.fits", "preview.jpg", "chart.png",
                                                             "plate.json", "links"));
  library.links->served = "<VOTABLE/>";
  EXPECT_THAT(names_in(plate), Contains("datalink.vot"));
  EXPECT_EQ(*documents.text(at({kTarget, kPlate, "datalink.vot"})), "<VOTABLE/>");
}

TEST_F(TreeTest, ShowsTheOtherLinksOfAPlate) {
  library.links->document.links.resize(1);
  library.links->files.others["science.fits"] = &library.links->document.links[0];
  EXPECT_EQ(names_in(at({kTarget, kPlate, "links"})), std::vector<std::string>{"science.fits"});
  EXPECT_EQ(at({kTarget, kPlate, "links", "science.fits"}).link, "science.fits");
  EXPECT_FALSE(child(at({kTarget, kPlate, "links"}), "../full.fits"));
}

TEST_F(TreeTest, GivesAnotherVersionOfAFileAnotherIdentity) {
  const auto before = at({kTarget, kPlate, "full.fits"}).identity;
  product->known.version = 2;
  EXPECT_NE(at({kTarget, kPlate, "full.fits"}).identity, before);
}

TEST_F(TreeTest, ListsAPlateOnceThatTwoArchivesHave) {
  library.plates->archives.push_back(
      test::archive_answer("mirror", {test::dated_plate("ivo://a/~?dasch/q/i00811", 11504.5)}));
  const auto names = names_in(at({kTarget}));
  EXPECT_EQ(std::count_if(names.begin(), names.end(),
                          [](const auto& name) { return name.find("i00811") != std::string::npos; }),
            1);
}

}  // namespace
}  // namespace platefs::fs
