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
  for (const auto* date : {"1890-05-17", "1890-05-17T06:00:30", "1890-05-17T06:00:00.25"}) {
    const auto header = settled({std::string{"DATE-OBS= '"} + date + "'"});
    EXPECT_EQ(header.text("DATE-OBS"), date);
    EXPECT_EQ(history(header), "") << date;
    EXPECT_NEAR(*header.real("MJD-OBS"), 11504.25, 1.0 / 1440) << date;
  }
}

/// By the standard a date of two digits is of 19xx.
TEST(FitsDates, OfTwoDigitsAreSpelledWithTheirCentury) {
  const auto header = settled({"DATE-OBS= '17/05/90'", "DATE-END= '17/05/90'"});
  EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17");
  EXPECT_EQ(header.text("DATE-END"), "1890-05-17");
  EXPECT_THAT(history(header), HasSubstr("DATE-OBS of the plate: 17/05/90"));
  EXPECT_EQ(settled({"DATE-OBS= '14/06/02'"}, {15914.25, std::nullopt, std::nullopt}).text("DATE-OBS"), "14/06/02");
}

TEST(FitsDates, OfAnotherExposureAreKnownByTheirEndAndMiddleToo) {
  for (const auto* card : {"DATE-AVG= '1889-02-03T21:30:00'", "MJD-AVG = 11036.8", "DATE-END= '1890-05-20'",
                           "DATE-BEG= '1889-02-03'", "MJD-BEG = 11505.3", "DATE-END= '1890-05-17T03:00:00'"}) {
    const auto header = settled({"DATE-OBS= '1889'", card});
    EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17T06:00:00") << card;
    EXPECT_THAT(history(header), HasSubstr("of the plate: 1")) << card;
    for (const auto* mjd : {"MJD-BEG", "MJD-AVG"})
      EXPECT_NEAR(header.real(mjd).value_or(11504.25), 11504.25, 0.3) << card;
    for (const auto* date : {"DATE-BEG", "DATE-AVG", "DATE-END"}) {
      EXPECT_THAT(header.text(date).value_or("1890-05-17"), testing::StartsWith("1890-05-17")) << card;
    }
  }
}

TEST(FitsDates, BesideDateObsThatSayNothingAreLeftOut) {
  const auto header = settled(
      {"DATE-OBS= '1890-05-17T06:00:00'", "DATE-BEG=", "DATE-AVG= 'unknown'", "MJD-END = 0.0", "MJD-AVG = 99999999.0"});
  for (const auto* keyword : {"DATE-BEG", "DATE-AVG", "MJD-END", "MJD-AVG"})
    EXPECT_FALSE(header.has(keyword)) << keyword;
  EXPECT_THAT(history(header), HasSubstr("DATE-AVG of the plate: unknown"));
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

TEST(FitsDates, InAnotherScaleAreFilledFromEachOther) {
  const auto by_date = settled({"TIMESYS = 'TT'", "DATE-OBS= '1890-05-17T06:01:10'", "MJD-OBS = NaN"});
  EXPECT_NEAR(by_date.real("MJD-OBS").value(), 11504.25 + 70 / 86400.0, 1e-9);
  const auto by_mjd = settled({"TIMESYS = 'TT'", "MJD-OBS = 11504.250625", "DATE-OBS= 'unknown'"});
  EXPECT_EQ(by_mjd.text("DATE-OBS"), "1890-05-17T06:00:54");
  EXPECT_EQ(by_mjd.text("TIMESYS"), "TT");
  const auto by_row = settled({"TIMESYS = 'TT'", "DATE-OBS="});
  EXPECT_EQ(by_row.text("DATE-OBS"), "1890-05-17T06:00:00");
  EXPECT_EQ(by_row.text("TIMESYS"), "UTC");
}

TEST(FitsDates, WithoutAStartAreLeftAlone) {
  EXPECT_EQ(settled({"DATE-OBS= '1889-02-03'"}, {}).text("DATE-OBS"), "1889-02-03");
  EXPECT_FALSE(settled({}, {}).has("MJD-OBS"));
}

}  // namespace
}  // namespace platefs::vo
