// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "fs/http/client_watch.h"
#include "vo/base/completion.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// The connection that a request came by, as far as a wait needs it.
struct SuspendedConnection {
  virtual ~SuspendedConnection() = default;
  virtual int fd() const = 0;
  virtual void suspend() = 0;  ///< on the connection's own thread
  virtual void resume() = 0;   ///< on any thread
};

/// Where a request waits for the answer to a question without a thread: the connection is suspended, and resumed when
/// the answer is there, the client has gone, or the server stops. What waits for the library has the library's
/// deadlines.
///
/// next(), take_ready() and ask() belong to the connection's thread; the rest is thread-safe. May outlive the
/// connection, after end().
class Parking : public std::enable_shared_from_this<Parking> {
 public:
  /// `watch` outlives the connection.
  Parking(ClientWatch& watch, SuspendedConnection& connection) : watch_(watch), connection_(connection) {}

  using Step = std::function<void()>;  ///< what follows an answer, on the connection's thread
  struct Next {
    Step step = nullptr;   ///< to be run now
    bool is_over = false;  ///< nobody waits for the answer any more
  };
  /// The answer's step if it is there already; never suspends.
  Step take_ready();
  /// What is to be done next; neither of both: the connection is suspended now.
  Next next();

  /// Asks a question by `ask(Completion<T>)`, which may return a function that withdraws it; then next() gives `then`
  /// with its Outcome. One question at a time.
  template <typename T, typename Ask>
  void ask(const Ask& ask, std::function<void(vo::Outcome<T>&)> then) {
    const auto question = begin();
    vo::Completion<T> done{[self = shared_from_this(), question, then = std::move(then)](vo::Outcome<T> outcome) {
      // Shared: an answer may be large, and functions are copied.
      const auto told = std::make_shared<vo::Outcome<T>>(std::move(outcome));
      self->answered(question, [told, then] { then(*told); });
    }};
    if constexpr (std::is_void_v<std::invoke_result_t<const Ask&, vo::Completion<T>>>) {
      ask(std::move(done));
    } else {
      withdraw_by(question, ask(std::move(done)));
    }
  }

  /// Nobody waits any more: the question is withdrawn, the connection goes on, and next() says that it is over.
  void give_up();
  /// The request is over; an answer that comes later is dropped.
  void end();

 private:
  struct State {
    std::uint64_t question = 0;  ///< the latest; never used twice
    std::optional<Step> step;
    std::function<void()> withdraw;
    std::uint64_t watched = 0;  ///< 0: not suspended
    bool is_over = false;
    bool is_ended = false;
  };
  std::uint64_t begin();
  void answered(std::uint64_t question, Step step);
  void withdraw_by(std::uint64_t question, std::function<void()> withdraw);
  void wake(State& state);

  ClientWatch& watch_;
  SuspendedConnection& connection_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::fs
