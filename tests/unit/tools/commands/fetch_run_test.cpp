// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "tests/support/fake_library.h"

namespace platefs::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using vo::Error;
using vo::ErrorKind;

/// A file that counts as cached once it was opened.
class BroughtProduct : public test::FakeProduct {
 public:
  bool is_kept = true;
  cache::Withdraw open(vo::Completion<std::shared_ptr<cache::OpenFile>> done) override {
    ++opened;
    if (is_kept) known.state = cache::ProductState::Cached;
    return FakeProduct::open(std::move(done));
  }
  int opened = 0;
};

class Recorder final : public FetchListener {
 public:
  void target_answered(const NamedTarget& target, const fs::TargetSnapshot&) override {
    note("answered", target.label);
  }
  void target_failed(const std::string& label, const Error& error) override {
    note("failed", label + ": " + error.message());
  }
  void planned(const std::vector<FetchJob>& jobs) override {
    planned_files += jobs.size();
    most_ahead = std::max(most_ahead, planned_files - ended_files);
  }
  void progressed(std::uint64_t bytes) override { progress += bytes; }
  void ended(const FetchJob& job, const FetchResult& result) override {
    results[job.file] = result;
    ++ended_files;
    if (throws_at_end) throw std::runtime_error("the terminal is gone");
  }
  void note(const std::string& what, const std::string& label) { told.push_back(what + " " + label); }

  std::vector<std::string> told;
  std::map<std::string, FetchResult> results;
  std::size_t planned_files = 0, ended_files = 0, most_ahead = 0;
  std::uint64_t progress = 0;
  bool throws_at_end = false;
};

class FetchRunTest : public testing::Test {
 protected:
  FetchRunTest() {
    plate = test::plate_ref("ivo://test/plate?1");
    auto answer = std::make_shared<cache::PlatesAnswer>(cache::PlatesAnswer{region.centre, {}, 1});
    answer->archives.push_back({"test", plate.table, std::nullopt, 1});
    library.plates = answer;
    library.links->files.full = &link;
    for (const auto kind : {cache::ProductKind::Cutout, cache::ProductKind::Full, cache::ProductKind::Preview}) {
      auto& product = products[kind];
      product = std::make_shared<BroughtProduct>();
      product->bytes = std::string(3'000'000, 'x');
      product->known.estimate = 5'000'000;
      library.products[cache::ProductId{plate, kind, region, {}}.key()] = product;
    }
  }
  void run(std::vector<std::string> words = {"156.011+48.148"}) {
    std::vector<WantedTarget> targets;
    for (const auto& word : words) targets.push_back(wanted_target(word, settings.radius));
    FetchRun{library, recorder, settings}.run(targets);
  }

  vo::Link link;
  vo::Cone region{vo::IcrsPosition::at(vo::Angle::degrees(156.011), vo::Angle::degrees(48.148)),
                  vo::Angle::arcminutes(10)};
  cache::PlateRef plate;
  test::FakeLibrary library;
  std::map<cache::ProductKind, std::shared_ptr<BroughtProduct>> products;
  Recorder recorder;
  FetchRun::Settings settings{.wanted = {.cutout = true, .preview = true, .full = true}, .threads = 1};
};

TEST_F(FetchRunTest, EveryWantedFileIsReadFromEndToEnd) {
  run();
  EXPECT_THAT(recorder.told, ElementsAre("answered 156.011+48.148"));
  EXPECT_EQ(recorder.planned_files, 3u);
  ASSERT_EQ(recorder.results.size(), 3u);
  for (const auto& [file, result] : recorder.results) {
    EXPECT_EQ(result.state, FetchState::Fetched) << file << ": " << result.error;
    EXPECT_EQ(result.size, 3'000'000u);
  }
  EXPECT_EQ(recorder.progress, 9'000'000u);
  EXPECT_THAT(library.entered, testing::SizeIs(1));
}

TEST_F(FetchRunTest, WhatIsCachedIsNotOpened) {
  products[cache::ProductKind::Full]->known.state = cache::ProductState::Cached;
  run();
  EXPECT_EQ(products[cache::ProductKind::Full]->opened, 0);
  EXPECT_EQ(recorder.results["full.fits"].state, FetchState::Cached);
}

TEST_F(FetchRunTest, APlanOpensNothingAndRemembersNoTarget) {
  settings.dry_run = true;
  run();
  EXPECT_EQ(recorder.results["full.fits"].state, FetchState::Planned);
  EXPECT_EQ(recorder.results["full.fits"].bytes, 5'000'000u);
  EXPECT_FALSE(recorder.results["full.fits"].size_is_exact);
  for (const auto& [kind, product] : products) EXPECT_EQ(product->opened, 0);
  EXPECT_TRUE(library.entered.empty());
}

