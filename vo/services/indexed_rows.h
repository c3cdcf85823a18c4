// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "vo/base/url.h"
#include "vo/services/sky_region.h"
#include "vo/tables/column_mapping.h"
#include "vo/tables/table_index.h"
#include "vo/votable/row_receiver.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// Takes the rows of a table as they are read, gives them ObsCore's columns and their URLs in full, and puts them into
/// an index by the circle round their area: of s_region, else of s_ra, s_dec, s_fov.
class RowIndexer final : public RowReceiver {
 public:
  struct Table {
    std::string name;  ///< for messages
    Url url;           ///< relative URLs are relative to it
  };
  /// `after_batch` runs whenever some rows are done with, and may throw. All outlive it.
  RowIndexer(const ColumnMapping& mapping, Table table, TableIndexBuilder& builder, std::function<void()> after_batch);

  void begin(const FieldList& fields) override;
  void take(VotableRows rows) override;
  /// The table without its rows, as a document: `read` is what else was read of it.
  std::string frame(const Votable& read) const;

 private:
  void add(const VotableRows& rows, std::size_t row);
  std::optional<double> number(const VotableRows& rows, std::size_t row, int column) const;
  std::optional<SkyRegion::Bounds> place_of(const VotableRows& rows, std::size_t row) const;

  const ColumnMapping& mapping_;
  Table table_;
  TableIndexBuilder& builder_;
  std::function<void()> after_batch_;
  std::optional<MappedTable> mapped_;
  int access_url_ = -1, preview_ = -1, region_ = -1, ra_ = -1, dec_ = -1, field_ = -1;
  std::string row_, room_;
};

/// Appends the row that RowIndexer put into an index. Throws Error{Corrupt} where the bytes are none for `columns`.
void append_indexed_row(std::string_view bytes, std::size_t columns, VotableRows& rows);

}  // namespace platefs::vo
