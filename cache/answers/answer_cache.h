// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cache/answers/answer_memory.h"
#include "cache/answers/freshness.h"
#include "cache/store/writer.h"
#include "vo/base/error.h"

namespace platefs::cache {

/// Where answers are kept. All outlive what keeps them there.
struct AnswerKeeping {
  AnswerMemory& memory;
  Store& store;
  Writer& writer;
};

/// Answers to questions of one kind, remembered: as documents in the store, and as what was read of them in the memory
/// that all kinds share, so that each is read once. A question's key is that of its document. Thread-safe; no network.
template <typename T>
class AnswerCache {
 public:
  using Value = std::shared_ptr<const T>;
  struct Answer {
    Value value;
    std::int64_t fetched_at = 0;
  };
  struct Kind {
    std::function<std::uint64_t(const T&)> bytes;  ///< of memory
    /// Other processes may have asked anew, or forgotten it: the times of the document are looked at each time.
    bool follows_store = false;
  };

  AnswerCache(const AnswerKeeping& keeping, Kind kind) : keeping_(keeping), kind_(std::move(kind)) {}

  /// What is remembered and `is_good(document, is_in_memory)`, of which only the times are to be looked at. `read`
  /// makes the value of a document; where it throws vo::Error, nothing is remembered, whatever it was.
  template <typename IsGood, typename Read>
  std::optional<Answer> find(const std::string& key, const IsGood& is_good, const Read& read) {
    if (const auto kept = keeping_.memory.find(key); kept && is_current(key, *kept)) {
      if (!is_good(Document{{}, false, kept->fetched_at, kept->expires_at}, true)) return std::nullopt;
      return Answer{std::static_pointer_cast<const T>(kept->value), kept->fetched_at};
    }
    const auto document = keeping_.store.document(key);
    if (!document || !is_good(*document, false)) return std::nullopt;
    try {
      return keep(key, *document, read(*document));
    } catch (const vo::Error&) {
      return std::nullopt;
    }
  }

  /// Remembers an answer that was read already: in memory at once, in the store soon.
  Answer put(const std::string& key, Document document, Value value) {
    auto answer = keep(key, document, std::move(value));
    remember(keeping_.writer, key, std::move(document));
    return answer;
  }

  /// In memory alone.
  Answer keep(const std::string& key, const Document& document, Value value) {
    keeping_.memory.keep(key, {value, document.fetched_at, document.expires_at, kind_.bytes(*value)});
    return {std::move(value), document.fetched_at};
  }

 private:
  bool is_current(const std::string& key, const AnswerMemory::Kept& kept) const {
    if (!kind_.follows_store) return true;
    const auto times = keeping_.store.document_times(key);
    return times && times->fetched_at == kept.fetched_at;
  }

  AnswerKeeping keeping_;
  Kind kind_;
};

}  // namespace platefs::cache
