// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "cache/files/cached_file.h"
#include "cache/files/origin.h"

namespace platefs::cache {

/// The origin of a file that can be had in two ways: the second is tried where the first fails before it brought
/// anything. What the second brought is gone on with by it, and kept where the first is tried again and fails.
class FirstOf final : public Origin {
 public:
  enum class Fallback {
    None,         ///< the first way's failure is the file's
    InItsPlace,   ///< there is no first way: the second's failure is the file's
    AfterRefusal  ///< the first way was tried: its failure is told beside the second's
  };
  using Choose = std::function<Fallback(const vo::Error& failure)>;  ///< called without the file's lock
  using Make = std::function<std::unique_ptr<Origin>(CachedFile&, Failed)>;

  FirstOf(CachedFile& file, const Make& first, const Make& second, Choose choose);

  void update(const Demand& demand, Tasks& tasks) override;
  Standing standing() const override;

 private:
  void first_failed(const vo::Error& error, vo::ByteRange missing);
  void second_failed(const vo::Error& error, vo::ByteRange missing);

  static bool is_seconds(const ObjectInfo* present);
  Origin& serving() const { return *(stands_in_ || present_is_seconds_ ? second_ : first_); }

  CachedFile& file_;
  Choose choose_;
  std::unique_ptr<Origin> first_, second_;
  // Guarded by the file's lock:
  bool stands_in_ = false;            ///< the second
  bool present_is_seconds_ = false;   ///< the version that is read is the second's
  std::optional<vo::Error> refusal_;  ///< of the first, to be told beside the second's failure
};

}  // namespace platefs::cache
