// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "tests/support/scratch_directory.h"
#include "vo/base/error.h"

namespace platefs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using tools::CommonOptions;

CommonOptions after(const std::string& text) {
  CommonOptions options;
  tools::apply_configuration(text, "config.toml", options);
  return options;
}

std::string complaint_about(const std::string& text) {
  try {
    after(text);
  } catch (const vo::Error& error) {
    EXPECT_EQ(error.kind(), vo::ErrorKind::Rejected);
    return error.message();
  }
  return "no complaint";
}

TEST(Configuration, SetsWhatTheCommandLineCallsByTheSameName) {
  const auto options = after(
      "radius = '20m'\ncache-size = '1.5T'\njobs-per-host = 2\ntimeout = 12.5\n"
      "offline = true\nexclude-collection = ['%RASS%', 'X']\n");
  EXPECT_EQ(options.radius, "20m");
  EXPECT_EQ(options.cache_size, "1.5T");
  EXPECT_EQ(options.jobs_per_host, 2);
  EXPECT_EQ(options.timeout_seconds, 12.5);
  EXPECT_TRUE(options.offline);
  EXPECT_THAT(options.excluded_collections, ElementsAre("%RASS%", "X"));
}

TEST(Configuration, NamesAGatewayAndTheArchivesThatItIsAskedFor) {
  const auto section = "[gateway]\nurl = 'http://gw.site:3128'\nhosts = ['archive.example']\n";
  const auto gateway = tools::gateway_from(after(section));
  ASSERT_TRUE(gateway);
  EXPECT_EQ(gateway->url.host(), "gw.site");
  EXPECT_THAT(gateway->hosts, ElementsAre("archive.example"));
  CommonOptions options;
  options.gateway = "none";
  options.given = {"gateway"};
  tools::apply_configuration(section, "f", options);
  EXPECT_FALSE(tools::gateway_from(options));
  EXPECT_THAT(tools::effective_configuration(after(section)), HasSubstr("gw.site:3128"));
}

TEST(Configuration, TwoServicesWithOneIdAreNotAskedTogether) {
  auto options = after(
      "[archive.a]\nurl = 'https://a.example/tap'\nid = 'ivo://a'\n[archive.b]\nurl = 'https://b.example/tap'\nid = "
      "'ivo://a'\n"
      "[archive.c]\nurl = 'https://a.example/tap'\nid = 'ivo://a'\ntable = 'other.obscore'\n");
  options.archives = {"a", "c"};
  EXPECT_EQ(tools::services_from(options).size(), 2u);
  options.archives = {"a", "b"};
  try {
    tools::services_from(options);
    ADD_FAILURE() << "answers of one would be taken for the other's";
  } catch (const vo::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a and b have one id, ivo://a"));
  }
}

TEST(Configuration, NamesPublishedCachesAndWhatAnArchiveIsKnownBy) {
  const auto options = after(
      "cache-base = ['/srv/one', '/srv/two']\n[archive.a]\nurl = 'https://a.example/tap'\nid = 'ivo://a/tap'\n"
      "[archive.b]\nurl = 'https://mirror.example/tap'\nid = 'https://b.example/tap/sync'\n");
  EXPECT_THAT(options.cache_bases, ElementsAre("/srv/one", "/srv/two"));
  EXPECT_THAT(tools::effective_configuration(options), HasSubstr("'/srv/two'"));
  EXPECT_EQ(options.entries.at("a").id, "ivo://a/tap");
  auto chosen = options;
  chosen.archives = {"a", "b"};
  const auto services = tools::services_from(chosen);
  EXPECT_EQ(vo::authority_of(services[0]), "ivo://a/tap");
  EXPECT_EQ(vo::authority_of(services[1]), "https://b.example/tap");
  EXPECT_THAT(complaint_about("cache-base = '/srv/one'\n"), HasSubstr("list of paths"));
  EXPECT_THAT(complaint_about("[archive.a]\nurl = 'https://a.example/tap'\nid = 'two words'\n"), HasSubstr("blanks"));
}

