// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/dates.h"

#include <gmock/gmock.h>

#include "tests/support/fits_builder.h"

namespace platefs::vo {
namespace {

using test::Cards;
using testing::HasSubstr;

// 1890-05-17 is MJD 11504 by astropy 5.2.1.
FitsHeader settled(const Cards& cards, const ExposureTimes& times = {11504.25, 11504.5, 600}) {
  auto header = FitsHeader::parse(test::bytes_of(test::header_unit(cards)));
  settle_dates(header, times);
  return header;
}

std::string history(const FitsHeader& header) {
  std::string text;
  for (const auto& card : header.cards()) {
    if (card.starts_with("HISTORY ")) text += card.substr(8, card.find_last_not_of(' ') - 7) + " ";
  }
  return text;
}

TEST(FitsDates, FillsWhatIsMissingBlankUndefinedOrImpossible) {
  for (const auto* card : {"COMMENT", "DATE-OBS= ''", "DATE-OBS=                      / not known",
                           "DATE-OBS= 'unknown'", "DATE-OBS= '0000-00-00'", "DATE-OBS= '1890-13-45'",
                           "MJD-OBS =                      / ?", "MJD-OBS = 'none'", "MJD-OBS =                  0.0",
                           "EXPTIME = ''", "EXPTIME =  / ?", "EXPTIME =                 -1.0", "EXPTIME = 'long'"}) {
    const auto header = settled({card});
    EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17T06:00:00") << card;
    EXPECT_EQ(header.real("MJD-OBS"), 11504.25) << card;
    EXPECT_EQ(header.real("EXPTIME"), 600.0) << card;
  }
  EXPECT_THAT(history(settled({"DATE-OBS= 'unknown'"})), HasSubstr("DATE-OBS of the plate: unknown"));
}

TEST(FitsDates, KeepsADateThatIsTheExposuresAsItIsWritten) {
  for (const auto* date : {"1890-05-17", "1890-05-17T06:00:30", "17/05/90", "1890-05-17T06:00:00.25"}) {
    const auto header = settled({std::string{"DATE-OBS= '"} + date + "'"});
    EXPECT_EQ(header.text("DATE-OBS"), date);
    EXPECT_EQ(history(header), "") << date;
    EXPECT_NEAR(*header.real("MJD-OBS"), 11504.25, 1.0 / 1440) << date;
  }
}

TEST(FitsDates, OfTwoThatAgreeTheMorePreciseIsTheSourceOfTheThird) {
  const auto header = settled({"DATE-OBS= '1890-05-17T07:30:00'"}, {11504.0, std::nullopt, std::nullopt});
  EXPECT_EQ(header.real("MJD-OBS"), 11504.3125);
}

TEST(FitsDates, OfAnotherExposureGiveWayAsAWholeAndStandInHistory) {
  const auto header =
      settled({"DATE-OBS= '1889-02-03T21:00:00'", "MJD-OBS =            11036.875", "DATE-END= '1889-02-03T22:00:00'",
               "DATE-AVG= '1889-02-03T21:30:00'", "MJD-AVG =          11036.8958", "EXPTIME =               3600.0"});
  EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17T06:00:00");
  EXPECT_EQ(header.real("MJD-OBS"), 11504.25);
  EXPECT_EQ(header.text("DATE-END"), "1890-05-17T12:00:00");
  EXPECT_EQ(header.text("DATE-AVG"), "1890-05-17T09:00:00");
  EXPECT_EQ(header.real("MJD-AVG"), 11504.375);
  EXPECT_EQ(header.real("EXPTIME"), 600.0);
  EXPECT_EQ(header.text("TIMESYS"), "UTC");
  EXPECT_FALSE(header.has("DATE-BEG"));
  EXPECT_THAT(history(header), HasSubstr("DATE-OBS of the plate: 1889-02-03T21:00:00"));
  EXPECT_THAT(history(header), HasSubstr("EXPTIME of the plate: 3600.0"));
}

TEST(FitsDates, OfAnotherExposureGiveWayInOldKeywordsToo) {
  const auto header =
      settled({"DATE-OBS= '1889-02-03'", "TIME-OBS= '21:00:00'", "JD      = 2411037.375", "UT      = '21:00'"});
  EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17T06:00:00");
  EXPECT_FALSE(header.has("TIME-OBS") || header.has("JD") || header.has("UT"));
  EXPECT_THAT(history(header), HasSubstr("TIME-OBS of the plate: 21:00:00"));
  EXPECT_TRUE(settled({"DATE-OBS= '1890-05-17'", "TIME-OBS= '06:00:00'"}).has("TIME-OBS")) << "the exposure's own";
}

TEST(FitsDates, DoNotOutliveAnExposureWhoseEndIsNotKnown) {
  const auto header = settled({"DATE-OBS= '1889-02-03'", "DATE-END= '1889-02-04'", "MJD-END = 11037.0"},
                              {11504.25, std::nullopt, std::nullopt});
  EXPECT_FALSE(header.has("DATE-END"));
  EXPECT_FALSE(header.has("MJD-END"));
}

TEST(FitsDates, AreUtcInEveryWordForIt) {
  for (const auto* scale : {"UT", "GMT", "utc", "UTC(NIST)", "'  '"}) {
    EXPECT_EQ(settled({std::string{"TIMESYS = '"} + scale + "'"}).real("MJD-OBS"), 11504.25) << scale;
  }
  EXPECT_FALSE(settled({"TIMESYS = 'TT'"}).has("MJD-OBS"));
  const auto unknown = settled({"TIMESYS = 'plate time'"});
  EXPECT_EQ(unknown.real("MJD-OBS"), 11504.25);
  EXPECT_THAT(history(unknown), HasSubstr("'plate time' is not known"));
}

TEST(FitsDates, InAnotherScaleStayUnlessTheyAreAnotherExposures) {
  EXPECT_EQ(settled({"TIMESYS = 'TT'", "DATE-OBS= '1890-05-17T06:01:10'"}).text("DATE-OBS"), "1890-05-17T06:01:10");
  const auto other = settled({"TIMESYS = 'TT'", "DATE-OBS= '1899-05-17T06:01:10'"});
  EXPECT_EQ(other.text("DATE-OBS"), "1890-05-17T06:00:00");
  EXPECT_EQ(other.text("TIMESYS"), "UTC");
}

TEST(FitsDates, WithoutAStartAreLeftAlone) {
  EXPECT_EQ(settled({"DATE-OBS= '1889-02-03'"}, {}).text("DATE-OBS"), "1889-02-03");
  EXPECT_FALSE(settled({}, {}).has("MJD-OBS"));
}

}  // namespace
}  // namespace platefs::vo
