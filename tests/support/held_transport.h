// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "vo/http/transport.h"

namespace platefs::test {

/// A transport without a network: it records what is asked and answers when the test says so.
/// Handlers are called on the test's thread, or at once inside start() when `answer_with` is set.
/// Thread-safe. Tickets may outlive it.
class HeldTransport : public vo::Transport {
 public:
  using Answer = std::function<vo::http::Response(const vo::http::Request&)>;

  /// From now on every request is answered inside start(); an Error that `answer` throws ends it.
  void answer_with(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

  vo::TransferTicket start(vo::http::Request request, std::shared_ptr<vo::TransferHandler> handler) override {
    auto transfer = std::make_shared<Transfer>(std::move(request), std::move(handler));
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      transfers_.push_back(transfer);
      answer = answer_;
    }
    started_.notify_all();
    if (answer) give(*transfer, answer);
    return vo::TransferTicket{transfer};
  }

  std::vector<vo::http::Request> requests() const {
    const std::lock_guard lock(mutex_);
    std::vector<vo::http::Request> all;
    for (const auto& transfer : transfers_) all.push_back(transfer->request);
    return all;
  }

  /// True as soon as `count` requests have been made in all; false when they don't come.
  bool wait_for_requests(std::size_t count, std::chrono::seconds patience = std::chrono::seconds{20}) const {
    std::unique_lock lock(mutex_);
    return started_.wait_for(lock, patience, [&] { return transfers_.size() >= count; });
  }

  // One step of request `index` (in the order of start()); nothing happens once it has ended.
  void head(std::size_t index, vo::http::Head head) { at(index)->head(std::move(head)); }
  void head(std::size_t index, int status, std::vector<std::pair<std::string, std::string>> headers = {}) {
    const auto transfer = at(index);
    transfer->head({status, transfer->request.url, std::move(headers)});
  }
  /// What the handler wanted; after Flow::Stop the transfer has ended with Error{Cancelled}.
  vo::Flow body(std::size_t index, std::string_view bytes) { return at(index)->body(bytes); }
  void end(std::size_t index, std::optional<vo::Error> error = {}) { at(index)->end(std::move(error)); }

  /// Head, body and a good end.
  void answer(std::size_t index, int status, std::string_view bytes,
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    head(index, status, std::move(headers));
    if (!bytes.empty()) body(index, bytes);
    end(index);
  }

  /// Ends whatever still runs, as a transport does that is closed: handlers wait for their end.
  void close() {
    std::vector<std::shared_ptr<Transfer>> all;
    {
      const std::lock_guard lock(mutex_);
      all = transfers_;
    }
    for (const auto& transfer : all) {
      transfer->end(vo::Error{vo::ErrorKind::Cancelled, "the transport was closed"});
    }
  }

  /// Nobody has cancelled it and it has not ended.
  bool is_running(std::size_t index) const { return !at(index)->has_ended(); }
  bool is_cancelled(std::size_t index) const { return at(index)->was_cancelled(); }
  /// How often its ticket was resumed: the test then gives the refused piece again.
  int resumes(std::size_t index) const { return at(index)->resumes(); }

 private:
  class Transfer : public vo::TransferTicket::Handle {
   public:
    Transfer(vo::http::Request asked, std::shared_ptr<vo::TransferHandler> handler)
        : request(std::move(asked)), handler_(std::move(handler)) {}

    void head(const vo::http::Head& head) {
      call([&](vo::TransferHandler& handler) { handler.on_head(head); });
    }
    vo::Flow body(std::string_view bytes) {
      auto flow = vo::Flow::Stop;
      call([&](vo::TransferHandler& handler) {
        flow = handler.on_body(std::as_bytes(std::span{bytes.data(), bytes.size()}));
      });
      if (flow == vo::Flow::Stop) end(vo::Error{vo::ErrorKind::Cancelled, "stopped by its handler"});
      return flow;
    }
    /// At once; while another thread is in a call of the handler, behind that call: a transfer's calls
    /// never overlap.
    void end(std::optional<vo::Error> error) {
      std::shared_ptr<vo::TransferHandler> handler;
      {
        const std::lock_guard lock(mutex_);
        if (caller_ != std::thread::id{} && caller_ != std::this_thread::get_id()) {
          if (!late_end_) late_end_ = std::move(error);
          return;
        }
        handler = std::exchange(handler_, nullptr);
      }
      if (handler) handler->on_end(std::move(error));
    }
    void cancel() override {
      {
        const std::lock_guard lock(mutex_);
        cancelled_ = cancelled_ || handler_ != nullptr;
      }
      end(vo::Error{vo::ErrorKind::Cancelled, "cancelled through its ticket"});
    }
    void resume() override {
      const std::lock_guard lock(mutex_);
      ++resumes_;
    }

    bool has_ended() const { return !running(); }
    bool was_cancelled() const {
      const std::lock_guard lock(mutex_);
      return cancelled_;
    }
    int resumes() const {
      const std::lock_guard lock(mutex_);
      return resumes_;
    }

    const vo::http::Request request;

   private:
    std::shared_ptr<vo::TransferHandler> running() const {
      const std::lock_guard lock(mutex_);
      return handler_;
    }
    template <typename Call>
    void call(const Call& call) {
      std::shared_ptr<vo::TransferHandler> handler;
      {
        const std::lock_guard lock(mutex_);
        if (!handler_) return;
        handler = handler_;
        caller_ = std::this_thread::get_id();
      }
      call(*handler);
      std::optional<std::optional<vo::Error>> late;
      {
        const std::lock_guard lock(mutex_);
        caller_ = {};
        late = std::exchange(late_end_, std::nullopt);
      }
      if (late) end(std::move(*late));
    }

    mutable std::mutex mutex_;
    std::shared_ptr<vo::TransferHandler> handler_;  // null once it has heard the end
    std::thread::id caller_;                        // who is in a call of the handler
    std::optional<std::optional<vo::Error>> late_end_;
    bool cancelled_ = false;
    int resumes_ = 0;
  };

  static void give(Transfer& transfer, const Answer& answer) {
    try {
      const auto response = answer(transfer.request);
      transfer.head(response.head);
      if (!response.body.empty()) transfer.body(response.body);
      transfer.end({});
    } catch (const vo::Error& error) {
      transfer.end(error);
    }
  }

  std::shared_ptr<Transfer> at(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    if (index >= transfers_.size()) throw std::out_of_range("no such request was made");
    return transfers_[index];
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable started_;
  std::vector<std::shared_ptr<Transfer>> transfers_;
  Answer answer_;
};

/// A response to `request` as `answer_with` wants it.
inline vo::http::Response response_to(const vo::http::Request& request, int status, std::string body,
                                      const std::string& content_type = {}) {
  vo::http::Response response;
  response.head.status = status;
  response.head.url = request.url;
  if (!content_type.empty()) response.head.headers.emplace_back("content-type", content_type);
  response.body = std::move(body);
  return response;
}

}  // namespace platefs::test
