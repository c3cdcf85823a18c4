// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <future>
#include <memory>
#include <stdexcept>

namespace platefs::vo {
namespace {

const auto kNothing = [](const Error&) {};

TEST(Thread, TurnsWhatItsBodyThrowsIntoAnAnswer) {
  std::promise<std::string> answer;
  Thread thread{"asker", [] { throw std::runtime_error("no memory for it"); },
                [&](const Error& error) { answer.set_value(error.message()); }};
  EXPECT_THAT(answer.get_future().get(),
              ::testing::AllOf(::testing::HasSubstr("asker"), ::testing::HasSubstr("no memory for it")));
}

TEST(Thread, SurvivesAnAnswerThatThrowsToo) {
  Thread thread{"asker", [] { throw 1; }, [](const Error&) { throw 2; }};
  thread.join();
  EXPECT_FALSE(thread.joinable());
}

TEST(Thread, LetsGoOfWhatItsBodyHoldsWhenTheBodyEnds) {
  std::promise<void> gone;
  const auto tell = [&](int* number) {
    delete number;
    gone.set_value();
  };
  Thread thread{"holder", [held = std::unique_ptr<int, decltype(tell)>{new int, tell}] {}, kNothing};
  gone.get_future().get();  // without anybody joining
}

TEST(Thread, IsAskedToStopAndJoinedWhenItGoes) {
  bool stopped = false;
  {
    Thread thread{"sleeper",
                  [&](const std::stop_token& stop) {
                    std::promise<void> asked;
                    const std::stop_callback call{stop, [&] { asked.set_value(); }};
                    asked.get_future().get();
                    stopped = true;
                  },
                  kNothing};
  }
  EXPECT_TRUE(stopped);
}

TEST(Thread, LeavesSignalsFromOutsideToTheMainThread) {
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  Thread thread{"quiet",
                [] {
                  sigset_t mask;
                  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
                  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGPIPE}) {
                    EXPECT_TRUE(sigismember(&mask, signal)) << signal;
                  }
                  for (const int fault : {SIGSEGV, SIGBUS, SIGABRT}) EXPECT_FALSE(sigismember(&mask, fault)) << fault;
                },
                kNothing};
  thread.join();
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

}  // namespace
}  // namespace platefs::vo
