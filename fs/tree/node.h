// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cache/library.h"
#include "fs/tree/selection.h"
#include "vo/base/sky_mark.h"

namespace platefs::fs {

class TargetState;
struct PlateEntry;

/// What an inode is. Directories first.
enum class NodeKind {
  Root,
  Control,     ///< .platefs/
  Target,      ///< 156.011+48.148/
  Cutouts,     ///< cutouts/
  Previews,    ///< previews/
  Stamps,      ///< stamps/
  Aligned,     ///< aligned/
  Unsolved,    ///< unsolved/
  TimeSeries,  ///< timeseries/
  Plate,       ///< 1890-05-17_i00811/
  Links,       ///< links/ of a plate
  Grouped,     ///< by-collection/, by-decade/
  Group,       ///< by-decade/1890s/
  Document,    ///< text made here, see DocumentKind
  File,        ///< a plate's bytes, see cache::Product
  Symlink,     ///< to a plate
};

enum class DocumentKind {
  Readme,
  TargetsPage,  // of the root
  Status,
  Now,
  Config,
  Log,
  Targets,  // of .platefs/
  PlatesVot,
  PlatesCsv,
  PlatesFits,
  Gallery,
  Region,
  Citation,
  Sequence,  // there when the user gave one
  Errors,    // of a target
  PlateJson,
  Datalink,  // of a plate
  Unsolved,  // of one in unsolved/
};

/// One thing in the tree. Immutable; shared by the kernel's inode and whoever works on it.
struct Node {
  NodeKind kind = NodeKind::Root;
  /// What it is, for ever: hashed into the inode number. Two names of one file have one identity.
  std::string identity;
  std::shared_ptr<TargetState> target;  ///< of all but Root, Control and their documents; in TimeSeries its own
  std::shared_ptr<const PlateEntry>
      plate;  ///< of Plate, Links, their documents, and a File but for albums and catalogue.csv
  DocumentKind document = DocumentKind::Readme;
  cache::ProductKind product_kind = cache::ProductKind::Full;
  Grouping grouping = Grouping::ByCollection;  ///< of Grouped and Group
  std::string link;     ///< of a File in links/: its name there; of a Group: its own; of a Symlink: where it leads
  std::string variant;  ///< of a File: ProductId::variant
  std::shared_ptr<const vo::SkyMarks> marks;  ///< of a File: ProductId::marks
  std::shared_ptr<cache::Product> product;    ///< of a File
  std::uint32_t version = 0;                  ///< of a File or Document: what this inode stands for

  bool is_directory() const { return kind < NodeKind::Document; }
};

}  // namespace platefs::fs
