// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include "cache/store/writer.h"

namespace platefs::cache {

/// Owns an object that nobody sees yet: it is published, or discarded when its owner goes, so that a body
/// which breaks off leaves nothing. May end on any thread while the writer lives. Move-only.
class StagedObject {
 public:
  StagedObject() = default;
  /// Writer thread.
  StagedObject(Writer& writer, Store& store, std::string_view key) : writer_(&writer), id_(store.stage(key)) {}
  ~StagedObject() { discard(); }
  StagedObject(StagedObject&& other) noexcept
      : writer_(std::exchange(other.writer_, nullptr)), id_(std::exchange(other.id_, 0)) {}
  StagedObject& operator=(StagedObject&& other) noexcept {
    if (this == &other) return *this;
    discard();
    writer_ = std::exchange(other.writer_, nullptr);
    id_ = std::exchange(other.id_, 0);
    return *this;
  }

  ObjectId id() const { return id_; }
  /// Makes it the present version of its key (Store::publish). Writer thread. Still owned when it throws.
  ObjectInfo publish(Store& store, const ObjectFacts& facts) {
    auto info = store.publish(id_, facts);
    writer_ = nullptr;
    return info;
  }

 private:
  void discard() noexcept {
    if (auto* const writer = std::exchange(writer_, nullptr)) {
      writer->post([id = id_](Store& store) { store.discard(id); });
    }
  }

  Writer* writer_ = nullptr;  ///< null: nothing is owned
  ObjectId id_ = 0;
};

}  // namespace platefs::cache
