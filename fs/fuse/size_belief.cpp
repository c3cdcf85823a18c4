// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/size_belief.h"

namespace platefs::fs {

std::uint64_t SizeBelief::tell(std::uint64_t known) {
  const auto size = is_exact_for_all() ? *exact_ : known;
  if (!is_mixed_ && !told_) told_ = size;
  if (told_ != size) is_mixed_ = true;
  if (exact_ != size) is_invalidated_ = false;
  return size;
}

bool SizeBelief::is_shown(const OpenContent& content) const {
  if (exact_ != content.size() || is_file_ != (content.file != nullptr)) return false;
  return is_file_ || text_ == content.text || *text_ == *content.text;
}

SizeBelief::Way SizeBelief::open(const OpenContent& content, const std::function<void()>& invalidate) {
  if (users_ > 0 && !is_shown(content)) return Way::PastThePages;
  if (users_ == 0) {
    if (exact_ != content.size()) is_invalidated_ = false;
    exact_ = content.size();
    is_file_ = content.file != nullptr;
    text_ = content.text;
  }
  ++users_;
  if (is_settled()) return Way::ThroughPages;
  if (!is_invalidated_) {
    // From here on nothing is known of the kernel's size until a caller has looked up.
    told_.reset();
    is_mixed_ = true;
    invalidate();
    is_invalidated_ = true;
  }
  return Way::LookUpAgain;
}

SizeBelief::Way SizeBelief::open_again(bool has_looked_up) {
  if (has_looked_up) {
    told_ = exact_;
    is_mixed_ = false;
  }
  if (is_settled()) return Way::ThroughPages;
  close();
  return Way::PastThePages;
}

void SizeBelief::close() {
  if (users_ == 0 || --users_ > 0) return;
  text_.reset();
  has_pages_ = false;
}

bool SizeBelief::keeps_pages() {
  const bool keeps = is_file_ ? !has_pages_of_text_ : has_pages_;
  has_pages_of_text_ = !is_file_;
  has_pages_ = true;
  return keeps;
}

}  // namespace platefs::fs
