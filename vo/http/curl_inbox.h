// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "vo/http/curl_options.h"
#include "vo/http/transport.h"

namespace platefs::vo {

class CurlMulti;
using TransferId = std::uint64_t;  ///< grows with time

struct StartCommand {
  TransferId id;
  http::Request request;
  std::shared_ptr<TransferHandler> handler;
};
struct CancelCommand {
  TransferId id;
};
struct ResumeCommand {
  TransferId id;
};
struct ExpectCommand {
  std::string origin;
};
struct DescribeCommand {
  std::promise<TransportStatus> answer;
};
using CurlCommand = std::variant<StartCommand, CancelCommand, ResumeCommand, ExpectCommand, DescribeCommand>;

/// What other threads want of the transfer thread, in order. Thread-safe; wakes the transfer
/// thread.
class CurlInbox {
 public:
  explicit CurlInbox(CurlMulti& multi) : multi_(&multi) {}

  TransferId new_id() { return next_id_.fetch_add(1); }
  /// False, and the command is as it was, when the transfer thread ends: nobody would obey it.
  bool post(CurlCommand& command);
  std::vector<CurlCommand> take();

  void stop();  ///< asks the transfer thread to end; what was posted until now is still obeyed
  bool is_stopping() const;
  void close();  ///< the multi handle goes away now

 private:
  mutable std::mutex mutex_;
  CurlMulti* multi_;  // null when closed
  std::vector<CurlCommand> commands_;
  bool stopping_ = false;
  std::atomic<TransferId> next_id_{1};
};

}  // namespace platefs::vo
