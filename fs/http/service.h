// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>

#include "cache/library.h"
#include "fs/http/access.h"
#include "fs/http/client_watch.h"
#include "fs/http/http_server.h"
#include "fs/http/recent_nodes.h"
#include "fs/pages/attributes.h"
#include "fs/tree/plate_prefetch.h"
#include "fs/tree/tree.h"

namespace platefs::fs {

/// All that requests work on. Thread-safe.
struct HttpService {
  HttpService(ServeOptions given, cache::Library& library, const Documents& documents);

  ServeOptions options;
  cache::Library& library;
  const Documents& documents;
  Tree tree;
  AttributePolicy attributes;
  PlatePrefetch prefetch;
  Access access;
  ClientWatch clients;
  RecentNodes recent;
  std::atomic<std::size_t> files_sent{0};  ///< descriptors of the cache's files that responses own
};

}  // namespace platefs::fs
