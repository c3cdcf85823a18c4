// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include "vo/base/error.h"

namespace platefs::vo {

/// A value or the Error that stands in its place (C++20 has no std::expected).
template <typename T>
class Outcome {
 public:
  Outcome(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Outcome(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const noexcept { return std::holds_alternative<T>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

  /// The value; throws the Error if there is none.
  T& value() & { return checked(); }
  T&& value() && { return std::move(checked()); }
  const T& value() const& { return const_cast<Outcome*>(this)->checked(); }

 private:
  T& checked() {
    if (auto* error = std::get_if<Error>(&state_)) throw *error;
    return std::get<T>(state_);
  }

  std::variant<T, Error> state_;
};

/// The one that is told the outcome of a question, exactly once: by calling it, or by its destructor with
/// Error{Cancelled} if nobody did. Move-only; may be called on any thread, so what it does must be
/// short and must not block.
template <typename T>
class Completion {
 public:
  Completion() = default;
  template <typename Callable>
  requires(!std::is_same_v<std::decay_t<Callable>, Completion>)
      Completion(Callable callable)  // NOLINT(google-explicit-constructor)
      : call_(std::make_unique<Holder<Callable>>(std::move(callable))) {}

  Completion(Completion&& other) noexcept : call_(std::move(other.call_)) {}
  Completion& operator=(Completion&& other) noexcept {
    if (this != &other) {
      abandon();
      call_ = std::move(other.call_);
    }
    return *this;
  }
  ~Completion() { abandon(); }

  explicit operator bool() const noexcept { return call_ != nullptr; }

  void operator()(Outcome<T> outcome) {
    if (auto call = std::move(call_)) call->run(std::move(outcome));
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void run(Outcome<T>) = 0;
  };
  template <typename Callable>
  struct Holder final : Base {
    explicit Holder(Callable callable) : callable_(std::move(callable)) {}
    void run(Outcome<T> outcome) override { callable_(std::move(outcome)); }
    Callable callable_;
  };

  /// Runs in destructors: what the callable throws ends here.
  void abandon() noexcept {
    if (auto call = std::move(call_)) {
      try {
        call->run(Error{ErrorKind::Cancelled, "nobody answered the question"});
      } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left who could be told
      }
    }
  }

  std::unique_ptr<Base> call_;
};

}  // namespace platefs::vo
