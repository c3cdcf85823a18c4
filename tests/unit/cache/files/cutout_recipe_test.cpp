// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/cutout_recipe.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "tests/support/plate_inputs.h"
#include "vo/services/own_protocol.h"

namespace platefs::cache {
namespace {

using test::FakeInputs;
using testing::ElementsAre;
using testing::HasSubstr;
using vo::Error;
using vo::ErrorKind;

constexpr auto kService = "http://soda.example/cut";

class CutoutRecipe : public testing::Test {
 protected:
  CutoutRecipe() { inputs.files["full.fits"] = test::image_file(8, {900, 700}, test::tan_cards()); }

  /// What the archive offers.
  void offer_full() { links->files.full = &link(); }
  void offer_other(const std::string& name) {
    auto& other = link();
    links->files.others[name] = &other;
    links->files.other_fits.push_back(&other);
  }
  void offer_service(const std::string& url = kService) {
    auto& service = services.emplace_back();
    service.access_url = url;
    links->files.soda.push_back(&service);
  }

  Made make() {
    order.links = links;
    return make_cutout(order, inputs);
  }
  Error failure() {
    try {
      make();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it was made";
    return {ErrorKind::LocalIo, ""};
  }
  static std::string text_of(const FileBytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// Of the order, cut from the plate.
  std::string right_cutout() {
    vo::MemoryFitsSource source{test::bytes_of(inputs.files["full.fits"])};
    return text_of(vo::cut(source, order.id.region, provenance_of(order, "http://files.example/full.fits")).file);
  }

  std::list<vo::Link> all_links;
  std::list<vo::ServiceDescriptor> services;
  std::shared_ptr<LinksAnswer> links = std::make_shared<LinksAnswer>();
  FakeInputs inputs;
  Order order = test::order_of(ProductKind::Cutout);

 private:
  vo::Link& link() {
    auto& made = all_links.emplace_back();
    made.access_url = "http://files.example/any.fits";
    return made;
  }
};

TEST_F(CutoutRecipe, TheServicesAnswerIsTakenAsItCameWhereItShowsTheRegion) {
  offer_service();
  offer_full();
  inputs.answers[kService] = right_cutout();
  const auto made = make();
  EXPECT_EQ(made.facts.source, "soda");
  EXPECT_TRUE(made.bytes.empty()) << "it is in the object that received it";
  EXPECT_THAT(inputs.asked, ElementsAre(kService));
}

TEST_F(CutoutRecipe, AnAnswerThatIsLargerIsTrimmed) {
  offer_service();
  inputs.answers[kService] = inputs.files["full.fits"];
  const auto made = make();
  EXPECT_EQ(made.facts.source, "soda");
  EXPECT_GT(made.bytes.size(), 0u);
  EXPECT_LT(made.bytes.size(), inputs.files["full.fits"].size());
}

TEST_F(CutoutRecipe, WhereTheServiceFailsThePlateIsCutHere) {
  offer_service();
  offer_full();
  inputs.failures.insert({kService, Error{ErrorKind::Unavailable, "out of order"}});
  std::uint64_t size = 0;
  order.on_size = [&](std::uint64_t told) { size = told; };
  const auto made = make();
  EXPECT_EQ(made.facts.source, "cutout");
  EXPECT_EQ(made.facts.url, "http://files.example/full.fits");
  EXPECT_EQ(text_of(made.bytes), right_cutout());
  EXPECT_EQ(size, made.bytes.size());
  EXPECT_THAT(inputs.asked, ElementsAre(kService, "full.fits"));
}

TEST_F(CutoutRecipe, APageThatACacheKeepsInPlaceOfAnAnswerIsAskedForPastIt) {
  offer_service();
  offer_full();
  inputs.answers[kService] = right_cutout();
  inputs.failures.insert({kService, Error{ErrorKind::Malformed, "it is a page"}});
  EXPECT_EQ(make().facts.source, "soda");
  EXPECT_THAT(inputs.asked, ElementsAre(kService, HasSubstr("past caches")));
}

TEST_F(CutoutRecipe, AServiceThatGivesAPageItselfIsAskedTwice) {
  offer_service();
  offer_full();
  inputs.failures.insert({kService, Error{ErrorKind::Malformed, "it is a page"}});
  inputs.failures.insert({fmt::format("{} past caches", kService), Error{ErrorKind::Malformed, "it is a page"}});
  EXPECT_EQ(make().facts.source, "cutout");
  EXPECT_THAT(inputs.asked, ElementsAre(kService, HasSubstr("past caches"), "full.fits"));
}

TEST_F(CutoutRecipe, AnAnswerThatIsNoImageOfTheTargetIsNotTaken) {
  offer_service();
  offer_full();
  inputs.answers[kService] = "SIMPLE  =                    T and nothing else";
  EXPECT_EQ(make().facts.source, "cutout");
}

TEST_F(CutoutRecipe, AnotherFitsOfThePlateDoesWhereTheFirstFails) {
  offer_full();
  offer_other("scan.fits");
  inputs.files["links/scan.fits"] = inputs.files["full.fits"];
  inputs.failures.insert({"full.fits", Error{ErrorKind::NotFound, "404"}});
  EXPECT_EQ(make().facts.url, "http://files.example/links/scan.fits");
  EXPECT_THAT(inputs.asked, ElementsAre("full.fits", "links/scan.fits"));
}

TEST_F(CutoutRecipe, WhatEachWaySaidIsToldWhenNoneSucceeds) {
  offer_service();
  offer_full();
  inputs.failures.insert({kService, Error{ErrorKind::Unavailable, "out of order"}});
  inputs.failures.insert({"full.fits", Error{ErrorKind::NotFound, "404"}});
  vo::Link fault;
  fault.error_message = "NotFoundFault: gone";
  links->document.links.push_back(fault);
  const auto error = failure();
  EXPECT_EQ(error.kind(), ErrorKind::Rejected);
  EXPECT_THAT(error.message(),
              testing::MatchesRegex("SODA: .*out of order; cut from full.fits: .*404; DataLink: .*NotFoundFault.*"));
}

TEST_F(CutoutRecipe, AKindThatAllWaysShareIsTheFilesUnlessItIsNotFound) {
  offer_service();
  offer_full();
  for (const auto kind : {ErrorKind::TimedOut, ErrorKind::NotFound}) {
    inputs.failures.clear();
    inputs.failures.insert({kService, Error{kind, "one"}});
    inputs.failures.insert({"full.fits", Error{kind, "two"}});
    EXPECT_EQ(failure().kind(), kind == ErrorKind::TimedOut ? kind : ErrorKind::Rejected);
  }
}

TEST_F(CutoutRecipe, WithoutAnythingToMakeItOfItIsNotFound) {
  EXPECT_EQ(failure().kind(), ErrorKind::NotFound);
  EXPECT_THAT(inputs.asked, ElementsAre());
}

TEST_F(CutoutRecipe, NothingElseIsTriedWhenNobodyWaitsOrTheDiskIsFull) {
  offer_service();
  offer_full();
  for (const auto kind : {ErrorKind::Cancelled, ErrorKind::NoSpace}) {
    inputs.asked.clear();
    inputs.failures.clear();
    inputs.failures.insert({kService, Error{kind, "enough"}});
    EXPECT_EQ(failure().kind(), kind);
    EXPECT_THAT(inputs.asked, ElementsAre(kService));
  }
}

TEST_F(CutoutRecipe, OfThousandsOfFilesAFewAreTried) {
  for (int i = 0; i < 30; ++i) {
    const auto name = fmt::format("{:02}.fits", i);
    offer_other(name);
    inputs.failures.insert({"links/" + name, Error{ErrorKind::NotFound, "404"}});
  }
  EXPECT_THAT(failure().message(), HasSubstr("22 more files were not tried"));
  EXPECT_EQ(inputs.asked.size(), 8u);
}

TEST_F(CutoutRecipe, AServiceThatBothLinksAndTableNameIsAskedOnce) {
  offer_service();
  offer_service("http://soda.example/second");
  auto table = std::make_shared<vo::PlateTable>(*order.id.plate.table);
  order.id.plate.table = table;
  inputs.failures.insert({kService, Error{ErrorKind::Unavailable, "one"}});
  inputs.failures.insert({"http://soda.example/second", Error{ErrorKind::Unavailable, "two"}});
  vo::ServiceDescriptor of_table;
  of_table.access_url = kService;
  of_table.standard_id = "ivo://ivoa.net/std/SODA#sync-1.0";
  table->table.services.push_back(of_table);
  failure();
  EXPECT_THAT(inputs.asked, ElementsAre(kService, "http://soda.example/second"));
}

/// Rows of one DID, or of several that name one file, are exposures of one plate; what else the archive has is not.
TEST_F(CutoutRecipe, TheOtherExposuresOfAPlateShareItsIdentifierOrItsFile) {
  auto table = std::make_shared<vo::PlateTable>();
  const auto add = [&](const char* did, const char* url, const char* exposure, double ra) {
    auto& plate = table->plates.emplace_back();
    plate.obs_publisher_did = did;
    plate.access_url = url;
    plate.exposure = exposure;
    plate.s_ra = ra;
    plate.s_dec = 48.0;
  };
  add("ivo://test/plate?1", "http://files.example/1.fits", "first", 156.0);
  add("ivo://test/plate?1", "http://files.example/other.fits", "second", 157.0);
  add("ivo://test/plate?1/b", "http://files.example/1.fits", "third", 158.0);
  add("ivo://test/plate?2", "", "fourth", 159.0);
  add("ivo://test/plate?3", "http://files.example/3.fits", "fifth", 160.0);
  order.id.plate = {table, 0};
  const auto centres = provenance_of(order, "").centres;
  ASSERT_TRUE(centres.own);
  EXPECT_NEAR(centres.own->ra.as_degrees(), 156.0, 1e-9);
  ASSERT_EQ(centres.others.size(), 2u);
  EXPECT_NEAR(centres.others[0].ra.as_degrees(), 157.0, 1e-9);
  EXPECT_NEAR(centres.others[1].ra.as_degrees(), 158.0, 1e-9);
}

/// Wraps its cutouts, and counts on nobody's links.
class Wrapping final : public vo::OwnProtocol {
 public:
  std::string plates_question(const vo::IcrsPosition& /*position*/) const override { return {}; }
  std::string plates_document(vo::Transport& /*transport*/, const vo::IcrsPosition& /*position*/,
                              const std::stop_token& /*stop*/) const override {
    return {};
  }
  std::string way_to_cutouts() const override { return "the parcel service"; }
  vo::http::Request cutout_request(const vo::PlateTable& /*table*/, const vo::Plate& /*plate*/,
                                   const vo::Cone& /*region*/) const override {
    return {.url = vo::Url::parse(kService)};
  }
  std::optional<std::uint64_t> largest_wrapped_cutout() const override { return 1'000'000; }
  std::string unwrapped_cutout(std::string_view answer) const override {
    if (!answer.starts_with("parcel ")) throw Error{ErrorKind::Rejected, "no parcel"};
    return std::string{answer.substr(7)};
  }
};

class CutoutOfOwnProtocol : public CutoutRecipe {
 protected:
  CutoutOfOwnProtocol() {
    auto table = std::make_shared<vo::PlateTable>(*order.id.plate.table);
    table->own = std::make_shared<Wrapping>();
    order.id.plate.table = table;
  }
};

TEST_F(CutoutOfOwnProtocol, IsWhatTheServiceWrapped) {
  inputs.answers[kService] = "parcel " + right_cutout();
  const auto made = make();
  EXPECT_EQ(text_of(made.bytes), right_cutout());
  EXPECT_THAT(inputs.asked, ElementsAre(kService));
}

TEST_F(CutoutOfOwnProtocol, MustShowTheTargetAsAnyOther) {
  auto elsewhere = test::tan_cards();
  for (auto& card : elsewhere) {
    if (card.starts_with("CRVAL2")) card = "CRVAL2  =                -12.5";
  }
  inputs.answers[kService] = "parcel " + test::image_file(8, {900, 700}, elsewhere);
  EXPECT_THAT(failure().message(), HasSubstr("the parcel service"));
  inputs.answers[kService] = "a letter";
  EXPECT_THAT(failure().message(), HasSubstr("no parcel"));
}

}  // namespace
}  // namespace platefs::cache
