// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/votable/field_list.h"
#include "vo/votable/rows.h"

namespace platefs::vo {

/// Takes the rows of a table that is larger than what may be in memory, batch by batch, while it is read. May throw
/// Error, which ends the reading.
struct RowReceiver {
  virtual ~RowReceiver() = default;
  /// Before the first row; of a FITS table inside a VOTable the first time with the fields of the latter, which count.
  virtual void begin(const FieldList& fields) = 0;
  virtual void take(VotableRows rows) = 0;
};

}  // namespace platefs::vo
