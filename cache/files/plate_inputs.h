// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stop_token>
#include <string>

#include "cache/files/cached_file.h"
#include "cache/files/recipe.h"

namespace platefs::cache {

/// The inputs of a recipe: files by way of the cache, services by the transport. For one worker thread.
class CachedInputs final : public PlateInputs {
 public:
  /// `key`: of the file that is made; a service's answer is staged under it. All arguments outlive it.
  CachedInputs(const ProductServices& services, const std::string& key, const Order& order, std::stop_token stop)
      : services_(services), key_(key), order_(order), stop_(std::move(stop)) {}

  FileBytes from_file(const ProductId& file, const Use& use) override;
  Answer from_service(vo::http::Request request) override;
  Answer from_job(const vo::JobQuestion& question) override;
  Answer from_wrapped(vo::http::Request request, const Unwrap& unwrap) override;

 private:
  void announce(const ProductId& file, const Product& product) const;

  const ProductServices& services_;
  const std::string& key_;
  const Order& order_;
  std::stop_token stop_;
};

}  // namespace platefs::cache
