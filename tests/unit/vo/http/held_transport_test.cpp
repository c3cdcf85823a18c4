// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/held_transport.h"

#include <gtest/gtest.h>

#include <thread>

namespace platefs::test {
namespace {

vo::http::Request request_for(std::string_view url) { return {.url = vo::Url::parse(url)}; }

TEST(HeldTransport, AnswersWhenToldTo) {
  HeldTransport transport;
  std::string got;
  std::jthread reader(
      [&] { got = vo::fetch(transport, request_for("http://archive.test/a"), std::stop_token{}).body; });
  ASSERT_TRUE(transport.wait_for_requests(1));
  EXPECT_TRUE(transport.is_running(0));
  transport.answer(0, 200, "plates");
  reader.join();
  EXPECT_EQ(got, "plates");
  EXPECT_FALSE(transport.is_running(0));
}

TEST(HeldTransport, AnswersAtOnceWhenGivenAnAnswer) {
  HeldTransport transport;
  transport.answer_with([](const vo::http::Request& request) { return response_to(request, 404, "gone"); });
  const auto response = vo::fetch(transport, request_for("http://archive.test/b"), {});
  EXPECT_EQ(response.head.status, 404);
  EXPECT_EQ(response.body, "gone");
  EXPECT_EQ(transport.requests().at(0).url.text(), "http://archive.test/b");
}

TEST(HeldTransport, ACancelledTicketEndsItsTransferOnce) {
  HeldTransport transport;
  std::stop_source stop;
  stop.request_stop();
  try {
    vo::fetch(transport, request_for("http://archive.test/c"), stop.get_token());
    FAIL() << "nobody answered";
  } catch (const vo::Error& error) {
    EXPECT_EQ(error.kind(), vo::ErrorKind::Cancelled);
  }
  EXPECT_TRUE(transport.is_cancelled(0));
  transport.answer(0, 200, "too late");
}

}  // namespace
}  // namespace platefs::test
