// SPDX-License-Identifier: BSD-3-Clause
// Opening a cache, also one that another version made or that is damaged.
#include <fmt/format.h>

#include <cerrno>
#include <chrono>

#include "cache/store_impl.h"

namespace platefs::cache {
namespace {

constexpr std::uint64_t kFormat = 2;

vo::Error as_error(const LmdbError& problem) {
  const bool full = problem.code() == ENOSPC || problem.code() == EDQUOT;
  return {full ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo, problem.what()};
}

/// The version of the format, which a new index gets now.
std::uint64_t format_of(LmdbEnv& env) {
  std::uint64_t format = 0;
  change_index(env, [&format](IndexChange& index) {
    format = index.number("format");
    if (format == 0) index.put_number("format", format = kFormat);
  });
  return format;
}

}  // namespace

Store::Impl::Impl(StoreOptions given) : options(std::move(given)), directory(options.directory) {
  if (!options.now) {
    options.now = [] {
      return std::chrono::duration_cast<std::chrono::seconds>(
                 std::chrono::system_clock::now().time_since_epoch()).count();
    };
  }
  try {
    open_or_set_aside();
    session = std::make_unique<Session>(*env, directory);
  } catch (const LmdbError& problem) {
    throw as_error(problem);
  }
}

void Store::Impl::open_or_set_aside() {
  std::string why;
  bool other_format = false;
  try {
    env = open_index(directory.index());
    const auto format = format_of(*env);
    if (format == kFormat) return;
    other_format = true;
    why = fmt::format("it has format {}, this platefs knows format {}", format, kFormat);
  } catch (const LmdbError& problem) {
    if (!problem.is_broken_file()) throw;
    why = problem.what();
  }
  env.reset();
  const auto aside = directory.set_aside(other_format);
  options.warn(fmt::format("the cache in {} can't be used: {}; it was moved to {}, which may be deleted, and "
                           "a new cache begun",
                           directory.path().string(), why, aside.string()));
  env = open_index(directory.index());
  format_of(*env);
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
