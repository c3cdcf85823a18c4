// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/session.h"

#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "fs/fuse/fuse.h"
#include "fs/fuse/high_descriptor.h"
#include "fs/fuse/operations.h"
#include "fs/tree/tree.h"
#include "vo/base/error.h"

namespace platefs::fs {
namespace {

constexpr unsigned kThreads = 4;  // none of them ever waits

/// libfuse has fusermount3 mount, which lives as long as a mount that is to unmount itself: a log that was moved away,
/// or the lock on an index, is to end with this process. What libfuse hands it is opened later.
void keep_descriptors_to_ourselves() { static_cast<void>(::close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC)); }

void init(void* data, fuse_conn_info* connection) {
  auto& ops = *static_cast<Operations*>(data);
  const auto want = [connection](unsigned capability) { connection->want |= connection->capable & capability; };
  want(FUSE_CAP_ASYNC_READ);
  want(FUSE_CAP_PARALLEL_DIROPS);
  want(FUSE_CAP_READDIRPLUS);
  want(FUSE_CAP_READDIRPLUS_AUTO);
  want(FUSE_CAP_CACHE_SYMLINKS);
  want(FUSE_CAP_EXPORT_SUPPORT);
  // A read with O_DIRECT that waits asynchronously can't be interrupted, not even by SIGKILL.
  connection->want &= ~static_cast<unsigned>(FUSE_CAP_ASYNC_DIO);
#ifdef FUSE_CAP_PASSTHROUGH
  want(FUSE_CAP_PASSTHROUGH);
#endif
  if (connection->capable & FUSE_CAP_EXPLICIT_INVAL_DATA) {
    // Sizes are pinned and another version is another inode: nothing is to be guessed from mtime.
    connection->want &= ~static_cast<unsigned>(FUSE_CAP_AUTO_INVAL_DATA);
    want(FUSE_CAP_EXPLICIT_INVAL_DATA);
  }
  connection->max_background = 64;
  connection->congestion_threshold = 48;
  ops.log("mounted");
}

fuse_lowlevel_ops operations_table() {
  fuse_lowlevel_ops table = {};
  table.init = init;
  add_lookup_operations(table);
  add_directory_operations(table);
  add_file_operations(table);
  add_link_operations(table);
  add_xattr_operations(table);
  add_refused_operations(table);
  return table;
}

/// argv in the form that libfuse parses.
class Arguments {
 public:
  explicit Arguments(const MountOptions& options) {
    add("platefs");
    add("-ofsname=platefs,subtype=platefs,ro,nosuid,nodev,noatime,default_permissions");
    if (options.allow_other) add("-oallow_other");
    for (const auto& option : options.fuse_options) add("-o" + option);
  }
  ~Arguments() { fuse_opt_free_args(&args_); }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  fuse_args* get() { return &args_; }

 private:
  void add(const std::string& word) { fuse_opt_add_arg(&args_, word.c_str()); }
  fuse_args args_ = FUSE_ARGS_INIT(0, nullptr);
};

void do_nothing(int) {}

bool is_to_unmount_itself(const MountOptions& options) {
  return std::ranges::any_of(options.fuse_options,
                             [](const std::string& option) { return option.find("auto_unmount") != option.npos; });
}

}  // namespace

struct Session::Impl {
  Impl(const MountOptions& options, cache::Library& library, const Documents& documents)
      : tree(
            library, [&documents](const TargetState& target) { return documents.has_errors(target); },
            options.default_radius, options.log, options.look,
            [&documents](const TargetSnapshot& snapshot) { return documents.note_on_target(snapshot); }),
        policy(documents, options.ownership),
        guard(options.guarded_programs, options.log),
        activity(options.activity),
        operations{.library = library,
                   .documents = documents,
                   .tree = tree,
                   .attributes = policy,
                   .prefetch = {library, options.prefetch},
                   .guard = guard,
                   .activity = *activity,
                   .log = options.log} {}

  Tree tree;
  AttributePolicy policy;
  IconGuard guard;
  std::shared_ptr<Activity> activity;
  Operations operations;
  fuse_session* session = nullptr;
  std::optional<HighDescriptor> last_of_connection;

  std::mutex mutex;
  std::condition_variable ended_condition;
  pthread_t loop_thread = {};
  bool running = false;
};

Session::Session(const MountOptions& options, cache::Library& library, const Documents& documents)
    : impl_(std::make_unique<Impl>(options, library, documents)) {
  const auto table = operations_table();
  Arguments arguments{options};
  impl_->session = fuse_session_new(arguments.get(), &table, sizeof table, &impl_->operations);
  if (impl_->session == nullptr) {
    throw vo::Error{
        vo::ErrorKind::Rejected,
        "libfuse does not know these mount options; platefs(1) lists those of platefs, mount.fuse3(8) the others"};
  }
  impl_->operations.session = impl_->session;
  keep_descriptors_to_ourselves();
  if (fuse_session_mount(impl_->session, options.mountpoint.c_str()) != 0) {
    fuse_session_destroy(impl_->session);
    throw vo::Error{vo::ErrorKind::LocalIo,
                    fmt::format("can't mount on {}: see the message above", options.mountpoint)};
  }
  if (is_to_unmount_itself(options)) impl_->last_of_connection.emplace(fuse_session_fd(impl_->session));
}

Session::~Session() {
  impl_->operations.interrupts.stop();
  impl_->last_of_connection.reset();  // libfuse expects its own to be the last
  fuse_session_unmount(impl_->session);
  fuse_session_destroy(impl_->session);
}

void Session::run() {
  // The loop sleeps on a semaphore; this signal wakes it to see that it shall end. From outside it does no more.
  struct sigaction wake = {};
  wake.sa_handler = do_nothing;
  sigaction(SIGUSR1, &wake, nullptr);
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->loop_thread = pthread_self();
    impl_->running = true;
  }
  fuse_loop_config* config = fuse_loop_cfg_create();
  fuse_loop_cfg_set_max_threads(config, kThreads);
  fuse_loop_cfg_set_idle_threads(config, kThreads);
  fuse_session_loop_mt(impl_->session, config);
  fuse_loop_cfg_destroy(config);
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->running = false;
  }
  impl_->ended_condition.notify_all();
}

void Session::request_exit() {
  fuse_session_exit(impl_->session);
  std::unique_lock lock(impl_->mutex);
  // A signal that comes just before the loop goes to sleep is lost: send it until the loop has ended.
  while (impl_->running) {
    pthread_kill(impl_->loop_thread, SIGUSR1);
    impl_->ended_condition.wait_for(lock, std::chrono::milliseconds(5));
  }
}

}  // namespace platefs::fs
