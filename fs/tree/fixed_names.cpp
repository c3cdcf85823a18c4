// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/fixed_names.h"

#include <algorithm>
#include <array>

namespace platefs::fs {

std::span<const NamedDocument> control_documents() {
  static constexpr std::array<NamedDocument, 5> kDocuments{{{"config.toml", DocumentKind::Config},
                                                            {"log.txt", DocumentKind::Log},
                                                            {"now.txt", DocumentKind::Now},
                                                            {"status.json", DocumentKind::Status},
                                                            {"targets.txt", DocumentKind::Targets}}};
  return kDocuments;
}

std::span<const NamedDocument> target_documents() {
  static constexpr std::array<NamedDocument, 6> kDocuments{{{"CITATION.bib", DocumentKind::Citation},
                                                            {"index.html", DocumentKind::Gallery},
                                                            {"plates.csv", DocumentKind::PlatesCsv},
                                                            {"plates.fits", DocumentKind::PlatesFits},
                                                            {"plates.vot", DocumentKind::PlatesVot},
                                                            {"target.reg", DocumentKind::Region}}};
  return kDocuments;
}

std::span<const NamedDocument> time_series_documents() {
  static constexpr std::array<NamedDocument, 3> kDocuments{{{"timeseries.csv", DocumentKind::PlatesCsv},
                                                            {"timeseries.fits", DocumentKind::PlatesFits},
                                                            {"timeseries.vot", DocumentKind::PlatesVot}}};
  return kDocuments;
}

std::string time_series_name(const std::string& name, const vo::Plate& row) {
  const auto type = vo::normalized_media_type(row.access_format);
  if (row.is_fits()) return name + ".fits";
  return name + (type.starts_with("text/csv") ? ".csv" : ".vot");
}

std::optional<DocumentKind> document_named(std::span<const NamedDocument> documents, std::string_view name) {
  const auto found = std::ranges::find(documents, name, &NamedDocument::name);
  return found == documents.end() ? std::nullopt : std::optional{found->kind};
}

std::string_view file_name_of(cache::ProductKind kind) {
  switch (kind) {
    case cache::ProductKind::Cutout:
      return "cutout.fits";
    case cache::ProductKind::Full:
      return "full.fits";
    case cache::ProductKind::Preview:
      return "preview.jpg";
    case cache::ProductKind::Chart:
      return "chart.png";
    case cache::ProductKind::Stamp:
      return "stamp.jpg";
    case cache::ProductKind::Aligned:
      return "aligned.fits";
    case cache::ProductKind::TimeSeries:
      return "timeseries.vot";
    case cache::ProductKind::Link:
      break;
  }
  return "links/";
}

std::span<const PlatesFolder> plates_folders() {
  static constexpr std::array<PlatesFolder, 4> kFolders{
      {{"aligned", NodeKind::Aligned, cache::ProductKind::Aligned, ".fits"},
       {"cutouts", NodeKind::Cutouts, cache::ProductKind::Cutout, ".fits"},
       {"previews", NodeKind::Previews, cache::ProductKind::Preview, ".jpg"},
       {"stamps", NodeKind::Stamps, cache::ProductKind::Stamp, ".jpg"}}};
  return kFolders;
}

const PlatesFolder* plates_folder_named(std::string_view name) {
  const auto found = std::ranges::find(plates_folders(), name, &PlatesFolder::name);
  return found == plates_folders().end() ? nullptr : &*found;
}

const PlatesFolder* plates_folder_of(NodeKind kind) {
  const auto found = std::ranges::find(plates_folders(), kind, &PlatesFolder::kind);
  return found == plates_folders().end() ? nullptr : &*found;
}

std::span<const NamedAlbum> albums() {
  static constexpr std::array<NamedAlbum, 2> kAlbums{
      {{"blink.gif", cache::AlbumId::Kind::Animation}, {"contact.jpg", cache::AlbumId::Kind::Sheet}}};
  return kAlbums;
}

}  // namespace platefs::fs
