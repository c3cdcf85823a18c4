// SPDX-License-Identifier: BSD-3-Clause
// What real services answered, where a collection of it is at hand: a folder with the captures and an
// INDEX.tsv that says of each what other readers found in it. PLATEFS_CORPUS names the folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "vo/base/error.h"
#include "vo/services/datalink.h"
#include "vo/services/obscore.h"
#include "vo/services/soda.h"
#include "vo/votable/votable.h"

namespace platefs::vo {
namespace {

namespace files = std::filesystem;

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{line};
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

struct Capture {
  std::string file, kind, serialisation, rows_by_astropy, rows_by_stilts, quirks;
};

class Corpus : public testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("PLATEFS_CORPUS");
    folder_ = given != nullptr ? files::path{given} : files::path{PLATEFS_SOURCE_DIR} / ".." / "shared" / "corpus";
    if (!files::exists(folder_ / "INDEX.tsv")) {
      GTEST_SKIP() << "no captured answers here: set PLATEFS_CORPUS to a folder with an INDEX.tsv";
    }
  }

  std::string bytes(const std::string& name) const {
    const auto path = folder_ / name;
    const auto command = (name.ends_with(".gz") ? "gzip -dc '" : "cat '") + path.string() + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), &pclose};
    std::string all(1 << 16, '\0'), text;
    while (const auto got = std::fread(all.data(), 1, all.size(), pipe.get())) text.append(all, 0, got);
    EXPECT_FALSE(text.empty()) << path;
    return text;
  }
  Votable votable(const std::string& name) const { return read_votable(bytes(name)); }
  DatalinkDocument links(const std::string& name) const { return read_datalink(votable(name)); }

  std::vector<Capture> index() const {
    std::ifstream in{folder_ / "INDEX.tsv"};
    std::vector<Capture> all;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      auto part = split(line, '\t');
      part.resize(10);
      all.push_back({part[0], part[4], part[5], part[6], part[7], part[9]});
    }
    return all;
  }

  files::path folder_;
};

/// The services marked in the index as "4 adhoc:service"; nothing where it does not say.
std::optional<std::size_t> services_in(const std::string& quirks) {
  for (const auto& part : split(quirks, ';')) {
    const auto first = part.find_first_not_of(' ');
    const bool is_count =
        part.find("adhoc:service") != std::string::npos && std::isdigit(static_cast<unsigned char>(part[first])) != 0;
    if (is_count) return std::stoul(part);
  }
  return std::nullopt;
}

// Where the index's readers disagree with each other, or with the document.
const std::map<std::string, std::size_t> kTrueRows{
    {"astropy_names.xml", 1},          // nrows says 18949
    {"vollt_emptyset_binary.vot", 0},  // STILTS counts a stream of blanks as a row
};
// An INFO named "Error" in a table that is whole: by the old rule an error all the same.
const std::string kSaysError = "astropy_regression.xml";

TEST_F(Corpus, HasTheRowsTheServicesAndTheOverflowThatItsIndexStates) {
  int checked = 0;
  for (const auto& capture : index()) {
    SCOPED_TRACE(capture.file);
    if (capture.serialisation == "not VOTable" || capture.kind == "tap-error" || capture.file == kSaysError ||
        capture.quirks.find("STREAM href") != std::string::npos) {
      continue;
    }
    const auto read = votable(capture.file);
    ++checked;
    EXPECT_EQ(read.truncated, capture.quirks.find("OVERFLOW") != std::string::npos);
    EXPECT_EQ(read.services.size(), services_in(capture.quirks).value_or(read.services.size()));
    const auto known = kTrueRows.find(capture.file);
    if (known != kTrueRows.end()) {
      EXPECT_EQ(read.rows.size(), known->second);
    } else if (!capture.rows_by_stilts.empty() && std::isdigit(capture.rows_by_stilts[0]) != 0) {
      EXPECT_EQ(read.rows.size(), std::stoul(capture.rows_by_stilts));
    } else {
      EXPECT_TRUE(read.rows.empty());
    }
    for (const auto& row : read.rows) ASSERT_EQ(row.size(), read.fields.size());
  }
  EXPECT_GT(checked, 50);
}

TEST_F(Corpus, IsRefusedWhereItIsNoVotable) {
  int checked = 0;
  for (const auto& capture : index()) {
    if (capture.serialisation != "not VOTable") continue;
    ++checked;
    try {
      votable(capture.file);
      ADD_FAILURE() << capture.file << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Malformed) << capture.file;
    }
  }
  EXPECT_GT(checked, 20);
}

TEST_F(Corpus, TellsItsErrorsInTheServersWords) {
  for (const auto& capture : index()) {
    if (capture.kind != "tap-error") continue;
    try {
      votable(capture.file);
      ADD_FAILURE() << capture.file << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Rejected) << capture.file;
      EXPECT_FALSE(error.message().empty()) << capture.file;
    }
  }
}

