// SPDX-License-Identifier: BSD-3-Clause
#include "fs/documents.h"

#include <fmt/format.h>

#include <utility>

#include "fs/error_report.h"
#include "fs/plate_json.h"
#include "fs/plates_table.h"
#include "fs/readme.h"

namespace platefs::fs {

struct Documents::Impl {
  Impl(cache::Library& from, Facts about) : library(from), facts(std::move(about)) {}

  cache::Library& library;
  Facts facts;

  std::string directory(const TargetState& target) const {
    return fmt::format("{}/{}", facts.mountpoint, target.target().canonical_name());
  }
  std::string errors(const TargetState& target) const {
    const auto snapshot = target.known();
    return error_report(target.target(), snapshot.get(), target.failure(), library.failures(), facts.now());
  }
  vo::VotableDocument plates(const TargetState& target) const {
    const auto snapshot = target.known();
    return snapshot ? plates_table(*snapshot, directory(target)) : vo::VotableDocument{};
  }
  std::string served_links(const PlateEntry& plate) const {
    const auto links = library.known_links(plate.ref);
    return links ? links->served : std::string();
  }
  std::string made(const Node& document) const {
    switch (document.document) {
      case DocumentKind::Readme: return readme_text(facts.version, facts.mountpoint);
      case DocumentKind::Status: return facts.status();
      case DocumentKind::PlatesVot: return vo::votable_text(plates(*document.target));
      case DocumentKind::PlatesCsv: return csv_text(plates(*document.target));
      case DocumentKind::Errors: return errors(*document.target);
      case DocumentKind::PlateJson: return plate_json(library, document.target->target(), *document.plate);
      case DocumentKind::Datalink: return served_links(*document.plate);
    }
    return {};
  }
};

Documents::Documents(cache::Library& library, Facts facts)
    : impl_(std::make_unique<Impl>(library, std::move(facts))) {}
Documents::~Documents() = default;

std::shared_ptr<const std::string> Documents::text(const Node& document) const {
  try {
    return std::make_shared<const std::string>(impl_->made(document));
  } catch (const std::exception& problem) {
    return std::make_shared<const std::string>(fmt::format("This could not be made: {}\n", problem.what()));
  }
}

bool Documents::has_errors(const TargetState& target) const { return !impl_->errors(target).empty(); }

}  // namespace platefs::fs
