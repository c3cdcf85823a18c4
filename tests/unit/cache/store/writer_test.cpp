// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/writer.h"

#include <atomic>
#include <memory>
#include <thread>

#include "tests/support/store_fixture.h"
#include "vo/base/completion.h"

namespace platefs::test {
namespace {

using WriterTest = StoreTest;

TEST_F(WriterTest, RunsJobsInTheOrderPosted) {
  std::vector<int> order;
  {
    cache::Writer writer(*store, [](std::string_view) {});
    for (int i = 0; i < 100; ++i) writer.post([&order, i](cache::Store&) { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(WriterTest, CommitsWithoutBeingAskedAndAtItsEnd) {
  {
    cache::Writer writer(*store, [](std::string_view) {});
    writer.post([](cache::Store& to) { to.put_document("first", {"1", false, 0, 1}); });
    while (store->usage().documents == 0) std::this_thread::yield();
    writer.post([](cache::Store& to) { to.put_document("second", {"2", false, 0, 1}); });
  }
  EXPECT_FALSE(store->has_uncommitted());
  reopen();
  EXPECT_TRUE(store->document("first"));
  EXPECT_TRUE(store->document("second"));
}

TEST_F(WriterTest, HandsTheErrorOfAJobToWhoeverWaits) {
  cache::Writer writer(*store, [](std::string_view) {});
  EXPECT_THROW(writer.run([](cache::Store&) { throw vo::Error(vo::ErrorKind::LocalIo, "disk"); }), vo::Error);
  writer.run([](cache::Store& to) { to.put_document("after", {"x", false, 0, 1}); });
  EXPECT_FALSE(store->has_uncommitted());
}

TEST_F(WriterTest, GoesOnAfterAJobThatThrowsAndTellsOfIt) {
  std::string told;
  cache::Writer writer(*store, [&](std::string_view text) { told += text; });
  writer.post([](cache::Store&) { throw vo::Error(vo::ErrorKind::LocalIo, "the disk is gone"); });
  writer.post([](cache::Store&) { throw 1; });
  writer.run([](cache::Store& to) { to.put_document("after", {"x", false, 0, 1}); });
  EXPECT_TRUE(store->document("after"));
  EXPECT_THAT(told, ::testing::HasSubstr("the disk is gone"));
}

TEST_F(WriterTest, AnswersWhatIsAskedAfterItsEnd) {
  cache::Writer writer(*store, [](std::string_view) {});
  EXPECT_FALSE(writer.stop());
  EXPECT_THROW(writer.run([](cache::Store&) {}), vo::Error);
  bool answered = false;
  auto question = std::make_shared<vo::Completion<int>>([&](const vo::Outcome<int>& answer) { answered = !answer; });
  writer.post([question](cache::Store&) { (*question)(1); });
  question.reset();
  EXPECT_TRUE(answered);
}

TEST_F(WriterTest, RunsWhatIsQueuedBeforeItStopsAndWhatThatQueues) {
  std::vector<int> order;
  cache::Writer writer(*store, [](std::string_view) {});
  writer.post([&](cache::Store&) {
    order.push_back(1);
    writer.post([&](cache::Store& to) {
      order.push_back(2);
      to.put_document("late", {"x", false, 0, 1});
    });
  });
  EXPECT_FALSE(writer.stop());
  EXPECT_THAT(order, ::testing::ElementsAre(1, 2));
  reopen();
  EXPECT_TRUE(store->document("late"));
}

TEST_F(WriterTest, LetsOtherThreadsReadWhileItWrites) {
  const auto bytes = pattern(4 << 20);
  const auto id = store->create("plate", facts(bytes.size())).id;
  cache::Writer writer(*store, [](std::string_view) {});
  std::atomic<bool> wrong = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (true) {
        const auto extent = store->read(id, {0, bytes.size()});
        if (!extent) continue;
        if (bytes_of(*extent) != bytes) wrong = true;
        return;
      }
    });
  }
  for (std::uint64_t at = 0; at < bytes.size(); at += 256 << 10) {
    writer.post([&, at](cache::Store& to) { to.put(id, at, std::span(bytes).subspan(at, 256 << 10)); });
  }
  for (auto& reader : readers) reader.join();
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace platefs::test
