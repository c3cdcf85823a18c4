// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/errors.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using testing::HasSubstr;

class ErrorsTextTest : public testing::Test, protected test::MountedTree {
 protected:
  std::string text(const vo::Error* failure = nullptr) {
    const auto target = at({"156.011+48.148"});
    prepare(target);
    const auto snapshot = target.target->known();
    return errors_text(
        {.target = &target.target->target(), .snapshot = snapshot.get(), .failure = failure, .files = library.failed});
  }
};

TEST_F(ErrorsTextTest, IsEmptyWhereAllWentWell) { EXPECT_EQ(text(), ""); }

TEST_F(ErrorsTextTest, TellsOfAnArchiveThatFailed) {
  cache::ArchiveAnswer failed;
  failed.archive = "plate-archive";
  failed.failure = vo::Error{vo::ErrorKind::TimedOut, "no byte in 30 s"};
  library.plates->archives.push_back(failed);
  const auto said = text();
  EXPECT_THAT(said, testing::StartsWith("What went wrong with 156.011+48.148."));
  EXPECT_THAT(said, HasSubstr("plate-archive failed; its plates are missing here."));
  EXPECT_THAT(said, HasSubstr("no byte in 30 s"));
  EXPECT_THAT(said, HasSubstr("2023-11-14T22:13:20Z"));
  EXPECT_THAT(said, HasSubstr("may be down for a while"));
}

TEST_F(ErrorsTextTest, TellsThatAnOlderAnswerIsShown) {
  library.plates->archives[0].failure = vo::Error{vo::ErrorKind::Refused, "connection refused"};
  EXPECT_THAT(text(), HasSubstr("gavo failed; what it lists is its answer of 2023-11-14T22:13:20Z."));
}

TEST_F(ErrorsTextTest, TellsThatAListWasCutShortAndWhatToDo) {
  auto cut = std::make_shared<vo::PlateTable>(*library.plates->archives[0].table);
  cut->truncated = true;
  library.plates->archives[0].table = cut;
  EXPECT_THAT(text(), HasSubstr("gavo cut its list short at 2 plates"));
  EXPECT_THAT(text(), HasSubstr("--where"));
}

TEST_F(ErrorsTextTest, TellsOfDatesThatCannotBeRight) {
  const auto dated = [&](double t_min) {
    library.plates->archives = {test::archive_answer("gavo", {test::dated_plate("ivo://a/~?dasch/q/i00811", t_min)})};
    return text();
  };
  EXPECT_THAT(dated(2411505.0), HasSubstr("in the future; as a Julian date it would be 1890-05-17"));
  EXPECT_THAT(dated(-6900), HasSubstr("t_min = -6900 is 1839-12-27: before there were photographs"));
  EXPECT_EQ(dated(-6895), "");
  EXPECT_EQ(dated(60000), "");
}

TEST_F(ErrorsTextTest, TellsOfTheExposureWhoseFileFailed) {
  auto first = test::dated_plate("ivo://a/b1", 11504.5), second = test::dated_plate("ivo://a/b1", 13000);
  first.exposure = "e1";
  second.exposure = "e2";
  library.plates->archives = {test::archive_answer("gavo", {first, second})};
  library.failed = {{"ivo://a/b1", "cutout.fits", "no coordinates", 1'700'000'000, "e2"},
                    {"ivo://a/b1", "full.fits", "HTTP status 500", 1'700'000'000}};
  const auto said = text();
  EXPECT_THAT(said, Not(HasSubstr("1890-05-17_b1/cutout.fits failed")));
  EXPECT_THAT(said, HasSubstr("1894-06-21_b1/cutout.fits failed"));
  EXPECT_THAT(said, HasSubstr("1890-05-17_b1/full.fits failed"));
  EXPECT_THAT(said, HasSubstr("1894-06-21_b1/full.fits failed"));
}

TEST_F(ErrorsTextTest, TellsThatThereAreNoPlates) {
  library.plates->archives = {test::archive_answer("gavo", {})};
  EXPECT_THAT(text(), HasSubstr("There are no plates of this place in gavo."));
}

TEST_F(ErrorsTextTest, TellsOfFilesOfItsPlatesAndNoOthers) {
  library.failed = {{"ivo://a/~?dasch/q/i00811", "cutout.fits", "HTTP status 500\nand more", 1'700'000'000},
                    {"ivo://elsewhere", "full.fits", "not told", 1}};
  const auto said = text();
  EXPECT_THAT(said, HasSubstr("1890-05-17_i00811/cutout.fits failed."));
  EXPECT_THAT(said, HasSubstr("HTTP status 500 and more"));
  EXPECT_THAT(said, testing::Not(HasSubstr("not told")));
}

TEST_F(ErrorsTextTest, StaysShortHoweverMuchFailed) {
  for (int i = 0; i < 5000; ++i) {
    library.failed.push_back({"ivo://a/~?dasch/q/i00811", std::to_string(i), std::string(1000, 'x'), 1'700'000'000});
  }
  const auto said = text();
  EXPECT_LT(said.size(), 300u << 10);
  EXPECT_THAT(said, HasSubstr(" further files failed."));
}

TEST_F(ErrorsTextTest, TellsThatTheLatestQuestionFailed) {
  const vo::Error failure{vo::ErrorKind::Offline, "told to make no connection"};
  EXPECT_THAT(text(&failure), HasSubstr("No archive answered the latest question; what is listed is older."));
  EXPECT_THAT(text(&failure), HasSubstr("mount without --offline"));
}

TEST(AdviceOn, IsGivenForEveryKindOfFailure) {
  for (int kind = 0; kind <= static_cast<int>(vo::ErrorKind::LocalIo); ++kind) {
    EXPECT_FALSE(advice_on(static_cast<vo::ErrorKind>(kind)).empty());
  }
}

}  // namespace
}  // namespace platefs::fs