TEST_F(FetchRunTest, WhatWasOfferedAndIsMissingFailedWhatWasNeverOfferedIsAbsent) {
  products[cache::ProductKind::Full]->failure = Error{ErrorKind::NotFound, "404"};
  products[cache::ProductKind::Preview]->failure = Error{ErrorKind::NotFound, "none"};
  run();
  EXPECT_EQ(recorder.results["full.fits"].state, FetchState::Failed);
  EXPECT_THAT(recorder.results["full.fits"].error, HasSubstr("404"));
  EXPECT_EQ(recorder.results["preview.jpg"].state, FetchState::Absent);
  EXPECT_EQ(recorder.results["cutout.fits"].state, FetchState::Fetched) << "the others go on";
}

TEST_F(FetchRunTest, WhatNoImageShowsCanNotExistAndWhatFailsInAnotherWayMayComeBack) {
  products[cache::ProductKind::Cutout]->failure = Error{ErrorKind::Malformed, "cut from full.fits: off the plate"};
  products[cache::ProductKind::Full]->failure = Error{ErrorKind::Malformed, "a login page"};
  run();
  EXPECT_EQ(recorder.results["cutout.fits"].state, FetchState::Impossible);
  EXPECT_EQ(recorder.results["full.fits"].state, FetchState::Failed);
}

TEST_F(FetchRunTest, APlateThatTheArchiveDisownsIsAbsentAndOneWhoseServiceFailsIsNot) {
  for (const auto& [fault, state] :
       {std::pair{"NotFoundFault: gone", FetchState::Absent}, std::pair{"TransientFault: busy", FetchState::Failed}}) {
    *library.links = {};
    library.links->document.links.emplace_back().error_message = fault;
    products[cache::ProductKind::Cutout]->failure = Error{ErrorKind::Rejected, fault};
    products[cache::ProductKind::Cutout]->is_kept = false;
    run();
    EXPECT_EQ(recorder.results["cutout.fits"].state, state) << fault;
  }
}

TEST_F(FetchRunTest, TellsWhichFilesTheCacheHolds) {
  products[cache::ProductKind::Cutout]->known.state = cache::ProductState::Cached;
  products[cache::ProductKind::Full]->failure = Error{ErrorKind::TimedOut, "no byte"};
  settings.keeps_held = true;
  FetchRun fetching{library, recorder, settings};
  fetching.run({wanted_target("156.011+48.148", settings.radius)});
  using cache::ProductKind;
  EXPECT_THAT(fetching.held(),
              testing::UnorderedElementsAre(cache::ProductId{plate, ProductKind::Cutout, region, {}}.key(),
                                            cache::ProductId{plate, ProductKind::Preview, region, {}}.key()));
}

TEST_F(FetchRunTest, AFileThatTheCacheDidNotKeepFailed) {
  products[cache::ProductKind::Full]->is_kept = false;
  run();
  EXPECT_EQ(recorder.results["full.fits"].state, FetchState::Failed);
  EXPECT_THAT(recorder.results["full.fits"].error, HasSubstr("--cache-size"));
}

TEST_F(FetchRunTest, TwoNamesOfOnePlaceBringItsFilesOnce) {
  run({"156.011+48.148", "156.0110+48.1480"});
  EXPECT_EQ(recorder.planned_files, 3u);
  EXPECT_EQ(products[cache::ProductKind::Full]->opened, 1);
}

TEST_F(FetchRunTest, FilesAreBroughtWhileTargetsAreStillToBePlanned) {
  library.any_product = products[cache::ProductKind::Cutout];
  settings.wanted = {.cutout = true};
  std::vector<std::string> words;
  for (int i = 0; i < 1000; ++i) words.push_back(fmt::format("156.{:04}+48.148", i));
  run(words);
  EXPECT_EQ(recorder.ended_files, 1000u);
  EXPECT_EQ(recorder.planned_files, 1000u);
  EXPECT_LT(recorder.most_ahead, 400u);
}

TEST_F(FetchRunTest, ATargetWhoseArchiveFailsIsTold) {
  library.plates = nullptr;
  run();
  EXPECT_THAT(recorder.told, ElementsAre(HasSubstr("failed 156.011+48.148: ")));
  EXPECT_TRUE(recorder.results.empty());
}

TEST_F(FetchRunTest, AFailureOfTheTellingEndsTheRun) {
  recorder.throws_at_end = true;
  EXPECT_THROW(run(), Error);
  EXPECT_EQ(recorder.results.size(), 1u);
}

}  // namespace
}  // namespace platefs::tools
