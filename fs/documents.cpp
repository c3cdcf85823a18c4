// SPDX-License-Identifier: BSD-3-Clause
#include "fs/documents.h"

#include <array>
#include <exception>
#include <utility>

#include "cache/guarded.h"
#include "fs/csv_text.h"
#include "fs/errors_text.h"
#include "fs/plate_json.h"
#include "fs/plates_table.h"
#include "fs/readme_text.h"
#include "fs/target_state.h"

namespace platefs::fs {
namespace {

using Text = std::shared_ptr<const std::string>;

Text shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

/// A table as text, and what it was made of: while that is the target's answer, the text is right.
struct MadeTable {
  std::string target;
  DocumentKind kind = DocumentKind::PlatesVot;
  std::weak_ptr<const TargetSnapshot> snapshot;
  Text text;
};

constexpr std::size_t kTablesKept = 16;

}  // namespace

struct Documents::Impl {
  cache::Library& library;
  Facts facts;
  Text readme;
  /// Every stat of a table needs its size, and a long one takes a while to make.
  struct Recent {
    std::array<MadeTable, kTablesKept> tables;
    std::size_t next = 0;
  };
  cache::Guarded<Recent> recent;

  Text known_table(const Node& node, const std::shared_ptr<const TargetSnapshot>& snapshot) const {
    const auto made = recent.lock();
    for (const auto& table : made->tables) {
      const bool is_same = table.kind == node.document && table.snapshot.lock() == snapshot &&
                           table.target == node.target->identity();
      if (is_same) return table.text;
    }
    return nullptr;
  }

  Text table(const Node& node) {
    const auto snapshot = node.target->known();
    if (!snapshot) return shared("");
    if (auto known = known_table(node, snapshot)) return known;
    const auto& target = node.target->target();
    const auto table =
        plates_table(*snapshot, target, facts.mountpoint + "/" + target.directory_name());
    auto text = shared(node.document == DocumentKind::PlatesCsv ? csv_text(table)
                                                                : vo::votable_text(table));
    auto made = recent.lock();
    made->tables[made->next] = {node.target->identity(), node.document, snapshot, text};
    made->next = (made->next + 1) % kTablesKept;
    return text;
  }

  std::string errors(const TargetState& state) const {
    const auto snapshot = state.known();
    const auto failure = state.failure();
    return errors_text({.target = &state.target(),
                        .snapshot = snapshot.get(),
                        .failure = failure ? &*failure : nullptr,
                        .files = library.failures()});
  }

  Text datalink(const Node& node) const {
    const auto links = library.known_links(node.plate->ref);
    return links ? Text{links, &links->served} : shared("");
  }

  Text make(const Node& node) {
    switch (node.document) {
      case DocumentKind::Readme: return readme;
      case DocumentKind::Status: return shared(facts.status());
      case DocumentKind::PlatesVot:
      case DocumentKind::PlatesCsv: return table(node);
      case DocumentKind::Errors: return shared(errors(*node.target));
      case DocumentKind::PlateJson:
        return shared(plate_json(*node.plate, node.target->target(), library));
      case DocumentKind::Datalink: return datalink(node);
    }
    return shared("");
  }
};

Documents::Documents(cache::Library& library, Facts facts)
    : impl_(new Impl{library, std::move(facts), nullptr, {}}) {
  impl_->readme = shared(readme_text(impl_->facts.mountpoint, impl_->facts.version));
}

Documents::~Documents() = default;

std::shared_ptr<const std::string> Documents::text(const Node& document) const {
  try {
    return impl_->make(document);
  } catch (const std::exception& problem) {
    return shared(std::string{"platefs can't make this text: "} + problem.what() + "\n");
  }
}

bool Documents::has_errors(const TargetState& target) const {
  return !impl_->errors(target).empty();
}

}  // namespace platefs::fs
