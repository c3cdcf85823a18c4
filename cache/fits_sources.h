// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <stop_token>

#include "cache/library.h"
#include "vo/fits_source.h"

namespace platefs::cache {

/// A plate's file as the cutter reads it: each read waits until its bytes are here. This is where a way
/// that gathers just the wanted ranges belongs; this one reads through the file as anybody does.
/// For one query thread at a time.
class OpenFileSource final : public vo::FitsSource {
 public:
  OpenFileSource(std::shared_ptr<OpenFile> file, std::stop_token stop)
      : file_(std::move(file)), stop_(std::move(stop)) {}

  std::uint64_t size() override { return file_->size(); }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override;
  std::optional<std::filesystem::path> whole_file() override;

 private:
  std::shared_ptr<OpenFile> file_;
  std::stop_token stop_;
  Extent whole_;                                     ///< keeps the descriptor behind whole_file() open
};

/// A complete object of the store.
class ObjectSource final : public vo::FitsSource {
 public:
  ObjectSource(const Store& store, ObjectId object, std::uint64_t size)
      : store_(store), object_(object), size_(size) {}

  std::uint64_t size() override { return size_; }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override;
  std::optional<std::filesystem::path> whole_file() override;

 private:
  Extent extent(vo::ByteRange range) const;

  const Store& store_;
  ObjectId object_;
  std::uint64_t size_;
  Extent whole_;
};

}  // namespace platefs::cache
