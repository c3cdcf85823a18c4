// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cache/library.h"
#include "fs/tree/node.h"

namespace platefs::fs {

// Names that the tree has whatever the archives say.

struct NamedDocument {
  std::string_view name;
  DocumentKind kind;
};

/// What `.platefs` holds.
std::span<const NamedDocument> control_documents();
/// What is made of a target's answer; errors.txt, which comes and goes, is apart.
std::span<const NamedDocument> target_documents();

std::optional<DocumentKind> document_named(std::span<const NamedDocument> documents, std::string_view name);

/// What every plate has, whatever its links say.
inline constexpr std::array kFilesOfAPlate{cache::ProductKind::Cutout, cache::ProductKind::Full,
                                           cache::ProductKind::Preview, cache::ProductKind::Chart};
/// A plate's file in its directory; for a link the directory that it is in.
std::string_view file_name_of(cache::ProductKind kind);

/// A folder of a target that holds one file of every plate, by the plate's name with a suffix.
struct PlatesFolder {
  std::string_view name;  ///< "cutouts"
  NodeKind kind;
  cache::ProductKind product;
  std::string_view suffix;  ///< ".fits"
};
std::span<const PlatesFolder> plates_folders();
const PlatesFolder* plates_folder_named(std::string_view name);  ///< null: there is none
const PlatesFolder* plates_folder_of(NodeKind kind);             ///< the same

/// A file of a target that shows the stamps of all plates.
struct NamedAlbum {
  std::string_view name;  ///< "blink.gif"
  cache::AlbumId::Kind kind;
};
std::span<const NamedAlbum> albums();

/// Comparison stars: those that the user gave, and where there are none the stars of a catalogue.
inline constexpr std::string_view kSequence = "sequence.csv";
inline constexpr std::string_view kCatalogue = "catalogue.csv";

/// A folder of a target that any name leads to, and that is listed once it is known to hold something: light curves
/// under the names of their rows, and tables of these.
inline constexpr std::string_view kTimeSeries = "timeseries";
std::span<const NamedDocument> time_series_documents();
/// "1890-05-17_i00811.vot": the ending is that of the form that the archive's table states.
std::string time_series_name(const std::string& name, const vo::Plate& row);

/// A folder of a target that is there when an archive told of such plates: a text on each of them.
inline constexpr std::string_view kUnsolved = "unsolved";
inline constexpr std::string_view kUnsolvedSuffix = ".txt";

}  // namespace platefs::fs
