// SPDX-License-Identifier: BSD-3-Clause
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tools/cli/command_line.h"
#include "tools/cli/mount_helper.h"
#include "tools/cli/reporting.h"
#include "tools/cli/standard_streams.h"
#include "tools/commands/archives_command.h"
#include "tools/commands/blink_command.h"
#include "tools/commands/cache_command.h"
#include "tools/commands/demo_command.h"
#include "tools/commands/doctor_command.h"
#include "tools/commands/fetch_command.h"
#include "tools/commands/mount_command.h"
#include "tools/commands/query_command.h"
#include "tools/commands/serve_command.h"
#include "tools/commands/unmount_command.h"

namespace {

/// Buffers go from thread to thread: with an arena for each, all of them keep what the busiest needed once. With two
/// a long read takes no more memory than with one (45 MiB), and threads wait for each other less: files held open
/// together take a tenth less time, so does a fetch of many targets.
/// And what is large for a moment, an answer as it is read, is given back after it: glibc would keep ever larger
/// pieces.
void share_two_heaps() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

/// Shells give 1,024 descriptors and allow more for the asking, for the sake of programs that use select().
void take_the_descriptors_allowed() {
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// What `ulimit -f` does not allow is to be an error of the write (EFBIG), not the end of the mount.
void survive_the_file_size_limit() { ::signal(SIGXFSZ, SIG_IGN); }

/// What somebody looks at, and what an archive lets only this user see, is nobody else's business.
void make_files_private() { ::umask(077); }

}  // namespace

int main(int argc, char** argv) {
  share_two_heaps();
  take_the_descriptors_allowed();
  survive_the_file_size_limit();
  using namespace platefs::tools;
  keep_standard_streams_open();
  make_files_private();
  return reporting_errors([&] {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (is_mount_helper(argv[0])) {
      words = words_of_mount_helper(words);
      use_system_directories();
    }
    return run_command_line(words,
                            {.mount = run_mount,
                             .serve = run_serve,
                             .demo = run_demo,
                             .unmount = [](const UnmountCommand& command) { return run_unmount(command.mountpoint); },
                             .query = run_query,
                             .fetch = run_fetch,
                             .blink = run_blink,
                             .cache = run_cache,
                             .status = run_status,
                             .archives = run_archives,
                             .doctor = run_doctor});
  });
}