TEST(Configuration, TellsWhereS3IsAndWhereItsKeysAre) {
  const auto options = after("[s3]\nendpoint = 'https://s3.example.org'\nregion = 'here'\ncredentials-file = '/k'\n");
  EXPECT_EQ(options.s3.endpoint, "https://s3.example.org/");
  EXPECT_EQ(options.s3.region, "here");
  EXPECT_EQ(options.s3.credentials_file, "/k");
  EXPECT_THAT(complaint_about("[s3]\nsecret = 'x'\n"), HasSubstr("unknown key"));
}

TEST(Configuration, RefusesAGatewayThatIsNone) {
  for (const auto* url :
       {"gw.site:3128", "socks5h://gw.site:1080", "http://gw.site/cache", "http://me:secret@gw.site"}) {
    const auto complaint = complaint_about(std::string{"radius = '5m'\n[gateway]\nurl = '"} + url + "'\n");
    EXPECT_THAT(complaint, HasSubstr("config.toml:2")) << url;
    EXPECT_THAT(complaint, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(complaint_about("gateway = 'http://gw.site'\n"), HasSubstr("[gateway]"));
  EXPECT_THAT(complaint_about("[gateway]\nurl = 'http://gw.site'\nhost = 'x'\n"), HasSubstr("did you mean 'hosts'"));
}

TEST(Configuration, GivesWayToTheCommandLine) {
  CommonOptions options;
  options.radius = "5m";
  options.archives = {"gavo"};
  options.given = {"radius", "archive"};
  tools::apply_configuration("radius = '20m'\narchives = ['eso']\nmtime = 'fetched'\n", "f", options);
  EXPECT_EQ(options.radius, "5m");
  EXPECT_THAT(options.archives, ElementsAre("gavo"));
  EXPECT_EQ(options.mtime, "fetched");
}

TEST(Configuration, OfTheUserWinsOverThatOfTheSystemKeyByKey) {
  CommonOptions options;
  tools::apply_configuration("radius = '20m'\n[archive.mine]\nurl = 'https://a.test/tap'\ntable = 't'\n", "etc",
                             options);
  tools::apply_configuration("[archive.mine]\nurl = 'https://b.test/tap'\n", "user", options);
  EXPECT_EQ(options.radius, "20m");
  EXPECT_EQ(options.entries.at("mine").url, "https://b.test/tap");
  EXPECT_EQ(options.entries.at("mine").table, "t");
}

TEST(Configuration, NamesLineAndNearestKeyOfAnUnknownOne) {
  EXPECT_EQ(complaint_about("radius = '20m'\n\ncache_sise = '1G'\n"),
            "config.toml:3: unknown key 'cache_sise'; did you mean 'cache-size'?");
  EXPECT_EQ(complaint_about("[archive.x]\nurl = 'https://x.test/tap'\ntabel = 'y'\n"),
            "config.toml:3: unknown key 'tabel'; did you mean 'table'?");
  EXPECT_THAT(complaint_about("wavelength = 5\n"), HasSubstr("platefs.toml(5)"));
}

TEST(Configuration, ChecksAlsoWhatTheCommandLineOverrides) {
  CommonOptions options;
  options.given = {"radius"};
  EXPECT_THROW(tools::apply_configuration("radius = 'wide'\n", "f", options), vo::Error);
}

TEST(Configuration, NamesTheLineOfAWrongValueAndOfWhatIsNoToml) {
  EXPECT_EQ(complaint_about("\nlog-level = 'loud'\n"),
            "config.toml:2: 'log-level': wants one of debug, info, warning, error, off");
  EXPECT_EQ(complaint_about("jobs-per-host = 99\n"), "config.toml:1: 'jobs-per-host': wants a number from 1 to 32");
  EXPECT_EQ(complaint_about("offline = 'yes'\n"), "config.toml:1: 'offline': wants true or false");
  EXPECT_THAT(complaint_about("a = 1\nradius = \n"), HasSubstr("config.toml:2: "));
  EXPECT_THAT(complaint_about("cache-dir = 'here'\n"), HasSubstr("absolute"));
}

TEST(Configuration, WantsAUrlForEachArchive) {
  EXPECT_EQ(complaint_about("\n[archive.mine]\ntable = 't'\n"),
            "config.toml:2: archive 'mine' has no url of its service");
  EXPECT_THAT(complaint_about("archive = 'gavo'\n"), HasSubstr("archives = [\"NAME\"]"));
  EXPECT_THAT(complaint_about("[archive.'a/b']\nurl = 'https://a.test/tap'\n"), HasSubstr("is no name"));
}

TEST(Configuration, OfAnArchiveNarrowsItsQuestions) {
  auto options = after(
      "archives = ['mine', 'gavo']\nwhere = 't_min < 40000'\n[archive.mine]\n"
      "url = 'https://a.test/tap'\ntable = 'my.obscore'\nwhere = 's_fov > 1'\n"
      "exclude-collection = []\n");
  const auto services = tools::services_from(options);
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].name, "mine");
  EXPECT_EQ(services[0].table, "my.obscore");
  EXPECT_EQ(services[0].where, "(s_fov > 1) AND (t_min < 40000)");
  EXPECT_TRUE(services[0].excluded_collections.empty());
  EXPECT_THAT(services[1].excluded_collections, ElementsAre("%RASS%"));
  EXPECT_EQ(services[1].where, "t_min < 40000");
}

