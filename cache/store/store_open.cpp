// SPDX-License-Identifier: BSD-3-Clause
// Opening a cache, also one that another version made or that is damaged.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <system_error>
#include <thread>

#include "cache/store/file_system.h"
#include "cache/store/store_impl.h"

namespace platefs::cache {
namespace {

constexpr std::uint64_t kFormat = 3;

constexpr auto kPatience = std::chrono::seconds(2);  // with processes that set a cache aside just now

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (number == 0) {
    if (::getentropy(&number, sizeof number) != 0) number = std::random_device{}();
  }
  return number;
}

struct IndexIdentity {
  std::uint64_t format = 0, incarnation = 0;
  bool is_new = false;
};

/// What the index says of itself, which a new one is told now.
IndexIdentity identity_of(LmdbEnv& env) {
  IndexIdentity identity;
  const auto read = [&identity](const IndexView& index) {
    identity = {index.number("format"), index.number("incarnation"), false};
  };
  read(IndexView(env));
  if (identity.format != 0) return identity;
  change_index(env, [&](IndexChange& index) {
    read(index);
    if (identity.format != 0) return;
    identity = {kFormat, random_number(), true};
    index.put_number("format", identity.format);
    index.put_number("incarnation", identity.incarnation);
  });
  return identity;
}

std::string other_format_text(std::uint64_t format) {
  return fmt::format("it has format {}, this platefs knows format {}", format, kFormat);
}

/// LMDB writes to its lock file through a map: it must be there with all its space.
bool can_lock(const std::filesystem::path& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 && facts.st_size > 0 && facts.st_blocks * 512 >= facts.st_size &&
         ::access(file.c_str(), R_OK | W_OK) == 0;
}

/// Waits a moment; false: for too long already.
bool wait_until(std::chrono::steady_clock::time_point deadline) {
  std::this_thread::sleep_for(std::chrono::milliseconds(5) + std::chrono::microseconds(random_number() % 10000));
  return std::chrono::steady_clock::now() < deadline;
}

/// A cache and its bases share the descriptors that one cache may have.
StoreOptions with_share_of_files(StoreOptions options) {
  if (options.open_files == 0) options.open_files = ObjectFiles::most_by_limit();
  options.open_files = std::max<std::size_t>(options.open_files / (options.bases.size() + 1), 1);
  return options;
}

}  // namespace

Store::Impl::Impl(StoreOptions given)
    : options(std::move(given)), bases(with_share_of_files(options)), directory(options.directory) {
  if (!options.now) {
    options.now = [] {
      return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
    };
  }
  files = std::make_shared<ObjectFiles>(with_share_of_files(options).open_files);
  if (options.access == StoreOptions::Access::ReadWrite) {
    open_to_write();
    marks = std::make_shared<UseMarks>(directory.in_use(), UseMarks::Access::ReadWrite);
    return;
  }
  const auto why = open_to_look();
  if (!why.empty()) {
    throw vo::Error(vo::ErrorKind::LocalIo,
                    fmt::format("the cache in {} can't be looked at: {}", directory.path().string(), why));
  }
  marks = std::make_shared<UseMarks>(directory.in_use(), UseMarks::Access::ReadOnly);
  access.refuse({EROFS, "it was opened to look at it"}, true);
}

void Store::Impl::open_to_write() {
  try {
    directory.make();
    open_or_set_aside();
    if (may_write()) own_lease();
  } catch (const LmdbError& problem) {
    go_on_without({problem.code(), problem.what()});
  } catch (const std::system_error& problem) {
    go_on_without({problem.code().value(), problem.what()});
  }
}

void Store::Impl::go_on_without(const WriteRefusal& refusal) {
  const bool was_open = env != nullptr;
  if (!was_open && is_mistaken_path(refusal.code)) throw vo::Error(vo::ErrorKind::LocalIo, refusal.what);
  if (!was_open) open_to_look();
  if (!env) claim.reset();  // whoever can use it may move it
  if (is_for_good(refusal.code)) state.lock()->room = 0;
  if (!access.refuse(refusal, !was_open || is_for_good(refusal.code))) return;
  options.warn(text_of(refusal, directory.path(), env != nullptr));
}

