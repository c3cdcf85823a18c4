// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/target_files.h"

#include <fmt/core.h>

#include <chrono>
#include <memory>

#include "tools/cli/progress.h"
#include "tools/commands/mountpoint.h"
#include "vo/base/thread.h"

namespace platefs::tools {
namespace {

constexpr auto kBarInterval = std::chrono::milliseconds(100);

}  // namespace

bool run_interruptibly(Application& application, FetchRun& run, FetchReport& report,
                       const std::vector<WantedTarget>& targets, InterruptibleWait& wait) {
  vo::Thread work;
  const auto bar =
      std::make_unique<Ticker>(kBarInterval, [&application, &report] { report.tick(application.bytes_received()); });
  const auto answer = wait.answer_to<bool>([&](vo::Completion<bool> done) {
    const auto told = std::make_shared<vo::Completion<bool>>(std::move(done));
    work = vo::Thread{"fetch all",
                      [&run, &targets, told] {
                        run.run(targets);
                        (*told)(true);
                      },
                      [told](const vo::Error& error) { (*told)(error); }};
  });
  run.stop();
  if (!answer) application.stop();  // whoever waits is told now
  work.join();
  if (answer && !*answer) throw answer->error();
  return !answer;
}

bool has_bar(const CommonOptions& options, bool as_json) { return !as_json && shows_progress(options); }

std::string place_of_files(const std::string& target, const std::string& folder) {
  const auto mounts = own_mounts();
  const auto below = target.empty() ? "TARGET" : target;
  if (mounts.size() == 1) return fmt::format("{}/{}/{}/ has them", mounts.front(), below, folder);
  return fmt::format("a mount has them in {}/{}/; `platefs blink {}` shows them", below, folder, below);
}

}  // namespace platefs::tools
