// SPDX-License-Identifier: BSD-3-Clause
// Two processes share one small cache of three files whose server is not to be relied upon. Whatever is done in
// whatever order: every byte belongs to the version that was opened, every wait ends, quota and descriptors hold,
// and nothing is left behind.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <tuple>

#include "cache/files/cached_file.h"
#include "cache/files/file_kinds.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"
#include "tests/support/model_process.h"
#include "tests/support/model_sequences.h"
#include "tests/support/model_server.h"

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;
using test::model::kFiles;
using test::model::kOpenFiles;
using test::model::kQuota;
using test::model::Manner;
using test::model::Process;
using test::model::Server;
using test::model::Version;
using vo::ByteRange;
using vo::Error;

/// Rapidcheck tells what() of an exception; of its own assertions it tells nothing from within other functions.
#define PLATEFS_REQUIRE(claim) \
  if (!(claim)) throw std::runtime_error(fmt::format("line {}: not true: {}", __LINE__, #claim))

constexpr std::size_t kProcesses = 2, kMostHandles = 12;
constexpr std::int64_t kFailuresLast = 5;  // seconds

class World {
 public:
  World() {
    const auto shared_memory = stdfs::exists("/dev/shm") ? stdfs::path("/dev/shm") : stdfs::temp_directory_path();
    auto name = (shared_memory / "platefs-model-XXXXXX").string();
    PLATEFS_REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    transport_.answer_with([this](const vo::http::Request& request) {
      ++asked_;
      return server_.answer(request);
    });
    for (auto& process : processes_) process = start();
  }
  ~World() {
    for (auto& process : processes_) process.reset();
    stdfs::remove_all(directory_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  using Operation = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t>;
  void apply(const Operation& operation) {
    come_to_rest();
    const auto& [kind, a, b] = operation;
    auto& process = *processes_[a % kProcesses];
    const auto file = a / kProcesses % kFiles;
    const auto choice = kind % 40;
    if (choice < 8) {
      open(process, file);
    } else if (choice < 24) {
      read(process, a / kProcesses, b);
    } else if (choice < 28) {
      release(process, a / kProcesses);
    } else if (choice < 29) {
      list(process, file);
    } else if (choice < 31) {
      evict(process, file, b % 4 == 0);
    } else if (choice < 32) {
      restart(a % kProcesses);
    } else if (choice < 34) {
      remove_a_file(b);
    } else if (choice < 35) {
      damage_a_file(b);
    } else if (choice < 36) {
      server_.change(file, b);
    } else if (choice < 38) {
      server_.behave(file, b % 2 == 0 ? Manner::Good : static_cast<Manner>(b / 2 % 7));
    } else {
      now_ += b % 7;
    }
    if (++applied_ % 32 == 0) check_bounds();
  }

  /// Everybody goes: what is left is what the index knows, whole and sound.
  void end() {
    for (auto& process : processes_) process.reset();
    const auto left = start();
    std::uint64_t held = 0;
    for (const auto& object : left->store.objects()) held += object.held_bytes;
    PLATEFS_REQUIRE(left->store.usage().bytes == held);
    PLATEFS_REQUIRE(object_files().size() <= left->store.objects().size());
    for (const auto& object : left->store.objects()) {
      constexpr std::string_view kDid = "ivo://test/";
      const auto file = static_cast<std::size_t>(object.key.at(object.key.find(kDid) + kDid.size()) - '0');
      const auto extent = left->store.read(object.id, {0, object.facts.size});
      if (extent) PLATEFS_REQUIRE(is_a_version(file, text_of(*extent)));
    }
  }

 private:
  /// What the writers go on with behind an answer uses the server and the clock, which the next operation may change.
  void come_to_rest() {
    for (auto asked = UINT64_MAX; asked != asked_;) {
      asked = asked_;
      for (int job_after_job = 0; job_after_job < 4; ++job_after_job) {
        for (auto& process : processes_) process->let_work();
      }
    }
  }

  std::unique_ptr<Process> start() { return std::make_unique<Process>(directory_, transport_, now_); }

  static std::string text_of(const Extent& extent) {
    std::string text(extent.size, '\0');
    copy_extent(extent, std::as_writable_bytes(std::span{text}));
    return text;
  }
  bool is_a_version(std::size_t file, const std::string& bytes) const {
    return std::ranges::any_of(server_.versions(file), [&](const auto& known) { return known.bytes == bytes; });
  }

  template <typename T>
  T await(std::future<T> answer) {
    for (int i = 0; i < 200; ++i) {
      if (answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready) return answer.get();
      for (auto& process : processes_) {
        if (process) process->settle();
      }
    }
    throw std::runtime_error("somebody waits for ever");
  }

  /// Nothing has happened that a reader could be told an error for.
  bool must_work(const Process& process, std::size_t file) const {
    return server_.manner(file) == Manner::Good && now_ - process.failed_at[file] > kFailuresLast;
  }

  void open(Process& process, std::size_t file) {
    if (process.handles.size() >= kMostHandles) return;
    auto promise = std::make_shared<std::promise<std::shared_ptr<OpenFile>>>();
    process.products[file]->open([promise](vo::Outcome<std::shared_ptr<OpenFile>> opened) {
      if (opened) return promise->set_value(std::move(opened).value());
      promise->set_exception(std::make_exception_ptr(opened.error()));
    });
    try {
      Process::Handle handle{file, await(promise->get_future()), {}, server_.troubles(file)};
      for (const auto& version : server_.versions(file)) {
        if (version.bytes.size() == handle.open->size()) handle.could_be.push_back(&version);
      }
      PLATEFS_REQUIRE(!handle.could_be.empty());  // a size that the file never had
      process.handles.push_back(std::move(handle));
    } catch (const Error& error) {
      if (must_work(process, file)) throw std::runtime_error(std::string("can't be opened: ") + error.what());
      process.failed_at[file] = now_;
    }
  }

  /// As far as its size and what it has shown tell, it may be of a version that the server has no more.
  bool may_be_outdated(const Process::Handle& handle) const {
    const auto* present = &server_.version(handle.file);
    return std::ranges::any_of(handle.could_be, [&](const Version* version) { return version != present; });
  }

  void read(Process& process, std::uint32_t which, std::uint32_t random) {
    if (process.handles.empty()) return;
    auto& handle = process.handles[which % process.handles.size()];
    const auto size = handle.open->size();
    const std::uint64_t first = random % size;
    const ByteRange range{first, std::min(size, first + 1 + (random >> 12) % 140'000)};
    auto promise = std::make_shared<std::promise<std::string>>();
    handle.open->read(range, [promise](vo::Outcome<Extent> extent) {
      if (!extent) return promise->set_exception(std::make_exception_ptr(extent.error()));
      try {
        promise->set_value(text_of(extent.value()));
      } catch (...) {
        promise->set_exception(std::current_exception());
      }
    });
    try {
      const auto bytes = await(promise->get_future());
      PLATEFS_REQUIRE(bytes.size() == range.size());
      std::erase_if(handle.could_be, [&](const Version* version) {
        return version->bytes.compare(range.first, range.size(), bytes) != 0;
      });
      PLATEFS_REQUIRE(!handle.could_be.empty());  // bytes of no version, or of two
    } catch (const Error& error) {
      const bool is_excused = handle.troubles != server_.troubles(handle.file) || may_be_outdated(handle) ||
                              (error.kind() == vo::ErrorKind::Changed && server_.was_nameless(handle.file));
      if (must_work(process, handle.file) && !is_excused)
        throw std::runtime_error(std::string("can't be read: ") + error.what());
      process.failed_at[handle.file] = now_;
    }
  }

  static void release(Process& process, std::uint32_t which) {
    if (process.handles.empty()) return;
    process.handles.erase(process.handles.begin() + static_cast<std::ptrdiff_t>(which % process.handles.size()));
  }

  void list(Process& process, std::size_t file) {
    const std::uint64_t asked = asked_;
    const auto facts = process.products[file]->facts();
    PLATEFS_REQUIRE(facts.held_bytes <= facts.size.value_or(facts.estimate) + kGranuleSize);
    PLATEFS_REQUIRE(asked_ == asked);
  }

  void evict(Process& process, std::size_t file, bool also_in_use) {
    process.writer.run([&](Store& store) {
      const auto object = store.object(process.products[file]->facts().url.empty() ? "" : key_of(file));
      if (object && (also_in_use || store.is_idle(object->id))) store.evict(object->id);
    });
  }
  static std::string key_of(std::size_t file) { return test::model::product_id(file).key(); }

  /// While nobody writes: to LMDB's table of readers both are one process.
  void restart(std::size_t number) {
    for (auto& process : processes_) process->settle();
    processes_[number].reset();
    processes_[number] = start();
  }

  std::vector<stdfs::path> object_files() const {
    std::vector<stdfs::path> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(directory_ / "objects")) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
  }
  std::optional<stdfs::path> one_of(const std::vector<stdfs::path>& files, std::uint32_t random) const {
    if (files.empty()) return std::nullopt;
    return files[random % files.size()];
  }
  void remove_a_file(std::uint32_t random) {
    if (const auto file = one_of(object_files(), random)) stdfs::remove(*file);
  }
  /// While nobody has it open: what was tested and is open still is not tested again.
  void damage_a_file(std::uint32_t random) {
    for (auto& process : processes_) {
      process->handles.clear();
      process->settle();
    }
    const auto file = one_of(object_files(), random);
    if (!file) return;
    if (random % 3 == 0) return stdfs::resize_file(*file, stdfs::file_size(*file) / 2);
    std::fstream stream(*file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(random % std::max<std::uintmax_t>(stdfs::file_size(*file), 1)));
    stream << "damaged";
  }

  void check_bounds() {
    for (auto& process : processes_) process->settle();
    std::uint64_t on_disk = 0;
    for (const auto& path : object_files()) {
      struct stat facts {};
      if (::stat(path.c_str(), &facts) == 0) on_disk += static_cast<std::uint64_t>(facts.st_blocks) * 512;
    }
    PLATEFS_REQUIRE(on_disk <= kQuota);
    std::size_t open_ones = 0;
    for (const auto& entry : stdfs::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      if (stdfs::read_symlink(entry.path(), gone).string().starts_with((directory_ / "objects").string())) ++open_ones;
    }
    PLATEFS_REQUIRE(open_ones <= kProcesses * kOpenFiles);
  }

  std::int64_t now_ = 1'700'000'000;
  stdfs::path directory_;
  Server server_;
  test::HeldTransport transport_;
  std::atomic<std::uint64_t> asked_ = 0;  // of the server
  std::array<std::unique_ptr<Process>, kProcesses> processes_;
  std::uint64_t applied_ = 0;
};

constexpr int kLongest = 500;

/// The same sequences each time, unless the environment says otherwise: PLATEFS_MODEL_OPERATIONS how many
/// operations, RC_PARAMS (rapidcheck's) the seed.
void choose_sequences() {
  const char* operations = std::getenv("PLATEFS_MODEL_OPERATIONS");
  const auto wanted = operations == nullptr ? 10'000 : std::strtoull(operations, nullptr, 10);
  ::setenv("RC_PARAMS", fmt::format("seed=20 max_success={}", wanted / (kLongest / 2)).c_str(), 0);
}

/// For PLATEFS_MODEL_SEQUENCE.
void keep(const std::vector<World::Operation>& operations) {
  const auto file = stdfs::temp_directory_path() / "platefs-model-sequence.txt";
  std::ofstream out(file);
  for (const auto& [kind, a, b] : operations) out << fmt::format("{} {} {}\n", kind, a, b);
  fmt::print(stderr, "the sequence is in {}\n", file.string());
}

/// Each failure is told at once: the last of rapidcheck's tries may be one that went well.
void run(const std::vector<World::Operation>& operations) {
  std::size_t done = 0;
  try {
    World world;
    for (; done < operations.size(); ++done) world.apply(operations[done]);
    world.end();
  } catch (const std::exception& failure) {
    fmt::print(stderr, "operation {} of {}: {}\n", done, operations.size(), failure.what());
    keep(operations);
    throw;
  }
}

TEST(StoreModel, HoldsForWhatHasFailedBefore) {
  for (const auto& sequence : test::model::sequences_that_failed()) run(sequence);
}

/// To make a sequence that failed shorter: a file of three numbers for each operation.
std::vector<World::Operation> operations_in(const char* file) {
  std::ifstream in(file);
  std::vector<World::Operation> operations;
  for (std::uint32_t kind = 0, a = 0, b = 0; in >> kind >> a >> b;) {
    operations.emplace_back(static_cast<std::uint8_t>(kind), a, b);
  }
  return operations;
}

TEST(StoreModel, EveryByteIsOfOneVersionAndEveryWaitEnds) {
  if (const char* file = std::getenv("PLATEFS_MODEL_SEQUENCE")) return run(operations_in(file));
  choose_sequences();
  const auto number = rc::gen::noShrink(rc::gen::arbitrary<std::uint32_t>());
  const auto operation = rc::gen::tuple(rc::gen::arbitrary<std::uint8_t>(), number, number);
  const auto operations = rc::gen::resize(kLongest, rc::gen::container<std::vector<World::Operation>>(operation));
  EXPECT_TRUE(rc::check([&] { run(*operations); }));
}

}  // namespace
}  // namespace platefs::cache
