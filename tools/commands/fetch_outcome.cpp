// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_outcome.h"

#include <algorithm>

#include "cache/files/file_kinds.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

std::uint64_t missing_bytes(const cache::ProductFacts& facts) {
  const auto size = facts.size.value_or(facts.estimate);
  return size - std::min(size, facts.held_bytes);
}

/// Does the archive say that there is something the file could be had from? A 404 of what was offered is a
/// failure; what was never offered is just not there.
bool is_offered(cache::Library& library, const cache::ProductId& id) {
  const auto links = library.known_links(id.plate);
  if (!links) return true;
  const auto& files = links->files;
  if (cache::is_had_without_links(id)) return true;
  switch (id.kind) {
    case cache::ProductKind::Preview:
      return files.preview != nullptr || !cache::has_files(id.plate);
    case cache::ProductKind::Full:
      return files.full != nullptr;
    case cache::ProductKind::Cutout:
    case cache::ProductKind::Stamp:
    case cache::ProductKind::Aligned:
    case cache::ProductKind::Chart:
      return files.full != nullptr || !files.soda.empty() || !files.other_fits.empty();
    case cache::ProductKind::Link:
    case cache::ProductKind::TimeSeries:
      break;
  }
  return true;
}

/// The archive's DataLink says that it has no such plate (NotFoundFault, DataLink 1.1 section 3.4), not that it failed.
bool is_disowned(cache::Library& library, const cache::ProductId& id) {
  const auto links = library.known_links(id.plate);
  if (!links || links->is_stand_in) return false;
  const auto& rows = links->document.links;
  const auto is_fault = [](const vo::Link& link) { return link.is_error(); };
  return std::ranges::any_of(rows, is_fault) && std::ranges::all_of(rows, [&](const vo::Link& link) {
           return !link.is_error() || link.error_message.starts_with("NotFoundFault");
         });
}

}  // namespace

FetchState state_of_failure(const Error& error, cache::Library& library, const cache::ProductId& id) {
  using enum cache::ProductKind;
  const bool may_be_absent =
      error.kind() == ErrorKind::NotFound || (error.kind() == ErrorKind::Rejected && is_disowned(library, id));
  if (may_be_absent && !is_offered(library, id)) return FetchState::Absent;
  const bool is_made_of_the_plate = id.kind == Cutout || id.kind == Stamp || id.kind == Aligned;
  return is_made_of_the_plate && error.kind() == ErrorKind::Malformed ? FetchState::Impossible : FetchState::Failed;
}

FetchResult planned_result(const cache::ProductFacts& facts) {
  const auto state = facts.state == cache::ProductState::Cached ? FetchState::Cached : FetchState::Planned;
  return {state, facts.size.value_or(facts.estimate), facts.size.has_value(), missing_bytes(facts), {}};
}

}  // namespace platefs::tools
