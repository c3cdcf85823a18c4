// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cache/fetch/host_profiles.h"
#include "cache/files/product.h"
#include "cache/files/wait_watch.h"
#include "cache/store/replacements.h"
#include "cache/store/writer.h"
#include "vo/base/worker_pool.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// What files need of the application; outlives all of them.
struct ProductServices {
  Store& store;
  Writer& writer;
  vo::Transport& transport;
  PlateFiles& files;
  HostProfiles& hosts;
  std::function<std::int64_t()> now;                 ///< Unix seconds
  std::function<void(const Failure&)> report;        ///< for errors.txt
  std::function<void(const Failure&)> clear_report;  ///< whatever that failure's message and time
  WaitWatch* watch = nullptr;                        ///< of those who wait; none in some tests
  std::shared_ptr<Replacements> replacements = std::make_shared<Replacements>();
  vo::WorkerPool* pool = nullptr;  ///< for recipes; files that are only downloaded need none
  std::string program = {};        ///< "0.1.0": what made files say of who made them
};

}  // namespace platefs::cache
