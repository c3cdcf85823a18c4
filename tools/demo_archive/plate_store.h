// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tools/demo_archive/content.h"
#include "tools/demo_archive/plate.h"

namespace platefs::demo {

enum class FileRole { Full, Reduced, Preview };

/// The plates and their files. Those of the demo lie in `state`/plates-VERSION, made when they are
/// missing there and kept for the next start; plates in memory are drawn when asked for, the last
/// ones are kept. Thread-safe after construction.
class PlateStore {
 public:
  /// Makes the files that are missing: some seconds at the first start. Throws vo::Error{LocalIo}
  /// when they can't be written.
  PlateStore(const std::filesystem::path& state, std::vector<Plate> plates);

  const std::vector<Plate>& plates() const { return plates_; }
  /// Null when there is none.
  const Plate* with_did(std::string_view publisher_did) const;
  /// The plate that has a file of this name in a collection's folder, and which of its files it is.
  struct Named {
    const Plate* plate = nullptr;
    FileRole role = FileRole::Full;
  };
  Named with_file(std::string_view folder, std::string_view name) const;

  /// Null when the plate has no such file.
  ContentPointer content(const Plate& plate, FileRole role) const;
  /// Bytes of the file; an estimate for plates that are not drawn yet.
  std::uint64_t size_of(const Plate& plate, FileRole role) const;

 private:
  struct Drawn {
    std::string id;
    ContentPointer full, reduced, preview;
  };

  void make_missing() const;
  void make(const Plate& plate) const;
  std::filesystem::path path_of(const Plate& plate, FileRole role) const;
  Drawn drawn(const Plate& plate) const;

  std::vector<Plate> plates_;
  std::map<std::string, const Plate*, std::less<>> by_did_;
  std::map<std::string, Named, std::less<>> by_file_;
  std::filesystem::path directory_;
  mutable std::mutex mutex_;
  mutable std::list<Drawn> recently_drawn_;  ///< guarded by mutex_; latest in front
};

std::string name_of(const Plate& plate, FileRole role);

}  // namespace platefs::demo
