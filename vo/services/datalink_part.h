// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace platefs::vo {

/// A DataLink document for several IDs, from which that of each is taken: the same document without the
/// rows of others and without the service descriptors that only those name (DataLink 1.1 section 4: one
/// per row). Only a RESOURCE of utype "adhoc:service" is ever left out, and only when nothing in it is
/// this ID's; everything else stays as served. Reads the document once, changes nothing in it, and keeps
/// its own copy. One thread at a time.
class DatalinkParts {
 public:
  /// Never throws for what the document says: one that is no XML, whose table is not TABLEDATA (the form
  /// that DataLink obliges services to offer), that has absurdly many elements or nests them absurdly
  /// deep has no parts.
  explicit DatalinkParts(std::string_view document);
  ~DatalinkParts();
  DatalinkParts(const DatalinkParts&) = delete;
  DatalinkParts& operator=(const DatalinkParts&) = delete;

  /// Nothing when no row is about `id`.
  std::optional<std::string> of(std::string_view id) const;

 private:
  struct Document;
  std::unique_ptr<const Document> document_;  ///< null: no parts
};

}  // namespace platefs::vo
