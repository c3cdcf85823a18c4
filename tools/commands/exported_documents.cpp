// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/exported_documents.h"

#include <optional>
#include <utility>

#include "fs/pages/documents.h"
#include "fs/tree/tree.h"
#include "tools/cli/version.h"
#include "vo/base/wait_for.h"

namespace platefs::tools {
namespace {

class DocumentWalk {
 public:
  DocumentWalk(cache::Library& library, const fs::Tree& tree, const fs::Documents& documents, Export& files)
      : library_(library), tree_(tree), documents_(documents), files_(files) {}

  void target(const std::string& name) const {
    const auto node = vo::wait_for<fs::Tree::Child>(
        [&](vo::Completion<fs::Tree::Child> done) { tree_.find(fs::Tree::root(), name, std::move(done)); });
    if (!node) return;
    using Children = std::vector<fs::NamedNode>;
    write_all(vo::wait_for<Children>([&](vo::Completion<Children> done) { tree_.list(*node, std::move(done)); }), name);
  }

 private:
  void write_all(const std::vector<fs::NamedNode>& children, const std::string& folder) const {
    for (const auto& [name, child] : children) {
      const auto path = folder + "/" + name;
      if (child.kind == fs::NodeKind::Plate) write_all(tree_.children(child), path);
      if (child.kind == fs::NodeKind::Document && is_known(child)) files_.write(path, *documents_.text(child));
    }
  }
  bool is_known(const fs::Node& document) const {
    return document.document != fs::DocumentKind::Datalink || library_.known_links(document.plate->ref) != nullptr;
  }

  cache::Library& library_;
  const fs::Tree& tree_;
  const fs::Documents& documents_;
  Export& files_;
};

}  // namespace

void write_documents(cache::Library& library, std::vector<fs::Credit> credits, const std::vector<std::string>& targets,
                     Export& files) {
  const fs::Documents documents{library, {.version = std::string{version()}, .credits = std::move(credits)}};
  const fs::Tree tree{library, [&](const fs::TargetState& target) { return documents.has_errors(target); },
                      vo::Angle::arcminutes(10), [](std::string_view) {}};
  const DocumentWalk walk{library, tree, documents, files};
  for (const auto& target : targets) walk.target(target);
}

}  // namespace platefs::tools