TEST(Configuration, OfAFormHasItsSurveys) {
  const auto options = after(R"(
[archive.form]
kind = "template"
url = "https://a.test/?v={plate}&r={ra}&d={dec}&s={size_arcmin}"
max-size = "60m"
plates = [{ id = "one", dec-min = -30, date-min = "1953-05-01" }, { id = "two", value = "Second 2", pixel-scale = 1.7 }]
)");
  const auto& entry = options.entries.at("form");
  ASSERT_EQ(entry.plates.size(), 2u);
  EXPECT_EQ(entry.plates[0].dec_min, -30);
  EXPECT_EQ(entry.plates[0].t_min, 34498.0);
  EXPECT_EQ(entry.plates[1].value, "Second 2");
}

TEST(Configuration, SaysWhatIsWrongWithAForm) {
  const auto with = [](const std::string& keys) { return "[archive.form]\nkind = \"template\"\n" + keys; };
  const std::string url = "url = \"https://a.test/?v={plate}&r={ra}&d={dec}&s={size}\"\n";
  EXPECT_THAT(complaint_about(with(url)), HasSubstr("no plates"));
  EXPECT_THAT(complaint_about(with(url + "plates = [\"one\"]")), HasSubstr("list of plates"));
  EXPECT_THAT(complaint_about(with(url + "plates = [{ id = \"one\", dec_mni = 1 }]")), HasSubstr("dec-min"));
  EXPECT_THAT(complaint_about(with(url + "plates = [{ id = \"one\", date-min = \"yesterday\" }]")), HasSubstr("date"));
  EXPECT_THAT(complaint_about(with("url = \"https://a.test/?r={ra}\"\nplates = [{ id = \"one\" }]")),
              HasSubstr("{dec}"));
  EXPECT_THAT(complaint_about("[archive.t]\nurl = \"https://a.test/tap\"\nmax-size = \"60m\""),
              HasSubstr("no template"));
}

TEST(Configuration, TheExamplesOfTheManualAreGood) {
  std::ifstream file{PLATEFS_SOURCE_DIR "/tools/man/platefs.toml.5"};
  std::string text, line;
  for (bool is_example = false; std::getline(file, line);) {
    if (line.starts_with(".Ed")) is_example = false;
    if (is_example) text += line + "\n";
    if (line.starts_with(".Bd -literal")) is_example = true;
  }
  const auto options = after(text);
  std::set<vo::ServiceKind> kinds;
  for (const auto& [name, entry] : options.entries) {
    if (entry.origin != "built in") kinds.insert(entry.kind);
  }
  EXPECT_GE(kinds.size(), 4u) << "one of each kind, but for siap1, which is asked like siap2";
}

