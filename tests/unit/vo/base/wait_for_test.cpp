// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/wait_for.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "vo/base/thread.h"
#include "vo/base/worker_pool.h"

namespace platefs::vo {
namespace {

ErrorKind kind_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::LocalIo;
}

TEST(WaitFor, GivesTheAnswerOrThrowsItsError) {
  EXPECT_EQ(wait_for<int>([](Completion<int> done) { done(7); }), 7);
  EXPECT_EQ(kind_of([] { wait_for<int>([](Completion<int> done) {
                           done(Error{ErrorKind::Offline, "no"});
                         }); }),
            ErrorKind::Offline);
}

TEST(WaitFor, AQuestionThatIsDroppedIsCancelled) {
  EXPECT_EQ(kind_of([] { wait_for<int>([](const Completion<int>&) {}); }), ErrorKind::Cancelled);
}

TEST(WaitFor, WithdrawsTheQuestionWhenItIsStopped) {
  Completion<int> held;
  int withdrawn = 0;
  std::stop_source stop;
  const auto ask = [&](Completion<int> done) -> std::function<void()> {
    held = std::move(done);
    stop.request_stop();
    return [&withdrawn] { ++withdrawn; };
  };
  EXPECT_EQ(kind_of([&] { wait_for<int>(ask, stop.get_token()); }), ErrorKind::Cancelled);
  EXPECT_EQ(withdrawn, 1);
  held(1);  // too late, and harmless
}

TEST(WaitFor, SeveralQuestionsCanBeUnderWay) {
  Completion<int> first, second;
  const auto one = asked<int>([&](Completion<int> done) { first = std::move(done); });
  const auto two = asked<int>([&](Completion<int> done) { second = std::move(done); });
  second(2);
  first(1);
  EXPECT_EQ(one->take({}), 1);
  EXPECT_EQ(two->take({}), 2);
}

TEST(WorkerPoolRun, TellsWhatAJobReturnsOrThrows) {
  WorkerPool pool{1};
  const auto run = [&](auto job) {
    return wait_for<int>([&](Completion<int> done) { pool.run("counting", std::move(job), std::move(done)); });
  };
  EXPECT_EQ(run([](const std::stop_token&) { return 3; }), 3);
  EXPECT_EQ(kind_of([&] { run([](const std::stop_token&) -> int {
                            throw Error{ErrorKind::Rejected, "no"};
                          }); }),
            ErrorKind::Rejected);
  try {
    run([](const std::stop_token&) -> int { throw std::runtime_error("odd"); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "counting: odd");
  }
}

TEST(WorkerPoolRun, TellsThatAJobNeverRan) {
  WorkerPool pool{1};
  pool.stop();
  EXPECT_EQ(kind_of([&] {
              wait_for<int>([&](Completion<int> done) {
                pool.run(
                    "counting", [](const std::stop_token&) { return 3; }, std::move(done));
              });
            }),
            ErrorKind::Cancelled);
}

}  // namespace
}  // namespace platefs::vo
