// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/answers/answers.h"
#include "cache/files/product.h"
#include "cache/store/staged_object.h"
#include "vo/fits/hdu/source.h"
#include "vo/http/message.h"
#include "vo/services/tap_job.h"

// Files that are made here from other files of the plate: each by a recipe, a plain function that blocks and throws.
// MadeOrigin runs it on a worker thread; a test calls it as it is. How one is added: see file_kinds.h.
namespace platefs::cache {

using FileBytes = std::vector<std::byte>;

/// What came of a recipe.
struct Made {
  ObjectFacts facts;    ///< size and content_hash are those of `bytes`, whatever stands here
  FileBytes bytes;      ///< the whole file
  StagedObject object;  ///< holds the whole file where `bytes` is empty; facts has its size and hash
};

/// What is to be made.
struct Order {
  ProductId id;
  std::shared_ptr<const LinksAnswer> links;
  std::int64_t now = 0;                                               ///< Unix seconds
  std::string program = {};                                           ///< "0.1.0": for headers
  std::function<void(std::uint64_t)> on_size = [](std::uint64_t) {};  ///< exact, told before it is made
};

/// The facts of what is made here of bytes from `url`.
inline ObjectFacts made_of(const Order& order, std::string url, std::string media_type) {
  return {.size = 0,
          .validators = {},
          .url = std::move(url),
          .source = "cutout",
          .media_type = std::move(media_type),
          .fetched_at = order.now};
}

/// What a recipe may read. Everything blocks and throws Error: Error{Cancelled} when nobody waits any more.
class PlateInputs {
 public:
  virtual ~PlateInputs() = default;

  /// `source` is the file, `url` where it came from, for people.
  using Use = std::function<FileBytes(vo::FitsSource& source, const std::string& url)>;
  /// What `use` makes of another file of the plate (`file`: the order's id with another kind), which is fetched or
  /// made as far as `use` reads it; anew from the next version when the archive replaces the file meanwhile.
  virtual FileBytes from_file(const ProductId& file, const Use& use) = 0;

  struct Answer {
    Made made;  ///< as it came
    std::unique_ptr<vo::FitsSource> source;
  };
  /// What a service answers, all of it.
  virtual Answer from_service(vo::http::Request request) = 0;
  /// The same of one that answers by a job: its result.
  virtual Answer from_job(const vo::JobQuestion& question) = 0;
  /// The FITS file that `unwrap` finds in what a service answers, which is kept in memory.
  using Unwrap = std::function<std::string(std::string_view answer)>;
  virtual Answer from_wrapped(vo::http::Request request, const Unwrap& unwrap) = 0;
};

using Recipe = std::function<Made(const Order&, PlateInputs&)>;

}  // namespace platefs::cache
