// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fs/pages/attributes.h"
#include "fs/pages/documents.h"
#include "fs/tree/tree.h"
#include "tests/support/fake_library.h"

namespace platefs::test {

/// An answer of one archive with these plates, each with a row of its own under `fields`.
inline cache::ArchiveAnswer archive_answer(const std::string& archive, std::vector<vo::Plate> plates,
                                           std::vector<vo::VotableField> fields = {},
                                           std::vector<std::vector<vo::VotableValue>> rows = {}) {
  auto table = std::make_shared<vo::PlateTable>();
  table->archive = archive;
  table->table.has_table = true;
  table->table.fields = std::move(fields);
  table->table.rows = std::move(rows);
  for (std::size_t i = 0; i < plates.size(); ++i) {
    plates[i].archive = archive;
    plates[i].row = i;
  }
  table->plates = std::move(plates);
  return {archive, table, std::nullopt, 1'700'000'000};
}

inline vo::Plate dated_plate(const std::string& did, double t_min) {
  vo::Plate plate;
  plate.obs_publisher_did = did;
  plate.access_url = "http://archive.test/plate.fits";
  plate.t_min = t_min;
  return plate;
}

inline vo::VotableField column_named(const std::string& name, const std::string& datatype,
                                     const std::string& unit = {}) {
  vo::VotableField field;
  field.name = name;
  field.datatype = datatype;
  if (datatype == "char") field.arraysize = "*";
  field.unit = unit;
  return field;
}

/// The tree over a fake library whose archive has two plates, without a mount.
class MountedTree {
 public:
  MountedTree() {
    library.plates = std::make_shared<cache::PlatesAnswer>(
        cache::PlatesAnswer{vo::IcrsPosition::at(vo::Angle::degrees(156.011), vo::Angle::degrees(48.148)),
                            {archive_answer("gavo", {dated_plate("ivo://a/~?dasch/q/i00811", 11504.5),
                                                     dated_plate("ivo://a/~?dasch/q/b01941", 13000.0)})},
                            1'700'000'000});
    library.any_product = product;
    product->known.estimate = 5760;
    product->known.version = 1;
  }

  static fs::Documents::Facts facts() {
    fs::Documents::Facts facts;
    facts.mountpoint = "/mnt/plates";
    facts.version = "1.0";
    facts.status = facts.now = facts.config = facts.log = [] { return std::string{"{}\n"}; };
    return facts;
  }
  fs::Documents::Facts facts_with_log() {
    auto known = facts();
    known.log = [this] { return log_text; };
    return known;
  }
  static fs::Ownership ownership() {
    fs::Ownership owner;
    owner.uid = 1000;
    owner.gid = 100;
    owner.mounted_at = 1'600'000'000;
    return owner;
  }

  /// The node at `path`, prepared on the way as the kernel's lookups do; throws when it is not there.
  fs::Node at(const std::vector<std::string>& path) {
    auto node = fs::Tree::root();
    for (const auto& name : path) {
      node = child(node, name).value();
    }
    return node;
  }
  /// What the name means, after asking; nothing: there is no such name. Throws what was answered instead.
  fs::Tree::Child child(const fs::Node& directory, const std::string& name) {
    vo::Outcome<fs::Tree::Child> told{fs::Tree::Child{}};
    tree.find(directory, name, [&](vo::Outcome<fs::Tree::Child> found) { told = std::move(found); });
    return std::move(told).value();
  }
  /// It is known what the name means: nobody has to be asked.
  bool is_known(const fs::Node& directory, const std::string& name) {
    return std::holds_alternative<fs::Tree::Child>(tree.find(directory, name));
  }
  /// Why the directory can't be listed.
  std::optional<vo::Error> failure_to_list(const fs::Node& directory) {
    std::optional<vo::Error> failure;
    tree.list(directory, [&](const vo::Outcome<std::vector<fs::NamedNode>>& children) {
      if (!children) failure = children.error();
    });
    return failure;
  }
  /// Asks for what the directory has to know, whatever comes of it.
  void prepare(const fs::Node& directory) { static_cast<void>(failure_to_list(directory)); }
  std::vector<std::string> names_in(const fs::Node& directory) {
    std::vector<std::string> names;
    tree.list(directory, [&](const vo::Outcome<std::vector<fs::NamedNode>>& children) {
      for (const auto& child : children.value()) names.push_back(child.name);
    });
    return names;
  }

  FakeLibrary library;
  std::shared_ptr<FakeProduct> product = std::make_shared<FakeProduct>();
  std::vector<std::string> logged;
  std::string log_text = "{}\n";
  fs::Documents documents{library, facts_with_log()};
  fs::Tree tree{library, [this](const fs::TargetState& target) { return documents.has_errors(target); },
                vo::Angle::arcminutes(10), [this](std::string_view line) { logged.emplace_back(line); }};
  fs::AttributePolicy attributes{documents, ownership()};
};

}  // namespace platefs::test
