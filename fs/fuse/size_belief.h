// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cache/library.h"

namespace platefs::fs {

/// What an open file serves, the same from open to release: a text, or one version of a plate's file.
struct OpenContent {
  std::shared_ptr<const std::string> text;
  std::shared_ptr<cache::OpenFile> file;

  std::uint64_t size() const { return text ? text->size() : file->size(); }
};

/// What the kernel believes to be the size of one inode, as far as it can be known here, and what its pages
/// of that inode hold. Not thread-safe.
///
/// The kernel has one size for an inode, asks for it only when a program does, and serves a read below it
/// from pages that it fills up with zeros. It takes a size from every answer that carries attributes, but
/// drops the answer when the inode was invalidated after the question. So:
/// - an inode of which every answer told the same size has that size;
/// - else it is invalidated, once: answers to older questions are dropped, and all that come later carry the
///   exact size. Whoever opens is sent to look the name up again (ESTALE: the kernel does so by itself, once,
///   and opens again), and by that answer the size is right before open returns.
class SizeBelief {
 public:
  /// How a file is to be opened.
  enum class Way {
    ThroughPages,  ///< the kernel's size is exact and its pages are of this content; close() when released
    LookUpAgain,   ///< ESTALE; open_again() when the caller comes back, close() when it does not
    PastThePages,  ///< direct I/O: the kernel's size or pages are those of something else
  };

  /// The size to put in an answer with attributes, where `known` is what is known now: what is open is exact.
  std::uint64_t tell(std::uint64_t known);

  /// `invalidate` makes the kernel forget the attributes that it has or that are on their way.
  Way open(const OpenContent& content, const std::function<void()>& invalidate);
  /// The caller comes back; `has_looked_up`: it had an answer with attributes since it was sent away.
  Way open_again(bool has_looked_up);
  void close();
  /// May pages that the kernel holds be kept? For each opening through pages, once.
  bool keeps_pages();

 private:
  bool is_exact_for_all() const { return exact_ && (is_file_ || users_ > 0); }
  bool is_settled() const { return !is_mixed_ && told_ == exact_; }
  bool is_shown(const OpenContent& content) const;

  std::optional<std::uint64_t> told_;        ///< the one size that all answers carried
  bool is_mixed_ = false;                    ///< they carried several
  std::optional<std::uint64_t> exact_;       ///< of what is open, or of a plate's file that once was
  bool is_file_ = false;                     ///< its inode stands for one version: exact_ stays
  std::shared_ptr<const std::string> text_;  ///< that is open
  int users_ = 0;                            ///< openings through pages, and callers sent to look up
  bool is_invalidated_ = false;              ///< since a size other than exact_ was told
  bool has_pages_ = false;                   ///< the kernel may hold pages of what is open
  bool has_pages_of_text_ = false;           ///< or of a text that stood for the file
};

}  // namespace platefs::fs
