// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/reply.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "tests/support/recorded_fuse.h"

namespace platefs::fs {
namespace {

/// Callers whose signals wish what the test says.
class InterruptedReply : public testing::Test {
 protected:
  std::atomic<SignalWish> wish{SignalWish::Interrupts};
  InterruptWatch watch{timer_, [this](pid_t) { return wish.load(); }, std::chrono::milliseconds(1)};

 private:
  vo::Timer timer_;
};

TEST(Reply, AnswersExactlyOnce) {
  fuse_req request;
  Reply reply{&request};
  reply.bytes("plate");
  reply.error(EIO);
  reply.bytes("again");
  EXPECT_EQ(request.answer.answers, 1);
  EXPECT_EQ(request.answer.bytes, "plate");
  EXPECT_EQ(request.answer.error, std::nullopt);
}

TEST(Reply, AnswersWithAnErrorWhenItIsDropped) {
  fuse_req request;
  { const Reply dropped{&request}; }
  EXPECT_EQ(request.answer.answers, 1);
  EXPECT_EQ(request.answer.error, EIO);
}

TEST(Reply, AnswersForWhatIsAssignedOver) {
  fuse_req first, second;
  Reply reply{&first};
  reply = Reply{&second};
  EXPECT_EQ(first.answer.error, EIO);
  reply.error(vo::Error{vo::ErrorKind::TimedOut, "slow"});
  EXPECT_EQ(second.answer.error, ETIMEDOUT);
  EXPECT_EQ(second.answer.answers, 1);
}

TEST(Reply, MovedAwayAnswersFromWhereItIs) {
  fuse_req request;
  {
    Reply reply{&request};
    Reply elsewhere{std::move(reply)};
    EXPECT_EQ(request.answer.answers, 0);
    elsewhere.xattr_size(12);
  }
  EXPECT_EQ(request.answer.answers, 1);
  EXPECT_EQ(request.answer.xattr_size, 12U);
}

TEST(Reply, SaysWhetherTheKernelTookIt) {
  fuse_req taken, refused;
  refused.result = -ENOENT;
  EXPECT_TRUE(Reply{&taken}.entry({}));
  EXPECT_FALSE(Reply{&refused}.entry({}));
  EXPECT_TRUE(Reply{&taken}.opened({}));
  EXPECT_FALSE(Reply{&refused}.opened({}));
}

TEST_F(InterruptedReply, IsAnsweredAtOnceAndWithdrawsItsQuestion) {
  fuse_req request;
  int withdrawn = 0;
  Reply reply{&request};
  reply.make_interruptible(watch, InterruptWatch::Heed::Interrupts);
  reply.withdraw_by()([&] { ++withdrawn; });
  request.interrupt();
  EXPECT_EQ(request.answer.error, EINTR);
  EXPECT_EQ(withdrawn, 1);
  EXPECT_FALSE(reply.entry({}));
  EXPECT_FALSE(Reply{std::move(reply)}.opened({}));
  EXPECT_EQ(request.answer.answers, 1);
}

TEST_F(InterruptedReply, WithdrawsAQuestionThatIsAskedAfterTheSignal) {
  fuse_req request;
  int withdrawn = 0;
  Reply reply{&request};
  reply.make_interruptible(watch, InterruptWatch::Heed::Interrupts);
  const auto withdraw_by = reply.withdraw_by();
  request.interrupt();
  withdraw_by([&] { ++withdrawn; });
  EXPECT_EQ(withdrawn, 1);
}

TEST_F(InterruptedReply, GoesOnAfterATimersSignalAndStillHearsOfTheNextOne) {
  fuse_req request;
  std::atomic<int> withdrawn{0};
  wish = SignalWish::KeepsWaiting;
  Reply reply{&request};
  reply.make_interruptible(watch, InterruptWatch::Heed::Interrupts);
  reply.withdraw_by()([&] { ++withdrawn; });
  request.interrupt();
  EXPECT_EQ(request.answer.answers, 0);
  wish = SignalWish::Interrupts;
  while (withdrawn == 0) std::this_thread::yield();
  EXPECT_EQ(request.answer.error, EINTR);
  EXPECT_FALSE(reply.entry({}));
  EXPECT_EQ(request.answer.answers, 1);
}

TEST_F(InterruptedReply, IsLeftAloneOnceTheWatchHasStopped) {
  fuse_req request;
  wish = SignalWish::KeepsWaiting;
  {
    Reply reply{&request};
    reply.make_interruptible(watch, InterruptWatch::Heed::Interrupts);
    request.interrupt();
    watch.stop();
    wish = SignalWish::Ends;
    request.interrupt();
    EXPECT_EQ(request.answer.error, EINTR);  // the kernel's word still counts
  }
  EXPECT_EQ(request.answer.answers, 1);
}

TEST_F(InterruptedReply, WhereNoProgramExpectsItOnlyTheEndOfTheProgramIsHeeded) {
  fuse_req request;
  Reply reply{&request};
  reply.make_interruptible(watch, InterruptWatch::Heed::Ends);
  request.interrupt();
  EXPECT_EQ(request.answer.answers, 0);
  fuse_req dying;
  wish = SignalWish::Ends;
  Reply last{&dying};
  last.make_interruptible(watch, InterruptWatch::Heed::Ends);
  dying.interrupt();
  EXPECT_EQ(dying.answer.error, EINTR);
}

TEST_F(InterruptedReply, HearsNoSignalOnceItIsAnswered) {
  fuse_req request;
  int withdrawn = 0;
  Reply reply{&request};
  reply.make_interruptible(watch, InterruptWatch::Heed::Interrupts);
  reply.withdraw_by()([&] { ++withdrawn; });
  reply.error(ENOENT);
  request.interrupt();
  EXPECT_EQ(request.answer.answers, 1);
  EXPECT_EQ(request.answer.error, ENOENT);
  EXPECT_EQ(withdrawn, 0);
}

TEST(Reply, GivesBytesFromMemoryAndFromAFile) {
  fuse_req from_memory;
  const std::string bytes = "SIMPLE  =";
  cache::Extent extent;
  extent.memory = {std::as_bytes(std::span{bytes}).first(6)};
  extent.size = 6;
  Reply{&from_memory}.extent(extent);
  EXPECT_EQ(from_memory.answer.bytes, "SIMPLE");

  fuse_req from_pieces;
  extent.memory = {std::as_bytes(std::span{bytes}).first(4), std::as_bytes(std::span{bytes}).last(1)};
  extent.size = 5;
  Reply{&from_pieces}.extent(extent);
  EXPECT_EQ(from_pieces.answer.bytes, "SIMP=");

  const int fd = ::open("/proc/self/exe", O_RDONLY);
  ASSERT_GE(fd, 0);
  fuse_req from_file;
  extent.fd = fd;
  extent.offset = 1;
  extent.size = 3;
  Reply{&from_file}.extent(extent);
  EXPECT_EQ(from_file.answer.bytes, "ELF");

  fuse_req past_the_end;
  extent.offset = 1ULL << 40;
  Reply{&past_the_end}.extent(extent);
  EXPECT_EQ(past_the_end.answer.error, EIO);
  ::close(fd);
}

}  // namespace
}  // namespace platefs::fs
