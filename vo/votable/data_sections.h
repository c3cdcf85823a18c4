// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platefs::vo {

/// A VOTable taken apart: the frame, which is the document without what its TABLEDATA and STREAM elements hold, and
/// where in the document that stands. The frame is small whatever the table; it is broken where the document is, as
/// far as the data is not.
class DataSections {
 public:
  struct Section {
    std::size_t begin = 0, end = 0;  ///< in the document
    std::size_t place = 0;           ///< in the frame: behind the start tag
  };

  /// Of a document in UTF-8 or another encoding in which ASCII is ASCII. One pass; keeps no reference to it.
  explicit DataSections(std::string_view document);

  const std::string& frame() const { return frame_; }
  std::string take_frame() { return std::move(frame_); }
  /// What the element holds whose name stands at that place of the frame; nothing: it is empty.
  std::optional<Section> of_element(std::size_t place) const;
  /// The place in the document of a place of the frame.
  std::size_t in_document(std::size_t place) const;

 private:
  std::string frame_;
  std::vector<Section> sections_;
};

}  // namespace platefs::vo
