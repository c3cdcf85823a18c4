// SPDX-License-Identifier: BSD-3-Clause
#include "fs/documents.h"

#include <exception>
#include <list>
#include <utility>

#include "cache/guarded.h"
#include "fs/csv_text.h"
#include "fs/errors_text.h"
#include "fs/gallery_page.h"
#include "fs/plate_json.h"
#include "fs/plates_table.h"
#include "fs/readme_text.h"
#include "fs/region_text.h"
#include "fs/target_state.h"
#include "vo/fits_table.h"

namespace platefs::fs {
namespace {

using Text = std::shared_ptr<const std::string>;

Text shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

/// A text and what it was made of: while that is the target's answer, the text is right.
struct MadeText {
  std::string directory;
  DocumentKind kind = DocumentKind::PlatesVot;
  std::weak_ptr<const TargetSnapshot> snapshot;
  Text text;
};

/// Every stat needs the size of such a text, and a long one takes a while to make. The latest ones are
/// kept, up to kMostBytes of them. Thread-safe.
class RecentTexts {
 public:
  Text find(const std::string& directory, DocumentKind kind,
            const std::shared_ptr<const TargetSnapshot>& snapshot) const {
    const auto texts = texts_.lock();
    for (const auto& made : *texts) {
      const bool is_same =
          made.kind == kind && made.directory == directory && made.snapshot.lock() == snapshot;
      if (is_same) return made.text;
    }
    return nullptr;
  }

  void keep(MadeText made) {
    auto texts = texts_.lock();
    std::erase_if(*texts, [&](const MadeText& old) {
      return old.snapshot.expired() || (old.kind == made.kind && old.directory == made.directory);
    });
    texts->push_front(std::move(made));
    std::size_t bytes = 0;
    for (auto at = texts->begin(); at != texts->end(); ++at) {
      bytes += at->text->size();
      if (bytes > kMostBytes && at != texts->begin()) return void(texts->erase(at, texts->end()));
    }
  }

 private:
  static constexpr std::size_t kMostBytes = 64u << 20;
  cache::Guarded<std::list<MadeText>> texts_;
};

/// A document depends on what was answered, not on when it is read.
std::int64_t asked_at(const TargetState& target) {
  const auto snapshot = target.known();
  return snapshot ? snapshot->answer->answered_at : 0;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace

struct Documents::Impl {
  cache::Library& library;
  Facts facts;
  Text readme;
  RecentTexts recent;

  Impl(cache::Library& library, Facts facts) : library(library), facts(std::move(facts)) {}

  std::string made_of(const TargetSnapshot& snapshot, const Target& target, DocumentKind kind) const {
    if (kind == DocumentKind::Gallery) return gallery_page(snapshot, target, facts.version);
    if (kind == DocumentKind::Citation) return citation_text(snapshot, target, facts.credits);
    const auto table = plates_table(snapshot, target, facts.mountpoint + "/" + target.directory_name());
    if (kind == DocumentKind::PlatesCsv) return csv_text(table);
    return kind == DocumentKind::PlatesFits ? vo::fits_table(table) : vo::votable_text(table);
  }

  Text of_target(const Node& node) {
    const auto snapshot = node.target->known();
    if (!snapshot) return shared("");
    const auto& target = node.target->target();
    const auto directory = target.directory_name();
    if (auto known = recent.find(directory, node.document, snapshot)) return known;
    auto text = shared(made_of(*snapshot, target, node.document));
    recent.keep({directory, node.document, snapshot, text});
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
      case DocumentKind::Config: return shared(facts.config());
      case DocumentKind::Log: return shared(facts.log());
      case DocumentKind::Targets:
        return shared(joined(library.targets(cache::Library::TargetOrder::LatestFirst)));
      case DocumentKind::Region: return shared(region_text(node.target->target()));
      case DocumentKind::PlatesVot:
      case DocumentKind::PlatesCsv:
      case DocumentKind::PlatesFits:
      case DocumentKind::Gallery:
      case DocumentKind::Citation: return of_target(node);
      case DocumentKind::Errors: return shared(errors(*node.target));
      case DocumentKind::PlateJson:
        return shared(plate_json(*node.plate, node.target->target(), library, asked_at(*node.target)));
      case DocumentKind::Datalink: return datalink(node);
    }
    return shared("");
  }
};

Documents::Documents(cache::Library& library, Facts facts)
    : impl_(std::make_unique<Impl>(library, std::move(facts))) {
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