TEST_F(Corpus, HasTheSameTableInEverySerialisation) {
  const auto tabledata = votable("derived_astron_obscore_TD.vot");
  const auto binary = votable("derived_astron_obscore_B1.vot");
  const auto binary2 = votable("derived_astron_obscore_B2.vot");
  ASSERT_EQ(tabledata.rows.size(), 42U);
  ASSERT_EQ(binary.rows.size(), 42U);
  EXPECT_EQ(binary2.rows, binary.rows);
  for (std::size_t i = 0; i < 42; ++i) {
    for (std::size_t k = 0; k < tabledata.fields.size(); ++k) {
      EXPECT_EQ(text_of(tabledata.rows[i][k]), text_of(binary.rows[i][k])) << tabledata.fields[k].name;
    }
  }
}

TEST_F(Corpus, ReadsAThousandRowsOfBinaryObscore) {
  const auto table = plates_from(votable("cds_obscore.vot.gz"), "astron");
  ASSERT_EQ(table.plates.size(), 1259U);
  for (const auto& plate : table.plates) {
    EXPECT_THAT(plate.obs_publisher_did.str(), testing::StartsWith("ivo://"));
    EXPECT_THAT(plate.access_url.str(), testing::StartsWith("http"));
  }
}

TEST_F(Corpus, ReadsThePlatesOfPotsdam) {
  const auto table = plates_from(votable("pyvo_tap_obscore_image.xml"), "gavo");
  ASSERT_EQ(table.plates.size(), 10U);
  EXPECT_FALSE(table.links_service);
  for (const auto& plate : table.plates) {
    EXPECT_TRUE(plate.is_fits());
    EXPECT_TRUE(plate.t_min);
    EXPECT_EQ(plate.t_exptime, std::nullopt);
  }
}

TEST_F(Corpus, FindsTheLinksServiceOfCadcAndTheColumnItRefersTo) {
  const auto table = plates_from(votable("pyvo_obscore_cadc_with_links_descriptor.xml"), "cadc");
  ASSERT_TRUE(table.links_service);
  ASSERT_GE(table.links_id_column, 0);
  EXPECT_EQ(table.table.fields[static_cast<std::size_t>(table.links_id_column)].name, "obs_publisher_did");
}

const Cone kRegion{IcrsPosition::at(Angle::degrees(10), Angle::degrees(20)), Angle::arcminutes(10)};

TEST_F(Corpus, KeepsTheServicesOfTwoIdsApart) {
  const auto both = links("pyvo_dl_cadc_macho_2ids_4soda.xml");
  ASSERT_EQ(both.links.size(), 6U);
  const auto first = both.of(both.links.front().id), second = both.of(both.links.back().id);
  ASSERT_EQ(first.soda_services().size(), 1U);
  ASSERT_EQ(second.soda_services().size(), 1U);
  const auto request = soda_request(*first.soda_services()[0], both.links.front().id, kRegion);
  // The descriptor names the file by an identifier of its own, and the run by a fixed value.
  EXPECT_THAT(request.url.parameter("ID").at(0), testing::StartsWith("ad:MACHO/"));
  EXPECT_FALSE(request.url.parameter("RUNID").empty());
  EXPECT_NE(request.url.text(), soda_request(*second.soda_services()[0], both.links.back().id, kRegion).url.text());
}

TEST_F(Corpus, ReadsARealPlateWithAFaultBesideIt) {
  const auto plate = links("star_dl2_hdap_bruce_plate_datalink.vot");
  ASSERT_EQ(plate.links.size(), 5U);
  const auto good = plate.by_semantics("#this");
  ASSERT_EQ(good.size(), 1U);
  EXPECT_EQ(good[0]->content_length, 1276683840U);
  EXPECT_TRUE(plate.links.back().is_error());
  const auto of_one = plate.of(good[0]->id);
  const auto services = of_one.soda_services();
  ASSERT_EQ(services.size(), 1U);
  const auto query = soda_request(*services[0], good[0]->id, kRegion).url.query();
  EXPECT_THAT(query, testing::HasSubstr("CIRCLE=10%2020%20"));
  for (const auto* name : {"POS=", "POLYGON=", "SCALE=", "PIXEL_1=", "KIND=", "RA="}) {
    EXPECT_THAT(query, testing::Not(testing::HasSubstr(name)));
  }
}

TEST_F(Corpus, ReadsTheFaultOfRubin) {
  const auto links_read = links("rubin_dl_invalid.xml");
  ASSERT_EQ(links_read.links.size(), 1U);
  EXPECT_TRUE(links_read.links[0].is_error());
  EXPECT_TRUE(links_read.by_semantics("#this").empty());
}

}  // namespace
}  // namespace platefs::vo
