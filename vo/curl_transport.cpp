// SPDX-License-Identifier: BSD-3-Clause
#include "vo/curl_transport.h"

#include <future>
#include <utility>

#include "vo/curl_inbox.h"
#include "vo/curl_loop.h"

namespace platefs::vo {
namespace {

class Reins final : public TransferTicket::Reins {
 public:
  Reins(std::shared_ptr<CurlInbox> inbox, TransferId id) : inbox_(std::move(inbox)), id_(id) {}
  void cancel() override { inbox_->post(CancelCommand{id_}); }
  void resume() override { inbox_->post(ResumeCommand{id_}); }

 private:
  std::shared_ptr<CurlInbox> inbox_;
  TransferId id_;
};

}  // namespace

CurlTransport::CurlTransport(CurlOptions options)
    : loop_(std::make_unique<CurlLoop>(std::move(options))),
      inbox_(loop_->inbox()),
      thread_([this] { loop_->run(); }) {}

CurlTransport::~CurlTransport() {
  inbox_->stop();
  thread_.join();
}

TransferTicket CurlTransport::start(http::Request request,
                                    std::shared_ptr<TransferHandler> handler) {
  const auto id = inbox_->new_id();
  inbox_->post(StartCommand{id, std::move(request), std::move(handler)});
  return TransferTicket{std::make_shared<Reins>(inbox_, id)};
}

TransportStatus CurlTransport::snapshot() const {
  std::promise<TransportStatus> answer;
  auto status = answer.get_future();
  inbox_->post(DescribeCommand{std::move(answer)});
  return status.get();
}

}  // namespace platefs::vo
