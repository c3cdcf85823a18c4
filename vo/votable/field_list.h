// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace platefs::vo {

/// A FIELD or a PARAM (VOTable 1.4, sections 4.1 and 4.2); absent attributes are empty.
struct VotableField {
  std::string id, name, datatype, arraysize, unit, ucd, utype, xtype, ref, description;
  std::optional<std::string> null;   ///< VALUES@null
  std::string value;                 ///< PARAM@value; empty for a FIELD
  std::string min, max;              ///< VALUES/MIN@value, VALUES/MAX@value
  std::vector<std::string> options;  ///< VALUES/OPTION@value

  bool operator==(const VotableField&) const = default;
};

/// The FIELDs of a table, in order. They are the same in every answer of a service and take more memory than some
/// twenty rows, so lists that are equal share one (up to a few hundred different ones at a time).
/// Never changes: a changed copy makes a new list. Copies are cheap. Thread-safe.
class FieldList {
 public:
  FieldList() = default;
  FieldList(std::vector<VotableField> fields);                                                             // NOLINT
  FieldList(std::initializer_list<VotableField> fields) : FieldList(std::vector<VotableField>{fields}) {}  // NOLINT

  const std::vector<VotableField>& all() const { return *fields_; }
  operator const std::vector<VotableField>&() const { return *fields_; }  // NOLINT: reads as a vector does
  auto begin() const { return fields_->begin(); }
  auto end() const { return fields_->end(); }
  std::size_t size() const { return fields_->size(); }
  const VotableField& operator[](std::size_t i) const { return (*fields_)[i]; }

  /// Bytes of memory: this list's part of what it shares with others now.
  std::uint64_t bytes() const;

 private:
  std::shared_ptr<const std::vector<VotableField>> fields_ = std::make_shared<const std::vector<VotableField>>();
};

}  // namespace platefs::vo
