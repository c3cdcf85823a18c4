// SPDX-License-Identifier: BSD-3-Clause
// Opening a cache, also one that another version made or that is damaged.
#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <random>
#include <system_error>
#include <thread>

#include "cache/store_impl.h"

namespace platefs::cache {
namespace {

constexpr std::uint64_t kFormat = 3;

vo::Error as_error(const LmdbError& problem) {
  const bool full = problem.code() == ENOSPC || problem.code() == EDQUOT;
  return {full ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo, problem.what()};
}

constexpr auto kPatience = std::chrono::seconds(2);   // with processes that set a cache aside just now

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

/// Waits a moment; false: for too long already.
bool wait_until(std::chrono::steady_clock::time_point deadline) {
  std::this_thread::sleep_for(std::chrono::milliseconds(5) + std::chrono::microseconds(random_number() % 10000));
  return std::chrono::steady_clock::now() < deadline;
}

}  // namespace

Store::Impl::Impl(StoreOptions given) : options(std::move(given)), directory(options.directory) {
  if (!options.now) {
    options.now = [] {
      return std::chrono::duration_cast<std::chrono::seconds>(
                 std::chrono::system_clock::now().time_since_epoch()).count();
    };
  }
  marks = std::make_shared<UseMarks>(directory.in_use());
  files = std::make_shared<ObjectFiles>(options.open_files);
  try {
    open_or_set_aside();
    session = std::make_unique<Session>(*env, directory);
  } catch (const LmdbError& problem) {
    throw as_error(problem);
  } catch (const std::system_error& problem) {
    throw vo::Error(vo::ErrorKind::LocalIo, problem.what());
  }
}

void Store::Impl::open_or_set_aside() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool in_use = false;
  do {
    claim = IndexClaim::take(directory.index(), IndexClaim::Access::ReadWrite);
    if (!claim) continue;
    bool other_format = false;
    const auto why = open_claimed(other_format);
    if (env) return;
    if (why.empty()) continue;                       // another file took the name meanwhile
    // Two that find it out at once, each with its claim, hinder each other: the claims are dropped between tries.
    in_use = !claim->take_alone() || directory.is_in_use();
    if (!in_use) {
      const auto aside = directory.set_aside(other_format);
      options.warn(fmt::format("the cache in {} can't be used: {}; it was moved to {}, which may be deleted, and "
                               "a new cache begun",
                               directory.path().string(), why, aside.string()));
    }
    claim.reset();
  } while (wait_until(deadline));
  throw vo::Error(vo::ErrorKind::LocalIo,
                  fmt::format("the cache in {} {}: choose another with --cache-dir", directory.path().string(),
                              in_use ? "is of another format, or damaged, and other processes use it"
                                     : "is being made or moved by another process"));
}

/// Opens the index that is claimed, or says why it can't be used; says nothing when it has lost its name.
std::string Store::Impl::open_claimed(bool& other_format) {
  try {
    auto opened = open_index(directory.index());
    if (!claim->is_file_of(opened->descriptor())) return {};
    const auto identity = identity_of(*opened);
    if (identity.format != kFormat) {
      other_format = true;
      return fmt::format("it has format {}, this platefs knows format {}", identity.format, kFormat);
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
  try {
    change_index(*env, what);
  } catch (const LmdbError& problem) {
    throw as_error(problem);
  }
}

}  // namespace platefs::cache
