// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/sesame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kSimbad =
    "# T CrB\t#Q1\n#=Si=Simbad, all IDs (via url):    1    12ms\n%@ 1\n%I.0 V* T CrB\n%C.0 No*\n"
    "%J 239.87566500000 +25.92016972222 = 15:59:30.16 +25:55:12.6\n%J.E [0.03 0.04 90] A 2020\n\n"
    "#====Done (2024-Feb-15,11:26:16z)====\n";
constexpr std::string_view kNobody = "# zzzz\t#Q2\n#! Nothing found\n\n#====Done (2024-Feb-15,11:26:16z)====\n";

TEST(Sesame, ReadsThePositionAndWhoSaysSo) {
  const auto answer = read_sesame(kSimbad);
  ASSERT_TRUE(answer.position);
  EXPECT_DOUBLE_EQ(answer.position->ra.as_degrees(), 239.875665);
  EXPECT_DOUBLE_EQ(answer.position->dec.as_degrees(), 25.92016972222);
  EXPECT_EQ(answer.resolver, "Simbad");
  EXPECT_EQ(answer.main_name, "V* T CrB");
}

TEST(Sesame, TakesCoarsePositionsOfVizieR) {
  const auto answer = read_sesame("# NGC 1\n#=V=VizieR (local):    1\n%J 1.81 -27.71 = 00:07.2 -27:43\n");
  ASSERT_TRUE(answer.position);
  EXPECT_DOUBLE_EQ(answer.position->dec.as_degrees(), -27.71);
  EXPECT_EQ(answer.resolver, "VizieR");
}

TEST(Sesame, TakesTheFirstCatalogueThatHasAPosition) {
  const auto answer = read_sesame(
      "# x\n#=S=Simbad:    0\n#=N=NED:    1\n%J 10.5 +41.25 = …\n#=V=VizieR:    1\n%J 99 +1 = …\n#====Done\n");
  ASSERT_TRUE(answer.position);
  EXPECT_DOUBLE_EQ(answer.position->ra.as_degrees(), 10.5);
  EXPECT_EQ(answer.resolver, "NED");
}

TEST(Sesame, ANameThatNobodyKnowsIsAnAnswer) { EXPECT_FALSE(read_sesame(kNobody).position); }

TEST(Sesame, AnAnswerThatIsCutOffIsNoProofOfAbsence) {
  EXPECT_THROW(read_sesame(kSimbad.substr(0, 60)), Error);
  EXPECT_THROW(read_sesame("<html>Please log in</html>"), Error);
  EXPECT_THROW(read_sesame(""), Error);
}

TEST(Sesame, RefusesAPositionOffTheSphere) { EXPECT_THROW(read_sesame("# x\n%J 400.0 +10.0 = …\n#====Done\n"), Error); }

TEST(Sesame, ReadsTheXmlForm) {
  const auto answer = read_sesame(
      "<?xml version=\"1.0\"?><Sesame><Target option=\"SNV\"><name>T CrB</name>"
      "<Resolver name=\"N=NED\"><INFO>none</INFO></Resolver>"
      "<Resolver name=\"S=Simbad (via url)\"><jpos>15:59:30.16 +25:55:12.6</jpos><jradeg>239.875665</jradeg>"
      "<jdedeg>25.92016972222</jdedeg><oname>V* T CrB</oname></Resolver></Target></Sesame>");
  ASSERT_TRUE(answer.position);
  EXPECT_DOUBLE_EQ(answer.position->ra.as_degrees(), 239.875665);
  EXPECT_EQ(answer.resolver, "Simbad");
  EXPECT_FALSE(read_sesame("<Sesame><Target><Resolver/></Target></Sesame>").position);
}

TEST(Sesame, AsksWithTheNameEncoded) {
  const auto base = Url::parse("https://resolver.test/cgi-bin/nph-sesame/");
  EXPECT_EQ(sesame_request(base, "V* T CrB").url.text(), "https://resolver.test/cgi-bin/nph-sesame/SNV?V%2A%20T%20CrB");
  EXPECT_EQ(sesame_request(Url::parse("http://mirror.test/resolve?name="), "M 31").url.text(),
            "http://mirror.test/resolve?name=M%2031");
}

// Real answers of CDS, where a directory with them is given in PLATEFS_CORPUS, or lies where corpus_test.cpp
// looks for it.
TEST(Sesame, ReadsRecordedAnswers) {
  const char* given = std::getenv("PLATEFS_CORPUS");
  const std::filesystem::path corpus = given != nullptr ? given : PLATEFS_SOURCE_DIR "/../shared/corpus";
  if (!std::filesystem::exists(corpus / "sesame_castor_all.txt")) {
    GTEST_SKIP() << "no recorded answers here: set PLATEFS_CORPUS to a folder with sesame_*.txt";
  }
  const auto recorded = [&](const char* name) {
    std::ifstream file{std::filesystem::path{corpus} / name};
    return read_sesame(std::string{std::istreambuf_iterator<char>{file}, {}});
  };
  const auto ngc3642 = recorded("sesame_ngc3642_all.txt");
  ASSERT_TRUE(ngc3642.position);
  EXPECT_DOUBLE_EQ(ngc3642.position->ra.as_degrees(), 170.57458768232);
  EXPECT_EQ(ngc3642.resolver, "Simbad");
  const auto castor = recorded("sesame_castor_all.txt");
  ASSERT_TRUE(castor.position);
  EXPECT_DOUBLE_EQ(castor.position->dec.as_degrees(), 31.888282216);
  EXPECT_EQ(castor.main_name, "* alf Gem");
  const auto coarse = recorded("sesame_ngc3642_vizier.txt");
  ASSERT_TRUE(coarse.position);
  EXPECT_DOUBLE_EQ(coarse.position->ra.as_degrees(), 170.56);
  EXPECT_EQ(coarse.resolver, "VizieR");
}

}  // namespace
}  // namespace platefs::vo
