// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/media_type.h"

namespace platefs::fs {

std::string_view media_type_of(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::PlatesVot:
    case DocumentKind::Datalink:
      return "application/x-votable+xml";
    case DocumentKind::PlatesCsv:
    case DocumentKind::Sequence:
      return "text/csv";
    case DocumentKind::PlatesFits:
      return "application/fits";
    case DocumentKind::Gallery:
    case DocumentKind::TargetsPage:
      return "text/html";
    case DocumentKind::Citation:
      return "text/x-bibtex";
    case DocumentKind::Config:
      return "application/toml";
    case DocumentKind::PlateJson:
    case DocumentKind::Status:
      return "application/json";
    case DocumentKind::Readme:
    case DocumentKind::Log:
    case DocumentKind::Now:
    case DocumentKind::Targets:
    case DocumentKind::Region:
    case DocumentKind::Errors:
    case DocumentKind::Unsolved:
      return "text/plain";
  }
  return "";
}

std::string_view media_type_of(const cache::ProductFacts& facts, cache::ProductKind kind) {
  if (!facts.media_type.empty()) return facts.media_type;
  if (kind == cache::ProductKind::Preview || kind == cache::ProductKind::Stamp) return "image/jpeg";
  if (kind == cache::ProductKind::Chart) return "image/png";
  if (kind == cache::ProductKind::TimeSeries) return "application/x-votable+xml";
  return kind == cache::ProductKind::Link ? "application/octet-stream" : "image/fits";
}

}  // namespace platefs::fs
