// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/demo_archive/http.h"
#include "tools/demo_archive/obscore_table.h"

namespace platefs::demo {

/// The links service of one collection (DataLink 1.1), for any number of IDs. Thread-safe.
class DatalinkService {
 public:
  DatalinkService(const PlateStore& store, Addresses addresses)  ///< `store` outlives the service
      : store_(store), addresses_(std::move(addresses)) {}

  Answer answer(const Request& request, std::string_view folder) const;

 private:
  const PlateStore& store_;
  Addresses addresses_;
};

}  // namespace platefs::demo
