// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/thread.h"

#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>

#include <system_error>

namespace platefs::vo {
namespace {

/// While it lives, a thread that is started inherits that signals from outside are not its own.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t held_back;
    sigfillset(&held_back);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) sigdelset(&held_back, fault);
    pthread_sigmask(SIG_BLOCK, &held_back, &before_);
  }
  ~SignalsHeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

 private:
  sigset_t before_ = {};
};

}  // namespace

Thread::Thread(std::string name, std::unique_ptr<Work> work) {
  const SignalsHeldBack signals;
  try {
    thread_ = std::jthread([name, work = std::move(work)](const std::stop_token& stop) mutable {
      run_guarded(name, *work, stop);
      work.reset();  // what it holds ends with it, not with who joins
    });
  } catch (const std::system_error& problem) {
    throw Error{ErrorKind::LocalIo, fmt::format("the system gives no thread for '{}': {}; a higher limit of processes "
                                                "(ulimit -u) or of memory (ulimit -v) helps",
                                                name, problem.code().message())};
  }
}

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

void Thread::run_guarded(const std::string& name, Work& work, const std::stop_token& stop) noexcept {
  try {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    work.run(stop);
  } catch (...) {
    try {
      work.fail(current_error(fmt::format("the thread '{}'", name)));
    } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left who could be told
    }
  }
}

}  // namespace platefs::vo
