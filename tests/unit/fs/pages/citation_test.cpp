// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/citation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fs/pages/region.h"
#include "tests/support/snapshot_builder.h"

namespace platefs::fs {
namespace {

using test::SnapshotBuilder;
using test::target_at;
using testing::HasSubstr;
using testing::Not;

vo::Plate plate_in(const std::string& collection) {
  vo::Plate plate;
  plate.obs_collection = collection;
  return plate;
}

TEST(CitationText, TellsWhatArchivesThatListedPlatesWant) {
  SnapshotBuilder builder;
  builder.archive("gavo", {{"a", plate_in("DASCH")}}).archive("silent", {});
  Credit gavo, silent;
  gavo.archive = "gavo";
  gavo.acknowledgement = "We thank gavo, mail us at x@gavo.test.";
  gavo.bibtex = "@misc{gavo, title = {G}}";
  silent.archive = "silent";
  silent.bibtex = "@misc{silent}";
  const auto text = citation_text(builder.get(), target_at(1, 2), {gavo, silent});
  EXPECT_THAT(text, HasSubstr("@misc{gavo, title = {G}}\n"));
  EXPECT_THAT(text, HasSubstr("x(at)gavo.test"));  // BibTeX would take the @ for an entry
  EXPECT_THAT(text, Not(HasSubstr("silent")));
  EXPECT_EQ(text.front(), '%');
}

TEST(CitationText, AnArchiveWithoutACitationGetsAnEntryOfItsNameAndUrl) {
  SnapshotBuilder builder;
  builder.archive("my_archive", {{"a", plate_in("")}});
  Credit credit;
  credit.archive = "my_archive";
  credit.url = "http://archive.test/tap";
  const auto text = citation_text(builder.get(), target_at(1, 2), {credit});
  EXPECT_THAT(text, HasSubstr("@misc{vo:my-archive,\n  title = {{my\\_archive}},"));
  EXPECT_THAT(text, HasSubstr("\\url{http://archive.test/tap}"));
  EXPECT_THAT(text, HasSubstr("asked on 2023-11-14"));
}

TEST(CitationText, ACollectionIsCitedOnlyWhereItHasPlates) {
  Credit dasch, applause;
  dasch.collection = "DASCH";
  dasch.bibtex = "@article{dasch}";
  applause.collection = "APPLAUSE";
  applause.bibtex = "@article{applause}";
  SnapshotBuilder builder;
  builder.archive("gavo", {{"a", plate_in("dasch dr7")}});
  const auto text = citation_text(builder.get(), target_at(1, 2), {dasch, applause});
  EXPECT_THAT(text, HasSubstr("@article{dasch}"));
  EXPECT_THAT(text, Not(HasSubstr("@article{applause}")));
}

TEST(RegionText, IsThePointAndTheCircleInIcrs) {
  const auto text = region_text(target_at(156.011, -48.148, "AG Dra"));
  EXPECT_THAT(text, HasSubstr("\nicrs\npoint(156.011,-48.148) # point=cross text={AG Dra}\n"));
  EXPECT_THAT(text, HasSubstr("circle(156.011,-48.148,600\")\n"));
}

}  // namespace
}  // namespace platefs::fs
