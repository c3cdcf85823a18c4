// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tools/cli/options.h"
#include "vo/services/cutout_template.h"

namespace platefs::test {
namespace {

TEST(BuiltInArchives, SayWhatTheyHoldAndWhatWasTried) {
  for (const auto& [name, entry] : tools::built_in_archives()) {
    EXPECT_EQ(name, entry.name);
    EXPECT_NO_THROW(vo::Url::parse(entry.url)) << name;
    EXPECT_FALSE(entry.title.empty() || entry.holds.empty() || entry.tried.empty()) << name;
    EXPECT_FALSE(entry.has_credentials()) << name;
  }
}

TEST(BuiltInArchives, FormsAreSoundAndAskedOneAtATime) {
  std::set<std::string> forms;
  for (const auto& [name, entry] : tools::built_in_archives()) {
    if (entry.kind != vo::ServiceKind::Template) continue;
    forms.insert(name);
    EXPECT_NO_THROW(vo::check_cutout_template(entry.url, entry.plates)) << name;
    EXPECT_EQ(entry.max_requests, 1) << name;
  }
  EXPECT_THAT(forms, testing::ElementsAre("eso-dss", "hips-dss", "skyview", "stsci-dss"));
}

TEST(BuiltInArchives, OneWordStandsForAllThatHavePlates) {
  tools::CommonOptions options;
  options.archives = {"plates"};
  std::set<std::string> names;
  for (const auto& service : tools::services_from(options)) names.insert(service.name);
  EXPECT_TRUE(names.contains("gavo") && names.contains("applause") && names.contains("starglass"));
  EXPECT_FALSE(names.contains("alma") || names.contains("casda"));
  options.entries["plates"].name = "plates";
  options.entries["plates"].url = "https://plates.example/tap";
  EXPECT_EQ(tools::services_from(options).size(), 1u) << "an archive of that name is meant";
}

TEST(BuiltInArchives, TheDefaultIsOneArchive) {
  const auto services = tools::services_from({});
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(services[0].name, "gavo");
}

}  // namespace
}  // namespace platefs::test
