// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/library.h"
#include "fs/pages/citation.h"
#include "fs/tree/node.h"
#include "fs/tree/sequences.h"

namespace platefs::fs {

/// The text files of the tree, made when somebody looks at them. Thread-safe; asks nobody.
class Documents {
 public:
  struct Facts {
    std::string mountpoint = {};  ///< absolute: tables name files by it; empty: from where the table itself is
    std::string version;
    std::function<std::string()> status = {};         ///< .platefs/status.json
    std::function<std::string()> now = {};            ///< .platefs/now.txt: what is under way, for whom
    std::function<std::string()> config = {};         ///< .platefs/config.toml: what is in effect, no secrets
    std::function<std::string()> log = {};            ///< .platefs/log.txt: the latest lines
    std::vector<Credit> credits = {};                 ///< how the archives want to be cited
    bool has_placeholders = false;                    ///< see placeholder()
    std::shared_ptr<const Sequences> sequences = {};  ///< comparison stars that the user gave; null: none
  };
  /// `library` outlives the documents.
  Documents(cache::Library& library, Facts facts);
  ~Documents();
  Documents(const Documents&) = delete;
  Documents& operator=(const Documents&) = delete;

  /// The whole text of a Document node. Never throws: what can't be made says so.
  std::shared_ptr<const std::string> text(const Node& document) const;
  /// What is opened in place of an image that can't be had, for `why`: vo/fits/aligned/blank_frame.h. Null: nothing,
  /// since placeholders are not asked for, or `file` is no FITS file that is made of the target's surroundings.
  std::shared_ptr<const std::string> placeholder(const Node& file, const std::string& why) const;
  /// The same of a file that failed lately; null of another.
  std::shared_ptr<const std::string> placeholder(const Node& file, const cache::ProductFacts& facts) const;
  /// Bytes of the text, which is made only where its size is not remembered.
  std::size_t size(const Node& document) const;
  /// What is remembered of a target for the root's page.
  std::string note_on_target(const TargetSnapshot& snapshot) const;
  /// Is there anything to tell in the target's errors.txt?
  bool has_errors(const TargetState& target) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platefs::fs
