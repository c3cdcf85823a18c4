// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/login_transport.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::vo {
namespace {

using Clock = LoginTransport::Clock;

constexpr std::chrono::minutes kSessionLasts{20};
constexpr std::chrono::minutes kFailureLasts{1};
constexpr std::uint64_t kLargestPage = 4ull << 20;

bool refuses(int status) { return status == 401 || status == 403; }

}  // namespace

/// A request that may wait for the login, be under way, and be made once more.
class LoginTransport::Passage final : public TransferTicket::Handle {
 public:
  Passage(http::Request wanted, std::shared_ptr<TransferHandler> told)
      : request(std::move(wanted)), handler(std::move(told)) {}

  void cancel() override {
    TransferTicket running;
    {
      const auto state = state_.lock();
      state->is_cancelled = true;
      running = state->running;
    }
    running.cancel();
  }
  void resume() override { TransferTicket{state_.lock()->running}.resume(); }

  /// False: it was cancelled while it waited.
  bool may_start() const { return !state_.lock()->is_cancelled; }
  void started(TransferTicket ticket) {
    {
      const auto state = state_.lock();
      state->running = ticket;
      if (!state->is_cancelled) return;
    }
    ticket.cancel();
  }

  http::Request request;
  std::shared_ptr<TransferHandler> handler;
  bool is_repeated = false;
  Clock::time_point began{};

 private:
  struct State {
    TransferTicket running;
    bool is_cancelled = false;
  };
  mutable Guarded<State> state_;
};

/// What is known of one login, and who waits for it.
class LoginTransport::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Transport& inner, FormLogin login) : inner_(inner), login_(std::move(login)) {}

  bool is_wanted_by(const http::Request& request) const {
    const auto& service = request.on_behalf_of.value_or(request.url);
    const bool is_of_service = request.on_behalf_of ? service.text() == login_.service.text()
                                                    : service.text().starts_with(login_.service.text());
    return is_of_service && std::ranges::find(login_.origins, request.url.origin()) != login_.origins.end();
  }

  void enter(std::shared_ptr<Passage> passage) {
    bool is_first = false;
    std::optional<Error> failure;
    {
      const auto state = state_.lock();
      const auto now = Clock::now();
      if (state->failure && now < state->failed_at + kFailureLasts) failure = state->failure;
      const bool is_in = state->since && now < *state->since + kSessionLasts;
      if (!failure && !is_in) {
        state->waiting.push_back(passage);
        is_first = !std::exchange(state->is_under_way, true);
        if (!is_first) return;
      }
    }
    if (failure) return passage->handler->on_end(*failure);
    if (is_first) return log_in();
    pass(std::move(passage));
  }

  /// The session is over, unless somebody has logged in since.
  void expire(Clock::time_point began) {
    const auto state = state_.lock();
    if (state->since && *state->since < began) state->since.reset();
  }

 private:
  struct State {
    bool is_under_way = false;
    std::optional<Clock::time_point> since;  ///< logged in
    std::optional<Error> failure;
    Clock::time_point failed_at{};
    std::vector<std::shared_ptr<Passage>> waiting;
  };

  /// Hands an answer on, and looks whether the service knows us no more.
  class Watch final : public TransferHandler {
   public:
    Watch(std::shared_ptr<Session> session, std::shared_ptr<Passage> passage)
        : session_(std::move(session)), passage_(std::move(passage)) {}

    void on_head(const http::Head& head) override {
      is_to_repeat_ = refuses(head.status) && !passage_->is_repeated;
      if (!is_to_repeat_) passage_->handler->on_head(head);
    }
    Flow on_body(std::span<const std::byte> bytes) override {
      return is_to_repeat_ ? Flow::Stop : passage_->handler->on_body(bytes);
    }
    void on_end(std::optional<Error> error) override {
      if (!is_to_repeat_ || !passage_->may_start()) return passage_->handler->on_end(std::move(error));
      passage_->is_repeated = true;
      session_->expire(passage_->began);
      session_->enter(passage_);
    }

   private:
    std::shared_ptr<Session> session_;
    std::shared_ptr<Passage> passage_;
    bool is_to_repeat_ = false;
  };

  /// Hears how the login went.
  class Login final : public TransferHandler {
   public:
    explicit Login(std::shared_ptr<Session> session) : session_(std::move(session)) {}

    void on_head(const http::Head& head) override { head_ = head; }
    Flow on_body(std::span<const std::byte>) override { return Flow::Continue; }
    void on_end(std::optional<Error> error) override {
      if (!error && head_.status >= 400) error = error_of_status(head_, {});
      session_->logged_in(error);
    }

   private:
    std::shared_ptr<Session> session_;
    http::Head head_;
  };

  void pass(std::shared_ptr<Passage> passage) {
    if (!passage->may_start()) {
      return passage->handler->on_end(Error{ErrorKind::Cancelled, passage->request.url.for_display() + ": cancelled"});
    }
    passage->began = Clock::now();
    auto request = passage->request;
    passage->started(inner_.start(std::move(request), std::make_shared<Watch>(shared_from_this(), passage)));
  }

  void log_in() {
    http::Request request{.url = login_.url};
    request.form = login_.form;
    request.is_form_of_a_page = true;
    request.on_behalf_of = login_.service;
    request.max_body = kLargestPage;
    inner_.start(std::move(request), std::make_shared<Login>(shared_from_this()));
  }

  void logged_in(const std::optional<Error>& error) {
    std::vector<std::shared_ptr<Passage>> waiting;
    std::optional<Error> told;
    {
      const auto state = state_.lock();
      state->is_under_way = false;
      waiting.swap(state->waiting);
      if (error) {
        const bool is_told_no = error->kind() == ErrorKind::Rejected || error->kind() == ErrorKind::NotFound;
        told = Error{is_told_no ? ErrorKind::NotAuthorized : error->kind(),
                     fmt::format("logging in at {}: {}", login_.url.for_display(), error->message())};
        state->since.reset();
        // What did not reach the service has not been counted there.
        const bool is_refused = is_told_no || error->kind() == ErrorKind::NotAuthorized;
        state->failure = is_refused ? told : std::nullopt;
        state->failed_at = Clock::now();
      } else {
        state->since = Clock::now();
        state->failure.reset();
      }
    }
    for (auto& passage : waiting) {
      if (told) {
        passage->handler->on_end(*told);
      } else {
        pass(std::move(passage));
      }
    }
  }

  Transport& inner_;
  FormLogin login_;
  Guarded<State> state_;
};

LoginTransport::LoginTransport(Transport& inner, std::vector<FormLogin> logins) : inner_(inner) {
  for (auto& login : logins) sessions_.push_back(std::make_shared<Session>(inner, std::move(login)));
}

LoginTransport::~LoginTransport() = default;

TransferTicket LoginTransport::start(http::Request request, std::shared_ptr<TransferHandler> handler) {
  const auto session = std::ranges::find_if(sessions_, [&](const auto& each) { return each->is_wanted_by(request); });
  if (session == sessions_.end()) return inner_.start(std::move(request), std::move(handler));
  auto passage = std::make_shared<Passage>(std::move(request), std::move(handler));
  (*session)->enter(passage);
  return TransferTicket{passage};
}

}  // namespace platefs::vo
