// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/response_check.h"

#include <gtest/gtest.h>

#include <string_view>

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

vo::http::Head head(int status, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {status, vo::Url::parse("http://archive.example/plate.fits"), std::move(headers)};
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::LocalIo;
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span{text.data(), text.size()}); }

TEST(BodyStart, APartialAnswerTellsTheWholeSize) {
  const auto start = body_start(head(206, {{"content-range", "bytes 65536-99999/100000"}}), 65536, true, "");
  EXPECT_EQ(start.offset, 65536u);
  EXPECT_EQ(start.file_size, 100000u);
}

TEST(BodyStart, APartOfAnEncodedBodyHidesTheSize) {
  const auto start =
      body_start(head(206, {{"content-range", "bytes 0-99/100"}, {"content-encoding", "gzip"}}), 0, true, "");
  EXPECT_FALSE(start.file_size);
  EXPECT_EQ(start.end, 100u);
}

TEST(BodyStart, ASizeThatNoFileHasIsMalformed) {
  EXPECT_EQ(kind_of([] {
              body_start(head(200, {{"content-length", "18446744073709551615"}}), 0, true, "");
            }),
            ErrorKind::Malformed);
  EXPECT_EQ(kind_of([] {
              body_start(head(206, {{"content-range", "bytes 0-9/9223372036854775806"}}), 0, true, "");
            }),
            ErrorKind::Malformed);
}

TEST(BodyStart, AWholeAnswerToARangeBeginsAtZero) {
  const auto start = body_start(head(200, {{"content-length", "100000"}}), 65536, true, "");
  EXPECT_EQ(start.offset, 0u);
  EXPECT_EQ(start.file_size, 100000u);
}

TEST(FirstBytes, OfDataAreThoseOfAnythingButAPageForPeople) {
  for (const auto* text : {"<?xml version=\"1.0\"?><VOTABLE>", "<VOTABLE>", "SIMPLE  =", "obs_time,phot\n", "{}"}) {
    check_first_bytes(bytes(text), Expected::Data, "application/x-votable+xml", "http://archive.example/lc");
  }
  for (const auto& [text, type] : {std::pair{"  <!DOCTYPE HTML><html>", ""}, std::pair{"<html lang=en>", "text/xml"},
                                   std::pair{"<?xml version=\"1.0\"?>", "text/HTML; charset=utf-8"}}) {
    EXPECT_EQ(kind_of([&] { check_first_bytes(bytes(text), Expected::Data, type, "http://archive.example/lc"); }),
              ErrorKind::Malformed)
        << text;
  }
}

TEST(FirstBytes, OfAPackedPlateAreHandedOutAsTheyAre) {
  using namespace std::string_view_literals;
  for (const auto start :
       {"\x1f\x8b\x08\x00\x00\x00"sv, "\x1f\x9d\x90\x53\x92\x34"sv, "BZh91AY&SY"sv, "\xfd\x37zXZ\0\0"sv}) {
    EXPECT_NO_THROW(check_first_bytes(bytes(start), Expected::Fits, "", "http://a/x"));
  }
  EXPECT_EQ(kind_of([] { check_first_bytes(bytes("<html>"), Expected::Fits, "", "http://a/x"); }),
            ErrorKind::Malformed);
}

TEST(BodyStart, AnotherRangeThanAskedForIsMalformed) {
  EXPECT_EQ(kind_of([] {
              body_start(head(206, {{"content-range", "bytes 0-9/100"}}), 65536, true, "");
            }),
            ErrorKind::Malformed);
}

TEST(BodyStart, NothingOfThePlateThereIsRejected) {
  EXPECT_EQ(kind_of([] { body_start(head(204), 0, false, ""); }), ErrorKind::Rejected);
}

TEST(BodyStart, AnUnstatedLengthIsUnknown) { EXPECT_FALSE(body_start(head(200), 0, true, "").file_size); }

TEST(BodyStart, AWeakETagSaysNothingOfTheBytes) {
  const auto start = body_start(head(200, {{"etag", "W/\"1\""}, {"content-length", "10"}}), 0, true, "");
  EXPECT_EQ(start.validators.etag, "");
}

TEST(CheckFirstBytes, ALoginPageIsNoFits) {
  EXPECT_EQ(kind_of([] { check_first_bytes(bytes("<!DOCTYPE html><title>Log in"), Expected::Fits, "text/html", "u"); }),
            ErrorKind::Malformed);
  EXPECT_NO_THROW(check_first_bytes(bytes("SIMPLE  =                    T"), Expected::Fits, "", "u"));
}

TEST(CheckFirstBytes, AnErrorDocumentIsNoPicture) {
  EXPECT_EQ(kind_of([] { check_first_bytes(bytes("{\"error\": 1}"), Expected::Image, "", "u"); }),
            ErrorKind::Malformed);
  EXPECT_NO_THROW(check_first_bytes(bytes("\xff\xd8\xff\xe0"), Expected::Image, "image/jpeg", "u"));
}

TEST(SameVersion, OnlyWhatBothSaidCounts) {
  const Validators with_etag{.etag = "\"1\"", .last_modified = "Mon", .content_hash = 0};
  EXPECT_TRUE(same_version(with_etag, {.etag = "", .last_modified = "Mon", .content_hash = 0}));
  EXPECT_FALSE(same_version(with_etag, {.etag = "\"2\"", .last_modified = "Mon", .content_hash = 0}));
  EXPECT_FALSE(same_version(with_etag, {.etag = "", .last_modified = "Tue", .content_hash = 0}));
}

TEST(BodyCheck, BoundsABodyThatSaysNowhereHowLongItIs) {
  EXPECT_FALSE(unannounced_excess(2ull << 30, Expected::Fits, "http://a/x.fits"));
  EXPECT_FALSE(unannounced_excess(50u << 20, Expected::Image, "http://a/x.jpg"));
  EXPECT_TRUE(unannounced_excess(129u << 20, Expected::Image, "http://a/x.jpg"));
  const auto error = unannounced_excess((8ull << 30) + 1, Expected::Anything, "http://a/x");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), vo::ErrorKind::Malformed);
  EXPECT_NE(error->message().find("http://a/x"), std::string::npos);
}

}  // namespace
}  // namespace platefs::cache
