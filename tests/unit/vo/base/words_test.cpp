// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/words.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

TEST(Words, OfFramesAreKnownInEverySpelling) {
  for (const auto* text : {"FK5", "fk5", "J2000", "FK5/J2000", " fk5 ", "'FK5'", "j2000.0"})
    EXPECT_EQ(frame_word(text), "FK5") << text;
  for (const auto* text : {"ICRS", "icrs", "ICRF", "ICRF2", "icrf3"}) EXPECT_EQ(frame_word(text), "ICRS") << text;
  EXPECT_EQ(frame_word("fk4"), "FK4");
  EXPECT_EQ(frame_word("FK4-no-e"), "FK4-NO-E");
  for (const auto* text : {"UNKNOWN", "GAPPT", "", "ALTAZ"}) EXPECT_FALSE(frame_word(text)) << text;
}

TEST(Words, OfTimeScalesAreKnownInEverySpelling) {
  for (const auto* text : {"UTC", "utc", "UT", "GMT", "UTC(NIST)", "Ut1"})
    EXPECT_EQ(time_scale_word(text), "UTC") << text;
  EXPECT_EQ(time_scale_word("tt"), "TT");
  EXPECT_EQ(time_scale_word("ET"), "TT");
  EXPECT_FALSE(time_scale_word("sidereal"));
}

TEST(Words, OfUnitsAreKnownInEverySpelling) {
  for (const auto* text : {"deg", "DEG", "degree", "Degrees", "degs"}) EXPECT_EQ(angle_unit_word(text), "deg") << text;
  EXPECT_EQ(angle_unit_word("arcsec"), "arcsec");
  EXPECT_EQ(angle_unit_word("ARCSECONDS"), "arcsec");
  EXPECT_EQ(angle_unit_word("\""), "arcsec");
  EXPECT_EQ(angle_unit_word("Radians"), "rad");
  EXPECT_FALSE(angle_unit_word("nm"));
}

TEST(Words, OfNothingAreNoValue) {
  for (const auto* text : {"", " ", "NULL", "None", "null", "-", "N/A"}) EXPECT_TRUE(says_nothing(text)) << text;
  for (const auto* text : {"0", "nothing here", "NULLARBOR"}) EXPECT_FALSE(says_nothing(text)) << text;
}

TEST(Words, OfMediaTypesTellFitsWhateverStandsAroundIt) {
  for (const auto* type : {"image/fits", "application/fits", "IMAGE/FITS", "image/x-fits", "application/x-fits-mef",
                           "application/x-fits-hcompress", "image/x-fits-hcompress", "application/fits+gzip",
                           "application/x-fits-MEF; charset=binary", "binary/x-fits", "image/fits-hcompress",
                           "image/x-gfits", "image/gz-fits", "image/x-fits-fpack", "application/x-fits-gzip"}) {
    EXPECT_EQ(media_word(type), MediaWord::Fits) << type;
  }
  EXPECT_EQ(media_word("application/x-fits-bintable"), MediaWord::FitsTable);
  EXPECT_EQ(media_word("application/x-fits-uvfits"), MediaWord::FitsTable);
  for (const auto* type : {"", "NULL", "application/octet-stream", "application/gzip", "whatever"}) {
    EXPECT_EQ(media_word(type), MediaWord::Unknown) << type;
  }
  for (const auto* type : {"image/jpeg", "text/html", "application/x-tar", "application/x-votable+xml"}) {
    EXPECT_EQ(media_word(type), MediaWord::Other) << type;
  }
}

TEST(Words, OfSemanticsAreTheVocabularysOwn) {
  for (const auto* text : {"#this", "this", " #this ", "#THIS", "http://www.ivoa.net/rdf/datalink/core#this",
                           "https://www.ivoa.net/rdf/datalink/core#this", "http://www.ivoa.net/rdf/datalink/core/#this",
                           "http://www.ivoa.net/rdf/datalink/core/2022-01-27#This",
                           "ivo://ivoa.net/rdf/datalink/core#this", "IVOA:datalink/core#this", "#self"}) {
    EXPECT_EQ(semantics_word(text), "#this") << text;
  }
  EXPECT_EQ(semantics_word("#Preview-Image"), "#preview-image");
  EXPECT_EQ(semantics_word("#ownTerm"), "#ownTerm");
  EXPECT_EQ(semantics_word("http://archive.eso.org/rdf/datalink/eso#this"),
            "http://archive.eso.org/rdf/datalink/eso#this");
  EXPECT_EQ(semantics_word("None"), "");
}

}  // namespace
}  // namespace platefs::vo
