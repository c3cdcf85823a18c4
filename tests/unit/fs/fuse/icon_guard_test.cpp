// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/icon_guard.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace platefs::fs {
namespace {

/// Is a thread of that name turned away?
bool turned_away(const IconGuard& guard, const char* name) {
  bool result = false;
  std::thread([&] {
    ::prctl(PR_SET_NAME, name);
    result = guard.turns_away(::gettid());
  }).join();
  return result;
}

TEST(IconGuard, TurnsAwayFileManagersByTheNamesOfTheirThreads) {
  const IconGuard guard{usual_guarded_programs(), [](std::string_view) {}};
  for (const auto* name : {"thunar", "nautilus", "tumblerd", "pool-thunar", "pool-tumblerd", "pool-org.gnome.",
                           "gdk-pixbuf-thumbnailer"}) {
    EXPECT_TRUE(turned_away(guard, name)) << name;
  }
  for (const auto* name : {"cp", "ds9", "python3", "source-extract", "rsync", "pooling", "bash", "gio"}) {
    EXPECT_FALSE(turned_away(guard, name)) << name;
  }
}

TEST(IconGuard, TakesALongNameAsTheKernelCutsIt) {
  const IconGuard guard{{"evince-thumbnailer"}, [](std::string_view) {}};
  EXPECT_TRUE(turned_away(guard, "evince-thumbnailer"));
  EXPECT_FALSE(turned_away(guard, "evince"));
}

TEST(IconGuard, SaysOnceWhomItTurnedAway) {
  std::vector<std::string> log;
  const IconGuard guard{{"thunar"}, [&](std::string_view line) { log.emplace_back(line); }};
  for (int i = 0; i < 3; ++i) turned_away(guard, "thunar");
  ASSERT_EQ(log.size(), 1u);
  EXPECT_NE(log[0].find("thunar"), std::string::npos);
}

TEST(IconGuard, LetsPassWhomItCannotSee) {
  const IconGuard guard{{"*"}, [](std::string_view) {}};
  EXPECT_FALSE(guard.turns_away(0));
  EXPECT_FALSE(guard.turns_away(1 << 30));
  EXPECT_TRUE(guard.turns_away(::gettid()));
}

}  // namespace
}  // namespace platefs::fs
