// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/nested_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "vo/base/error.h"
#include "vo/services/archive.h"

namespace platefs::vo {
namespace {

constexpr const char* kDatalink = "application/x-votable+xml;content=datalink";

Link link(std::string semantics, std::string url, std::string type = "image/fits") {
  Link link;
  link.id = "did";
  link.semantics = std::move(semantics);
  link.access_url = std::move(url);
  link.content_type = std::move(type);
  return link;
}

/// Documents by URL; one that is not there can't be had.
class NestedLinks : public testing::Test {
 protected:
  bool add_to(DatalinkDocument& document) {
    return add_nested_links(document, Url::parse("http://a/links?ID=did"), [this](const Url& url) {
      asked.push_back(url.text());
      const auto found = documents.find(url.text());
      if (found == documents.end()) throw Error{ErrorKind::NotFound, url.text() + " is not there"};
      DatalinkDocument document;
      document.links = found->second;
      document.services = services;
      return document;
    });
  }
  static std::vector<std::string> names(const DatalinkDocument& document) {
    std::vector<std::string> all;
    for (const auto& [name, link] : plate_links(document, {}).others) all.push_back(name);
    return all;
  }

  std::map<std::string, std::vector<Link>> documents;
  std::vector<ServiceDescriptor> services;
  std::vector<std::string> asked;
};

TEST_F(NestedLinks, BehindThisAreThePlatesOwn) {
  documents["http://a/inner"] = {link("#this", "http://a/full.fits"), link("#preview", "/p.jpg", "image/jpeg"),
                                 link("#auxiliary", "http://a/log.txt", "text/plain")};
  DatalinkDocument document{{link("#this", "http://a/inner", kDatalink)}, {}, false};
  EXPECT_TRUE(add_to(document));
  const auto files = plate_links(document, {});
  ASSERT_NE(files.full, nullptr);
  EXPECT_EQ(files.full->access_url, "http://a/full.fits");
  ASSERT_NE(files.preview, nullptr);
  EXPECT_EQ(files.preview->access_url, "http://a/p.jpg") << "relative to the document that says it";
  EXPECT_EQ(names(document), std::vector<std::string>{"auxiliary.txt"});
}

TEST_F(NestedLinks, BehindAnythingElseAreWhatTheLeadingRowSays) {
  documents["http://a/inner"] = {link("#this", "http://a/raw.fits"),
                                 link("#preview", "http://a/raw.jpg", "image/jpeg")};
  DatalinkDocument document{
      {link("#this", "http://a/full.fits"), link("#progenitor", "http://a/inner", kDatalink)}, {}, false};
  EXPECT_TRUE(add_to(document));
  const auto files = plate_links(document, {});
  EXPECT_EQ(files.full->access_url, "http://a/full.fits");
  EXPECT_EQ(files.preview, nullptr) << "another file's preview is none of the plate";
  EXPECT_EQ(names(document), (std::vector<std::string>{"progenitor-preview.jpg", "progenitor.fits"}));
}

TEST_F(NestedLinks, AreFollowedThreeDocumentsDeep) {
  for (int i = 1; i < 6; ++i) {
    documents["http://a/" + std::to_string(i)] = {link("#this", "http://a/" + std::to_string(i + 1), kDatalink)};
  }
  DatalinkDocument document{{link("#this", "http://a/1", kDatalink)}, {}, false};
  add_to(document);
  EXPECT_EQ(asked, (std::vector<std::string>{"http://a/1", "http://a/2", "http://a/3"}));
}

TEST_F(NestedLinks, ThatLeadBackAreFollowedOnce) {
  documents["http://a/inner"] = {link("#this", "http://a/links?ID=did", kDatalink),
                                 link("#this", "http://a/inner", kDatalink), link("#this", "http://a/full.fits")};
  DatalinkDocument document{{link("#this", "http://a/inner", kDatalink)}, {}, false};
  EXPECT_TRUE(add_to(document));
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(plate_links(document, {}).full->access_url, "http://a/full.fits");
}

TEST_F(NestedLinks, AreAskedForWithinALimit) {
  DatalinkDocument document;
  for (int i = 0; i < 100; ++i)
    document.links.push_back(link("#auxiliary", "http://a/" + std::to_string(i), kDatalink));
  EXPECT_FALSE(add_to(document));
  EXPECT_EQ(asked.size(), 16u);
}

TEST_F(NestedLinks, ThatCanNotBeHadSayWhyAndHideNothing) {
  DatalinkDocument document{
      {link("#progenitor", "http://a/inner", kDatalink), link("#this", "http://a/full.fits")}, {}, false};
  EXPECT_FALSE(add_to(document));
  EXPECT_THAT(document.links[0].error_message, testing::HasSubstr("is not there"));
  EXPECT_EQ(plate_links(document, {}).full->access_url, "http://a/full.fits");
}

TEST_F(NestedLinks, HaveServicesOfTheirOwn) {
  ServiceDescriptor soda;
  soda.id = "soda";
  soda.access_url = "http://a/soda";
  soda.standard_id = "ivo://ivoa.net/std/SODA#sync-1.0";
  services = {soda};
  auto cutout = link("#cutout", "", "");
  cutout.service_def = "soda";
  documents["http://a/inner"] = {link("#this", "http://a/full.fits"), cutout};
  DatalinkDocument of_the_plate{{link("#this", "http://a/inner", kDatalink)}, {}, false};
  add_to(of_the_plate);
  EXPECT_EQ(plate_links(of_the_plate, {}).soda.size(), 1u);
  DatalinkDocument of_another{
      {link("#this", "http://a/x.fits"), link("#progenitor", "http://a/inner", kDatalink)}, {}, false};
  add_to(of_another);
  EXPECT_TRUE(plate_links(of_another, {}).soda.empty()) << "it would cut another plate";
}

}  // namespace
}  // namespace platefs::vo
