// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/mapped_read.h"

#include <signal.h>

#include <mutex>

namespace platefs::cache {
namespace {

thread_local MappedRead* current = nullptr;
struct sigaction before_us;

void on_bus_error(int signal, siginfo_t* facts, void* context) {
  if (current != nullptr) siglongjmp(current->place, 1);
  // Not ours: as if we had never been here.
  if ((before_us.sa_flags & SA_SIGINFO) != 0 && before_us.sa_sigaction != nullptr) {
    before_us.sa_sigaction(signal, facts, context);
    return;
  }
  ::signal(SIGBUS, SIG_DFL);  // the instruction that failed is run again, and ends the process
}

void install() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;  // it is left by a jump
  ::sigaction(SIGBUS, &action, &before_us);
}

}  // namespace

MappedRead::MappedRead() noexcept : before_(current) {
  static std::once_flag once;
  std::call_once(once, install);
  current = this;
}

MappedRead::~MappedRead() { current = before_; }

}  // namespace platefs::cache