TEST(Configuration, CanChangeWhatIsBuiltIn) {
  const auto options = after("[archive.gavo]\nacknowledgement = 'We thank GAVO.'\n");
  EXPECT_EQ(options.entries.at("gavo").url, "http://dc.g-vo.org/tap");
  EXPECT_EQ(options.entries.at("gavo").acknowledgement, "We thank GAVO.");
  EXPECT_EQ(options.entries.at("gavo").origin, "config.toml:1");
}

TEST(EffectiveConfiguration, SaysTheSameWhenItIsReadAgain) {
  auto options = after(
      "archives = ['mine']\nradius = '20m'\ntimeout = 7.0\nmtime = 'fetched'\n[archive.mine]\n"
      "url = 'https://a.test/tap'\nwhere = \"x = 'y'\"\n"
      "citation = \"@article{a,\\n title={b}}\"\nhosts = ['d.test']\n");
  const auto text = tools::effective_configuration(options);
  const auto again = after(text);
  EXPECT_EQ(again.radius, "20m");
  EXPECT_EQ(again.timeout_seconds, 7.0);
  EXPECT_EQ(again.entries.at("mine").where, "x = 'y'");
  EXPECT_EQ(again.entries.at("mine").citation, "@article{a,\n title={b}}");
  EXPECT_EQ(tools::effective_configuration(again), text);
}

TEST(EffectiveConfiguration, ShowsNoSecret) {
  const ScratchDirectory scratch;
  const auto token = scratch.path() / "token";
  std::ofstream(token) << "s3cr3t\n";
  auto options = after(
      "proxy = 'http://me:s3cr3t@proxy.test:3128'\narchives = ['mine']\n[archive.mine]\n"
      "url = 'https://me:s3cr3t@a.test/tap?token=s3cr3t'\ntoken-file = '" +
      token.string() + "'\n");
  const auto text = tools::effective_configuration(options);
  EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(text, HasSubstr("***@proxy.test:3128"));
  EXPECT_THAT(text, HasSubstr(token.string()));
}

TEST(Credentials, AreForTheHostOfTheServiceAndThoseNamed) {
  const ScratchDirectory scratch;
  const auto token = scratch.path() / "token";
  std::ofstream(token) << "abc \r\nnot this\n";
  const auto options = after("[archive.mine]\nurl = 'https://a.test/tap'\nhosts = ['data.a.test']\ntoken-file = '" +
                             token.string() + "'\n");
  const auto credentials = tools::credentials_of(options.entries.at("mine"));
  EXPECT_EQ(credentials.bearer_token, "abc");
  EXPECT_THAT(credentials.origins, ElementsAre("https://a.test:443", "https://data.a.test:443"));
}

TEST(Credentials, AreNotSentUnencryptedExceptToThisMachine) {
  const ScratchDirectory scratch;
  const auto token = scratch.path() / "token";
  std::ofstream(token) << "abc\n";
  tools::ArchiveEntry entry;
  entry.name = "mine";
  entry.url = "http://a.test/tap";
  entry.token_file = token;
  EXPECT_THROW(tools::credentials_of(entry), vo::Error);
  entry.url = "http://127.0.0.1:8080/tap";
  EXPECT_EQ(tools::credentials_of(entry).bearer_token, "abc");
}

TEST(Credentials, ThatCannotBeReadAreWrongUsageNamedByTheirKey) {
  tools::ArchiveEntry entry;
  entry.name = "mine";
  entry.url = "https://a.test/tap";
  entry.netrc = "/nonexistent/netrc";
  try {
    tools::credentials_of(entry);
    FAIL();
  } catch (const vo::Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("netrc '/nonexistent/netrc'"));
  }
}

}  // namespace
}  // namespace platefs::test
