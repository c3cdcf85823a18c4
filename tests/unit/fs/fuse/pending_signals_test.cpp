// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/pending_signals.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace platefs::fs {
namespace {

constexpr auto kStatus =
    "Name:\tSigPnd:\nThreads:\t3\nSigQ:\t0/31206\nSigPnd:\t0000000000000100\nShdPnd:\t0000000000000002\n"
    "SigBlk:\t0000000000010000\nSigIgn:\t0000000000001000\nSigCgt:\t0000000180004002\n";

std::uint64_t only(int signal) { return std::uint64_t{1} << (signal - 1); }

SignalWish of_caught(int signal) { return wish_of({only(signal), 0, 0, only(signal)}); }
SignalWish of_default(int signal) { return wish_of({only(signal), 0, 0, 0}); }

TEST(PendingSignals, AreReadFromTheProcessStatus) {
  const auto sets = parse_signal_sets(kStatus).value();
  EXPECT_EQ(sets.pending, 0x102U);
  EXPECT_EQ(sets.blocked, 0x10000U);
  EXPECT_EQ(sets.ignored, 0x1000U);
  EXPECT_EQ(sets.caught, 0x180004002U);
  EXPECT_FALSE(parse_signal_sets("SigPnd:\t00\n"));
  EXPECT_FALSE(parse_signal_sets(""));
}

TEST(PendingSignals, WhatEndsAProgramEndsTheWait) {
  for (const int signal : {SIGKILL, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGABRT, SIGPIPE}) {
    EXPECT_EQ(of_default(signal), SignalWish::Ends) << signal;
  }
  EXPECT_EQ(wish_of({only(SIGKILL) | only(SIGALRM), 0, 0, only(SIGALRM)}), SignalWish::Ends);
}

TEST(PendingSignals, WhatPeopleInterruptProgramsByInterrupts) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    EXPECT_EQ(of_caught(signal), SignalWish::Interrupts) << signal;
  }
  EXPECT_EQ(wish_of({only(SIGINT) | only(SIGALRM), 0, 0, only(SIGALRM) | only(SIGINT)}), SignalWish::Interrupts);
}

TEST(PendingSignals, TimersAndChildrenAndTerminalsDoNot) {
  for (const int signal :
       {SIGALRM, SIGVTALRM, SIGPROF, SIGURG, SIGCHLD, SIGWINCH, SIGIO, SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP, 33, 40}) {
    EXPECT_EQ(of_caught(signal), SignalWish::KeepsWaiting) << signal;
  }
  for (const int signal : {SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGTSTP, SIGSTOP, SIGTTIN, SIGTTOU}) {
    EXPECT_EQ(of_default(signal), SignalWish::KeepsWaiting) << signal;
  }
}

TEST(PendingSignals, WhatDoesNotReachTheThreadDoesNotCount) {
  EXPECT_EQ(wish_of({}), SignalWish::KeepsWaiting);
  EXPECT_EQ(wish_of({only(SIGINT), only(SIGINT), 0, 0}), SignalWish::KeepsWaiting);
  EXPECT_EQ(wish_of({only(SIGINT), 0, only(SIGINT), 0}), SignalWish::KeepsWaiting);
}

TEST(PendingSignals, AThreadOfNobodysKeepsWaiting) {
  EXPECT_EQ(wish_of_thread(0), SignalWish::KeepsWaiting);
  EXPECT_EQ(wish_of_thread(-1), SignalWish::KeepsWaiting);
  EXPECT_EQ(wish_of_thread(::gettid()), SignalWish::KeepsWaiting);
}

}  // namespace
}  // namespace platefs::fs
