// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace platefs::vo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const auto kUrl = Url::parse("http://a.b/dl?token=abc");

/// Tells `script` every request; keeps the handler and counts cancellations.
class ScriptedTransport : public Transport {
 public:
  using Script = std::function<void(TransferHandler&)>;
  explicit ScriptedTransport(Script script) : script_(std::move(script)) {}

  TransferTicket start(http::Request, std::shared_ptr<TransferHandler> handler) override {
    handler_ = handler;
    script_(*handler);
    return TransferTicket{handle_};
  }
  int cancelled() const { return handle_->cancelled; }

 private:
  struct CountingHandle : TransferTicket::Handle {
    void cancel() override { ++cancelled; }
    void resume() override {}
    int cancelled = 0;
  };
  Script script_;
  std::shared_ptr<TransferHandler> handler_;
  std::shared_ptr<CountingHandle> handle_ = std::make_shared<CountingHandle>();
};

void give(TransferHandler& handler, std::string_view text) {
  EXPECT_EQ(handler.on_body(std::as_bytes(std::span(text))), Flow::Continue);
}

TEST(Fetch, JoinsThePiecesOfABody) {
  ScriptedTransport transport([](TransferHandler& handler) {
    handler.on_head({.status = 404, .url = kUrl, .headers = {{"a", "b"}}});
    give(handler, "not ");
    give(handler, "here");
    handler.on_end(std::nullopt);
  });
  const auto response = fetch(transport, {.url = kUrl}, {});
  EXPECT_EQ(response.head.status, 404);
  EXPECT_EQ(response.head.header("a"), "b");
  EXPECT_EQ(response.body, "not here");
}

TEST(Fetch, ThrowsTheErrorOfTheTransfer) {
  ScriptedTransport transport([](TransferHandler& handler) {
    handler.on_end(Error{ErrorKind::Refused, "nobody listens"});
  });
  try {
    fetch(transport, {.url = kUrl}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Refused);
    EXPECT_EQ(error.message(), "nobody listens");
  }
}

TEST(Fetch, WaitsForAnAnswerFromAnotherThread) {
  std::jthread other;
  ScriptedTransport transport([&other](TransferHandler& handler) {
    other = std::jthread([&handler] {
      handler.on_head({.status = 200, .url = kUrl});
      handler.on_end(std::nullopt);
    });
  });
  const auto response = fetch(transport, {.url = kUrl}, {});
  other.join();  // it may still be in the handler, which goes with the transport
  EXPECT_EQ(response.head.status, 200);
}

TEST(Fetch, ObeysStopEvenWhenTheTransportDoesNotAnswer) {
  ScriptedTransport transport([](TransferHandler&) {});
  std::stop_source source;
  std::jthread stopper([&source] { source.request_stop(); });
  try {
    fetch(transport, {.url = kUrl}, source.get_token());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
    EXPECT_THAT(error.message(), Not(HasSubstr("abc")));
  }
  EXPECT_EQ(transport.cancelled(), 1);
}

Error status(int code, std::string_view excerpt = {}) {
  return error_of_status({.status = code, .url = kUrl}, excerpt);
}

TEST(ErrorOfStatus, SortsEveryStatus) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  using enum ErrorKind;
  for (const auto& [code, kind] :
       {Case{401, NotAuthorized}, Case{403, NotAuthorized}, Case{404, NotFound}, Case{410, NotFound},
        Case{429, Unavailable}, Case{500, Unavailable}, Case{503, Unavailable}, Case{400, Rejected},
        Case{416, Rejected}, Case{422, Rejected}, Case{204, Rejected}, Case{304, Malformed}}) {
    EXPECT_EQ(status(code).kind(), kind) << code;
  }
}

TEST(ErrorOfStatus, NamesUrlAndStatusWithoutSecrets) {
  EXPECT_EQ(status(404).message(), "http://a.b/dl?token=*** answered with HTTP status 404");
}

TEST(ErrorOfStatus, ShowsReadableTextOnOneLine) {
  EXPECT_THAT(status(422, "UsageError:\n  Field POS:\tbad ").message(),
              EndsWith("status 422: UsageError: Field POS: bad"));
}

TEST(ErrorOfStatus, HidesMarkupAndBinary) {
  EXPECT_THAT(status(500, " <html>oops").message(), EndsWith("status 500"));
  EXPECT_THAT(status(404, "\x89PNG\r\n\x1a").message(), EndsWith("status 404"));
}

TEST(ErrorOfStatus, CutsLongTextBetweenCharacters) {
  std::string text(199, 'x');
  for (int i = 0; i < 3; ++i) text.append("é");
  EXPECT_THAT(status(400, text).message(), EndsWith("x…"));
}

}  // namespace
}  // namespace platefs::vo
