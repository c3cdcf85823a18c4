// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_inbox.h"

#include <utility>

#include "vo/http/curl_handle.h"

namespace platefs::vo {

// The multi handle is woken under the lock, or it might be gone by then; waking doesn't block.

bool CurlInbox::post(CurlCommand& command) {
  const std::lock_guard lock(mutex_);
  if (multi_ == nullptr || stopping_) return false;
  commands_.push_back(std::move(command));
  multi_->wake_up();
  return true;
}

std::vector<CurlCommand> CurlInbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(commands_, {});
}

void CurlInbox::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  if (multi_ != nullptr) multi_->wake_up();
}

bool CurlInbox::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void CurlInbox::close() {
  const std::lock_guard lock(mutex_);
  multi_ = nullptr;
}

}  // namespace platefs::vo
