// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_transport.h"

#include <fmt/core.h>

#include <future>
#include <utility>
#include <variant>

#include "vo/http/curl_inbox.h"
#include "vo/http/curl_loop.h"

namespace platefs::vo {
namespace {

class Handle final : public TransferTicket::Handle {
 public:
  Handle(std::shared_ptr<CurlInbox> inbox, TransferId id) : inbox_(std::move(inbox)), id_(id) {}
  void cancel() override { post(CancelCommand{id_}); }
  void resume() override { post(ResumeCommand{id_}); }

 private:
  /// Where nobody obeys any more, the transfer has ended or is about to.
  void post(CurlCommand command) const { inbox_->post(command); }

  std::shared_ptr<CurlInbox> inbox_;
  TransferId id_;
};

void end_unstarted(const StartCommand& command) noexcept {
  try {
    command.handler->on_end(
        Error{ErrorKind::Cancelled, fmt::format("{}: platefs ends", command.request.url.for_display())});
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left who could be told
  }
}

}  // namespace

CurlTransport::CurlTransport(CurlOptions options)
    : loop_(std::make_unique<CurlLoop>(std::move(options))),
      inbox_(loop_->inbox()),
      thread_(
          "transfer", [this] { loop_->run(); },
          [this](const Error& error) {
            inbox_->stop();
            loop_->end_all(error);
          }) {}

CurlTransport::~CurlTransport() { stop(); }

void CurlTransport::stop() noexcept {
  inbox_->stop();
  thread_.join();
}

TransferTicket CurlTransport::start(http::Request request, std::shared_ptr<TransferHandler> handler) {
  const auto id = inbox_->new_id();
  CurlCommand command = StartCommand{id, std::move(request), std::move(handler)};
  if (!inbox_->post(command)) end_unstarted(std::get<StartCommand>(command));
  return TransferTicket{std::make_shared<Handle>(inbox_, id)};
}

void CurlTransport::expect_many(const Url& url) {
  CurlCommand command = ExpectCommand{url.origin()};
  inbox_->post(command);
}

TransportStatus CurlTransport::snapshot() const {
  std::promise<TransportStatus> answer;
  auto status = answer.get_future();
  CurlCommand command = DescribeCommand{std::move(answer)};
  if (!inbox_->post(command)) return {};
  try {
    return status.get();
  } catch (const std::future_error&) {  // it stopped before it came to the question
    return {};
  }
}

}  // namespace platefs::vo
