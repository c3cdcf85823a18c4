// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/failure_memory.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace platefs::cache {
namespace {

constexpr std::string_view kPrefix = "failed\n";
constexpr std::int64_t kPassingSeconds = 600, kLastingSeconds = 86400;
constexpr std::size_t kMost = 10000;

std::int64_t end_of(const Failure& failure) {
  return failure.when + (failure.lasts == Failure::Lasts::Longer ? kLastingSeconds : kPassingSeconds);
}

/// The reverse of subject_of; empty for what is none.
std::optional<Failure> failure_named(std::string_view subject) {
  std::array<std::string, 4> lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto end = subject.find('\n');
    if ((end == subject.npos) != (i + 1 == lines.size())) return std::nullopt;
    lines[i] = subject.substr(0, end);
    if (end != subject.npos) subject.remove_prefix(end + 1);
  }
  Failure failure;
  failure.archive = lines[0];
  failure.did = lines[1];
  failure.file = lines[2];
  failure.exposure = lines[3];
  return failure;
}

}  // namespace

std::string subject_of(const Failure& failure) {
  return fmt::format("{}\n{}\n{}\n{}", failure.archive, failure.did, failure.file, failure.exposure);
}

FailureMemory::FailureMemory(Store& store, Writer& writer, std::function<std::int64_t()> now)
    : store_(store), writer_(writer), now_(std::move(now)) {}

void FailureMemory::add(const Failure& failure) {
  const auto subject = subject_of(failure);
  {
    const auto here = here_.lock();
    if (here->size() >= kMost && !here->contains(subject)) return;
    (*here)[subject] = failure;
  }
  const bool has_lines_of_its_own = !failure_named(subject).has_value();
  if (failure.lasts != Failure::Lasts::WhileOffline && !has_lines_of_its_own) keep(failure);
}

void FailureMemory::keep(const Failure& failure) {
  writer_.post([key = std::string{kPrefix} + subject_of(failure), failure](Store& store) {
    try {
      store.put_document(key, {.bytes = failure.message,
                               .absent = failure.lasts == Failure::Lasts::Longer,
                               .fetched_at = failure.when,
                               .expires_at = end_of(failure)});
    } catch (const vo::Error&) {
      // Other processes do not hear of it: no harm.
    }
  });
}

void FailureMemory::remove(const Failure& failure) {
  const auto subject = subject_of(failure);
  here_.lock()->erase(subject);
  auto key = std::string{kPrefix} + subject;
  if (!store_.document(key)) return;
  writer_.post([key = std::move(key)](Store& store) {
    try {
      store.remove_document(key);
    } catch (const vo::Error&) {
      // It expires by itself.
    }
  });
}

std::vector<Failure> FailureMemory::kept() const {
  std::vector<Failure> found;
  for (const auto& key : store_.document_keys(kPrefix)) {
    auto failure = failure_named(std::string_view{key}.substr(kPrefix.size()));
    const auto document = failure ? store_.document(key) : std::nullopt;
    if (!document || found.size() >= kMost) continue;
    failure->message = document->bytes;
    failure->when = document->fetched_at;
    failure->lasts = document->absent ? Failure::Lasts::Longer : Failure::Lasts::Passing;
    found.push_back(*std::move(failure));
  }
  return found;
}

std::vector<Failure> FailureMemory::all() const {
  std::map<std::string, Failure> known;
  for (auto& failure : kept()) known.emplace(subject_of(failure), std::move(failure));
  {
    const auto here = here_.lock();
    for (const auto& [subject, failure] : *here) known[subject] = failure;
  }
  const auto now = now_();
  std::vector<Failure> list;
  for (auto& [subject, failure] : known) {
    if (now < end_of(failure)) list.push_back(std::move(failure));
  }
  return list;
}

}  // namespace platefs::cache
