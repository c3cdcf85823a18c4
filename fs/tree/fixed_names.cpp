// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/fixed_names.h"

#include <algorithm>
#include <array>

namespace platefs::fs {

std::span<const NamedDocument> control_documents() {
  static constexpr std::array<NamedDocument, 4> kDocuments{{{"config.toml", DocumentKind::Config},
                                                            {"log.txt", DocumentKind::Log},
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
    case cache::ProductKind::Link:
      break;
  }
  return "links/";
}

}  // namespace platefs::fs
