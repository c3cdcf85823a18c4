// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "vo/base/guarded.h"
#include "vo/base/worker_pool.h"
#include "vo/http/transport.h"

namespace platefs::vo {

/// Answers requests for file: URLs as a web server would (whole files and single ranges, ETag and Last-Modified by size
/// and time), and hands all others on. A file is read only on behalf of a local table of the user's, when it is a
/// regular file in the folder of that table or below, whatever named it: a document from elsewhere that a row leads to
/// gets nowhere else. Thread-safe; never blocks: files are read on threads of its own.
class LocalFiles final : public Transport {
 public:
  explicit LocalFiles(Transport& others);  ///< outlives it
  ~LocalFiles() override;
  LocalFiles(const LocalFiles&) = delete;
  LocalFiles& operator=(const LocalFiles&) = delete;

  TransferTicket start(http::Request request, std::shared_ptr<TransferHandler> handler) override;
  void expect_many(const Url& url) override;
  /// Ends what is under way in on_end(Error{Cancelled}); what is started afterwards does so at once.
  void stop();

 private:
  class Reading;

  Transport& others_;
  std::shared_ptr<WorkerPool> pool_;
  struct State {
    bool is_stopped = false;
    std::vector<std::weak_ptr<Reading>> readings;
  };
  Guarded<State> state_;
};

}  // namespace platefs::vo