std::string Store::Impl::open_to_look() {
  const auto file = directory.index();
  try {
    for (int tries = 0; tries < 20 && !claim; ++tries) claim = IndexClaim::take(file, IndexClaim::Access::ReadOnly);
    if (!claim) return "another process moves it";
    const bool has_locks = can_lock(directory.index_lock()) && shared_file_system_of(directory.path()).empty();
    const auto mode = has_locks ? LmdbEnv::Mode::ReadOnly : LmdbEnv::Mode::ReadOnlyUnlocked;
    auto opened = open_index(file, mode);
    const IndexView index(*opened);
    if (const auto format = index.number("format"); format != kFormat) return other_format_text(format);
    directory.set_incarnation(index.number("incarnation"));
    env = std::move(opened);
    return {};
  } catch (const LmdbError& problem) {
    return problem.what();
  } catch (const std::system_error& problem) {
    return problem.what();
  }
}

Lease& Store::Impl::own_lease() {
  if (!lease) lease = std::make_unique<Lease>(*env, directory);
  return *lease;
}

bool Store::Impl::may_write() { return env && access.is_open(); }

void Store::Impl::open_or_set_aside() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool in_use = false;
  std::string why;
  do {
    claim = IndexClaim::take(directory.index(), IndexClaim::Access::ReadWrite);
    if (!claim) continue;
    bool other_format = false;
    why = open_claimed(other_format);
    if (env) return;
    if (why.empty()) continue;  // another file took the name meanwhile
    // Two that find it out at once, each with its claim, hinder each other: the claims are dropped between tries.
    in_use = !claim->take_alone() || directory.is_in_use();
    if (!in_use) {
      const auto aside = directory.set_aside(other_format);
      options.warn(
          fmt::format("the cache in {} can't be used: {}; it was moved to {}, which may be deleted, and "
                      "a new cache begun",
                      directory.path().string(), why, aside.string()));
    }
    claim.reset();
  } while (wait_until(deadline));
  if (!in_use) throw std::system_error(EAGAIN, std::generic_category(), "another process makes or moves it");
  go_on_without({kIndexIsOfOthers, why + ", and other processes use it"});
}

/// Opens the index that is claimed, or says why it can't be used; says nothing when it has lost its name.
std::string Store::Impl::open_claimed(bool& other_format) {
  try {
    auto opened = open_index(directory.index());
    if (!claim->is_file_of(opened->descriptor())) return {};
    const auto identity = identity_of(*opened);
    if (identity.format != kFormat) {
      other_format = true;
      return other_format_text(identity.format);
    }
    if (identity.incarnation == 0) return "it does not say which objects are its own";
    directory.set_incarnation(identity.incarnation);
    if (identity.is_new) directory.sweep_other_incarnations();
    env = std::move(opened);
    return {};
  } catch (const LmdbError& problem) {
    if (!problem.is_broken_file()) throw;
    return problem.what();
  }
}

void Store::Impl::warn_of_index(const LmdbError& problem) {
  if (std::exchange(state.lock()->warned_of_index, true)) return;
  options.warn(fmt::format("the cache index in {} can't be read ({}): what it holds is fetched again",
                           directory.path().string(), problem.what()));
}

void Store::Impl::change(const std::function<void(IndexChange&)>& what) {
  const auto refuse = [this](const std::string& why) {
    throw vo::Error(vo::ErrorKind::NoSpace,
                    fmt::format("the cache in {} can't be written: {}", directory.path().string(), why));
  };
  if (!may_write()) refuse(access.reason());
  WriteRefusal refusal;
  try {
    if (const int lost = claim->lost_name(directory.index()); lost == ENOENT) {
      refusal = {kIndexWasMoved, "its index was removed or moved away"};
      if (lease) lease->abandon();
    } else if (lost != 0) {
      refusal = {lost, fmt::format("{}: {}", directory.index().string(), std::strerror(lost))};
    } else {
      own_lease();
      change_index(*env, what);
      access.note_success();
      return;
    }
  } catch (const LmdbError& problem) {
    refusal = {problem.code(), problem.what()};
  } catch (const std::system_error& problem) {
    refusal = {problem.code().value(), problem.what()};
  }
  go_on_without(refusal);
  refuse(refusal.what);
}

}  // namespace platefs::cache
