// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "vo/base/completion.h"
#include "vo/base/mailbox.h"

namespace platefs::vo {

/// Asks a question now whose answer is taken later, so that several can be under way: `ask` is called with a
/// Completion<T>.
template <typename T, typename Ask>
std::shared_ptr<Mailbox<T>> asked(const Ask& ask) {
  auto box = std::make_shared<Mailbox<T>>();
  ask(Completion<T>{[box](Outcome<T> answer) { box->put(std::move(answer)); }});
  return box;
}

/// The bridge from completions to straight-line code: calls `ask` with a Completion<T> and waits for its answer.
/// `ask` may return a function that withdraws the question; it is called when nobody waits any more. Throws the Error
/// of the answer, Error{Cancelled} when `stop` is requested first. For threads that may block.
template <typename T, typename Ask>
T wait_for(const Ask& ask, const std::stop_token& stop = {}) {
  if constexpr (std::is_void_v<std::invoke_result_t<const Ask&, Completion<T>>>) {
    return asked<T>(ask)->take(stop);
  } else {
    std::invoke_result_t<const Ask&, Completion<T>> withdraw;
    const auto box = asked<T>([&](Completion<T> done) { withdraw = ask(std::move(done)); });
    try {
      return box->take(stop);
    } catch (...) {
      withdraw();
      throw;
    }
  }
}

}  // namespace platefs::vo
