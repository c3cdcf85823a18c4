// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/worker_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

#include "vo/base/completion.h"

namespace platefs::test {
namespace {

/// A question whose answer, good or bad, can be waited for.
struct Question {
  Question() : answer(promise->get_future()) {}
  std::shared_ptr<vo::Completion<int>> completion() {
    return std::make_shared<vo::Completion<int>>(
        [told = promise](const vo::Outcome<int>& outcome) { told->set_value(outcome ? outcome.value() : -1); });
  }
  std::shared_ptr<std::promise<int>> promise = std::make_shared<std::promise<int>>();
  std::future<int> answer;
};

TEST(WorkerPool, GoesOnAfterAJobThatThrowsWhoseQuestionIsAnsweredAllTheSame) {
  Question first, second;
  vo::WorkerPool pool{1};
  pool.post([done = first.completion()](const std::stop_token&) { throw std::runtime_error("out of memory"); });
  pool.post([done = second.completion()](const std::stop_token&) { (*done)(2); });
  EXPECT_EQ(first.answer.get(), -1);
  EXPECT_EQ(second.answer.get(), 2);
}

TEST(WorkerPool, AnswersEveryQuestionOnceWhenItStops) {
  Question running, waiting, late;
  std::promise<void> begun;
  vo::WorkerPool pool{1};
  pool.post([&, done = running.completion()](const std::stop_token& stop) {
    std::promise<void> asked_to_stop;
    const std::stop_callback call{stop, [&] { asked_to_stop.set_value(); }};
    begun.set_value();
    asked_to_stop.get_future().get();
    (*done)(1);
  });
  pool.post([done = waiting.completion()](const std::stop_token&) { (*done)(2); });
  begun.get_future().get();
  pool.stop();
  pool.post([done = late.completion()](const std::stop_token&) { (*done)(3); });
  EXPECT_EQ(running.answer.get(), 1);
  EXPECT_EQ(waiting.answer.get(), -1);
  EXPECT_EQ(late.answer.get(), -1);
}

}  // namespace
}  // namespace platefs::test
