// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/local_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/held_transport.h"
#include "tests/support/scratch_directory.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

class LocalFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(shelf_ / "below");
    write(shelf_ / "plates.vot", "table");
    write(shelf_ / "below" / "p1.fits", "0123456789");
    write(directory_.path() / "secret", "secret");
  }
  static void write(const std::filesystem::path& file, const std::string& text) { std::ofstream{file} << text; }

  http::Request request(const std::filesystem::path& file) const {
    http::Request request{.url = Url::of_file(file.string())};
    request.on_behalf_of = Url::of_file((shelf_ / "plates.vot").string());
    return request;
  }
  http::Response answer(http::Request request) { return fetch(files_, std::move(request), {}); }
  ErrorKind refusal(http::Request request) {
    try {
      answer(std::move(request));
    } catch (const Error& error) {
      return error.kind();
    }
    ADD_FAILURE() << "it was answered";
    return ErrorKind::Malformed;
  }

  test::ScratchDirectory directory_;
  std::filesystem::path shelf_ = directory_.path() / "my shelf";
  test::HeldTransport others_;
  LocalFiles files_{others_};
};

TEST_F(LocalFilesTest, AnswerAsAWebServerDoes) {
  const auto whole = answer(request(shelf_ / "below" / "p1.fits"));
  EXPECT_EQ(whole.head.status, 200);
  EXPECT_EQ(whole.body, "0123456789");
  auto of_part = request(shelf_ / "below" / "p1.fits");
  of_part.range = ByteRange{2, 5};
  const auto part = answer(of_part);
  EXPECT_EQ(part.head.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.head.header("content-range"), "bytes 2-4/10");
  EXPECT_EQ(part.head.header("etag"), whole.head.header("etag"));
  of_part.range = ByteRange{8, UINT64_MAX};
  EXPECT_EQ(answer(of_part).body, "89");
  of_part.range = ByteRange{10, 20};
  EXPECT_EQ(answer(of_part).head.status, 416);
  write(shelf_ / "below" / "p1.fits", "another one");
  EXPECT_NE(answer(request(shelf_ / "below" / "p1.fits")).head.header("etag"), whole.head.header("etag"));
}

TEST_F(LocalFilesTest, AreReadForALocalTableAloneAndBelowItsFolder) {
  auto of_service = request(shelf_ / "below" / "p1.fits");
  of_service.on_behalf_of = Url::parse("http://archive.test/tap");
  EXPECT_EQ(refusal(of_service), ErrorKind::NotAuthorized);
  of_service.on_behalf_of.reset();
  EXPECT_EQ(refusal(of_service), ErrorKind::NotAuthorized);
  EXPECT_EQ(refusal(request(directory_.path() / "secret")), ErrorKind::NotAuthorized);
  EXPECT_EQ(refusal(request(shelf_ / ".." / "secret")), ErrorKind::NotAuthorized);
  std::filesystem::create_symlink(directory_.path() / "secret", shelf_ / "link");
  EXPECT_EQ(refusal(request(shelf_ / "link")), ErrorKind::NotAuthorized);
  EXPECT_EQ(refusal(request(shelf_ / "absent")), ErrorKind::NotFound);
  EXPECT_EQ(refusal(request(shelf_ / "below")), ErrorKind::Rejected) << "a folder";
}

TEST_F(LocalFilesTest, EndWithoutAnAnswerWhenAllEnds) {
  files_.stop();
  EXPECT_EQ(refusal(request(shelf_ / "below" / "p1.fits")), ErrorKind::Cancelled);
}

}  // namespace
}  // namespace platefs::vo
