// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/library.h"

namespace platefs::test {

/// A library that knows the links it is told and counts what is asked. Not for several threads.
class FakeLibrary : public cache::Library {
 public:
  std::shared_ptr<cache::LinksAnswer> links = std::make_shared<cache::LinksAnswer>();
  std::shared_ptr<cache::PlatesAnswer> plates;
  std::map<std::string, std::shared_ptr<cache::Product>> products;   ///< by key
  std::vector<cache::Failure> failed;
  std::vector<std::string> entered;
  std::map<std::string, std::optional<vo::IcrsPosition>> objects;    ///< by name
  int questions = 0;

  void plates_at(const vo::IcrsPosition&,
                 vo::Completion<std::shared_ptr<const cache::PlatesAnswer>> done) override {
    ++questions;
    if (!plates) return done(vo::Error{vo::ErrorKind::Refused, "the fake archive refuses"});
    done(std::shared_ptr<const cache::PlatesAnswer>{plates});
  }
  void links_of(const cache::PlateRef&,
                vo::Completion<std::shared_ptr<const cache::LinksAnswer>> done) override {
    ++questions;
    done(std::shared_ptr<const cache::LinksAnswer>{links});
  }
  std::shared_ptr<const cache::LinksAnswer> known_links(const cache::PlateRef&) override {
    return links;
  }
  std::shared_ptr<cache::Product> product(const cache::ProductId& id) override {
    return products[id.key()];
  }
  std::vector<cache::Failure> failures() const override { return failed; }
  void update_names(const std::string& group,
                    std::function<void(std::map<std::string, std::string>&)> change,
                    vo::Completion<std::map<std::string, std::string>> done) override {
    change(names_[group]);
    done(names_[group]);
  }
  void resolve(const std::string& object, vo::Completion<cache::ObjectAnswer> done) override {
    ++questions;
    done(cache::ObjectAnswer{objects[object]});
  }
  std::optional<cache::ObjectAnswer> known_object(const std::string& object) const override {
    const auto found = objects.find(object);
    if (found == objects.end()) return std::nullopt;
    return cache::ObjectAnswer{found->second};
  }
  std::vector<std::string> targets(TargetOrder) const override { return entered; }
  void remember_target(const std::string& name) override { entered.push_back(name); }
  cache::Store::Usage usage() const override { return {}; }

 private:
  std::map<std::string, std::map<std::string, std::string>> names_;
};

/// A plate of one row; `change` may fill in more.
template <typename Change>
cache::PlateRef plate_ref(const std::string& did, Change change) {
  auto table = std::make_shared<vo::PlateTable>();
  table->archive = "test";
  vo::Plate plate;
  plate.archive = "test";
  plate.obs_publisher_did = did;
  change(plate);
  table->plates.push_back(plate);
  return {table, 0};
}

inline cache::PlateRef plate_ref(const std::string& did) {
  return plate_ref(did, [](vo::Plate&) {});
}

}  // namespace platefs::test
