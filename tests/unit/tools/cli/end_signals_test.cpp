// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/end_signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "tools/cli/interruptible_wait.h"
#include "vo/base/thread.h"

namespace platefs::test {
namespace {

using tools::EndSignals;
using tools::InterruptibleWait;

/// What `body` returned in a process of its own, which may be full of signals; -N: ended by signal N.
template <typename Body>
int in_own_process(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int answered(InterruptibleWait& wait, int answer, const std::vector<int>& signals_before) {
  vo::Thread work;
  const auto got = wait.answer_to<int>([&](vo::Completion<int> done) {
    auto told = std::make_shared<vo::Completion<int>>(std::move(done));
    for (const int signal : signals_before) ::raise(signal);
    work = vo::Thread{"work", [told, answer] { (*told)(answer); }, [](const vo::Error&) {}};
  });
  return got ? got->value() : wait.exit_code();
}

TEST(EndSignals, OfAMountIsMovedByNoSignalButTermAndInt) {
  for (const int wanted : {SIGTERM, SIGINT}) {
    EXPECT_EQ(in_own_process([&] {
                EndSignals signals{EndSignals::Of::Mount};
                for (const int noise : {SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGWINCH,
                                        SIGCHLD, SIGURG, SIGCONT, SIGPWR, SIGRTMIN, SIGRTMAX}) {
                  ::raise(noise);
                }
                ::raise(wanted);
                return signals.wait();
              }),
              wanted);
  }
}

TEST(EndSignals, CanBeReleasedBeforeTheWaitBegins) {
  EXPECT_EQ(in_own_process([] {
              EndSignals signals{EndSignals::Of::Mount};
              signals.release();
              return signals.wait() + signals.wait();
            }),
            0);
}

TEST(InterruptibleWait, ReturnsTheAnswer) {
  EXPECT_EQ(in_own_process([] {
              InterruptibleWait wait;
              return answered(wait, 5, {});
            }),
            5);
}

TEST(InterruptibleWait, EndsWithTheSignalThatCameFirst) {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}, {SIGHUP, 129}}) {
    EXPECT_EQ(in_own_process([signal = signal] {
                InterruptibleWait wait;
                std::shared_ptr<vo::Completion<int>> kept;
                const auto got = wait.answer_to<int>([&](vo::Completion<int> done) {
                  kept = std::make_shared<vo::Completion<int>>(std::move(done));
                  ::raise(signal);
                });
                return got ? 1 : wait.exit_code();
              }),
              code);
  }
}

TEST(InterruptibleWait, TakesNoSignalForAnAnswer) {
  EXPECT_EQ(in_own_process([] {
              for (const int signal : {SIGUSR1, SIGUSR2}) ::signal(signal, SIG_IGN);
              InterruptibleWait wait;
              return answered(wait, 6, {SIGUSR2, SIGUSR1, SIGWINCH});
            }),
            6);
}

TEST(InterruptibleWait, LeavesHupIgnoredWhereItWas) {
  EXPECT_EQ(in_own_process([] {
              ::signal(SIGHUP, SIG_IGN);  // nohup
              InterruptibleWait wait;
              return answered(wait, 7, {SIGHUP});
            }),
            7);
}

TEST(InterruptibleWait, LeavesASecondInterruptToTheSystem) {
  EXPECT_EQ(in_own_process([] {
              InterruptibleWait wait;
              std::shared_ptr<vo::Completion<int>> kept;
              wait.answer_to<int>([&](vo::Completion<int> done) {
                kept = std::make_shared<vo::Completion<int>>(std::move(done));
                ::raise(SIGINT);
              });
              ::raise(SIGINT);
              return 1;
            }),
            -SIGINT);
}

}  // namespace
}  // namespace platefs::test
