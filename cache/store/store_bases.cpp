// SPDX-License-Identifier: BSD-3-Clause
// What is looked up in bases for what the cache itself lacks, from any thread.
#include "cache/store/store_impl.h"

namespace platefs::cache {

std::optional<KeyRecord> Store::Impl::key(std::string_view name) {
  auto own = own_key(name);
  if (own || bases.empty()) return own;
  const auto found = bases.object(name);
  if (!found) return std::nullopt;
  return KeyRecord{std::string{name}, found->id, found->version, found->facts.size, found->facts.validators};
}

std::optional<ObjectInfo> Store::Impl::in_base(std::string_view name) {
  if (bases.empty()) return std::nullopt;
  const auto own = own_key(name);
  if (!own) return bases.object(name);
  auto found = bases.object_like(name, own->size, own->validators);
  if (found) found->version = own->version;
  return found;
}

std::optional<ObjectInfo> Store::Impl::info_in_base(ObjectId id) {
  auto found = bases.object(id);
  const auto own = found ? own_key(found->key) : std::nullopt;
  if (own && is_same_version(*own, found->facts)) found->version = own->version;
  return found;
}

std::optional<ObjectId> Store::Impl::below(const OpenObject& object) {
  if (bases.empty()) return std::nullopt;
  std::string name;
  ObjectFacts facts;
  {
    const auto own = object.state.lock();
    if (own->standing == OpenObject::Standing::Staged) return std::nullopt;
    if (own->below) return *own->below;
    name = own->record.key;
    facts = own->record.facts;
  }
  const auto found = bases.object_like(name, facts.size, facts.validators);
  const auto id = found ? std::optional{found->id} : std::nullopt;
  object.state.lock()->below = id;
  return id;
}

}  // namespace platefs::cache
