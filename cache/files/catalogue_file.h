// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cache/answers/star_queries.h"
#include "cache/files/product.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// catalogue.csv: stars of a catalogue around a target, asked for when it is opened. Thread-safe.
class CatalogueFile final : public Product, public std::enable_shared_from_this<CatalogueFile> {
 public:
  /// `queries` outlives it.
  CatalogueFile(StarQueries& queries, const vo::Cone& cone) : queries_(queries), cone_(cone) {}

  ProductFacts facts() const override;
  Withdraw open(vo::Completion<std::shared_ptr<OpenFile>> done) override;

 private:
  class Opened;
  struct State {
    StarQueries::Table content;
    std::uint32_t version = 1;  ///< counts up when the bytes are others
    std::optional<vo::Error> failure;
  };
  std::shared_ptr<OpenFile> opened(const vo::Outcome<StarQueries::Table>& told);

  StarQueries& queries_;
  vo::Cone cone_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
