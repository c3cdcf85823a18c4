// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fcntl.h>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cache/library.h"

namespace platefs::test {

/// A file that is there as a whole, or fails, or is opened when the test says so.
class FakeProduct : public cache::Product {
 public:
  cache::ProductFacts known;
  std::string bytes;
  std::optional<vo::Error> failure;
  bool is_held = false;  ///< open() waits for finish()
  int withdrawn = 0;
  std::shared_ptr<int> cut_short = std::make_shared<int>(0);  ///< so many answers name a file that ends too early

  cache::ProductFacts facts() const override { return known; }
  cache::Withdraw open(vo::Completion<std::shared_ptr<cache::OpenFile>> done) override {
    waiting_.push_back(std::move(done));
    if (!is_held) finish();
    return [this] {
      ++withdrawn;
      for (auto& waiting : std::exchange(waiting_, {})) {
        waiting(vo::Error{vo::ErrorKind::Cancelled, "withdrawn"});
      }
    };
  }
  void finish() {
    for (auto& waiting : std::exchange(waiting_, {})) {
      if (failure) {
        waiting(*failure);
      } else {
        waiting(std::shared_ptr<cache::OpenFile>{std::make_shared<File>(bytes, known.version, cut_short)});
      }
    }
  }

 private:
  class File : public cache::OpenFile {
   public:
    File(std::string bytes, std::uint32_t version, std::shared_ptr<int> cut_short)
        : bytes_(std::move(bytes)), version_(version), cut_short_(std::move(cut_short)) {}
    std::uint64_t size() const override { return bytes_.size(); }
    std::uint32_t version() const override { return version_; }
    void read(vo::ByteRange range, vo::Completion<cache::Extent> done) override {
      cache::Extent extent;
      extent.size = range.size();
      if (*cut_short_ > 0) {
        --*cut_short_;
        static const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        extent.fd = nothing;
        return done(std::move(extent));
      }
      extent.memory = {std::as_bytes(std::span{bytes_}).subspan(range.first, range.size())};
      done(std::move(extent));
    }

   private:
    std::string bytes_;
    std::uint32_t version_;
    std::shared_ptr<int> cut_short_;
  };
  std::vector<vo::Completion<std::shared_ptr<cache::OpenFile>>> waiting_;
};

/// A library that knows the links it is told and counts what is asked. Not for several threads.
class FakeLibrary : public cache::Library {
 public:
  int renewals = 0;  ///< calls of links_anew
  cache::LinksDoubt latest_doubt;
  std::function<void()> renew;  ///< called by it
  std::shared_ptr<cache::LinksAnswer> links = std::make_shared<cache::LinksAnswer>();
  std::shared_ptr<cache::PlatesAnswer> plates;
  std::shared_ptr<cache::PlatesAnswer> time_series;
  bool knows_time_series = false;
  std::map<std::string, std::shared_ptr<cache::Product>> products;  ///< by key
  std::shared_ptr<cache::Product> any_product;                      ///< where there is none by key
  cache::StoreUsage used;
  std::vector<cache::Failure> failed;
  std::vector<std::string> entered;
  std::map<std::string, std::string> notes;                        ///< by what was entered
  std::map<std::string, std::optional<vo::IcrsPosition>> objects;  ///< by name
  int questions = 0;
  std::function<void()> before_links = {};  ///< what happens elsewhere while the links are asked for
  bool knows_links = true;                  ///< false: they have to be asked for
  std::optional<vo::Error> links_failure;
  vo::ErrorKind refusal = vo::ErrorKind::Refused;  ///< of plates_at() without plates

  void plates_at(const vo::IcrsPosition&, vo::Completion<std::shared_ptr<const cache::PlatesAnswer>> done) override {
    ++questions;
    if (!plates) return done(vo::Error{refusal, "the fake archive refuses"});
    done(std::shared_ptr<const cache::PlatesAnswer>{plates});
  }
  void time_series_at(const vo::IcrsPosition&,
                      vo::Completion<std::shared_ptr<const cache::PlatesAnswer>> done) override {
    ++questions;
    if (!time_series) return done(vo::Error{refusal, "the fake archive refuses"});
    done(std::shared_ptr<const cache::PlatesAnswer>{time_series});
  }
  bool knows_time_series_at(const vo::IcrsPosition&) override { return knows_time_series; }
  void query_plates_ahead(const std::vector<vo::IcrsPosition>&) override {}
  void links_of(const cache::PlateRef&, vo::Completion<std::shared_ptr<const cache::LinksAnswer>> done) override {
    ++questions;
    if (before_links) before_links();
    if (links_failure) return done(*links_failure);
    done(std::shared_ptr<const cache::LinksAnswer>{links});
  }
  void links_anew(const cache::PlateRef& plate, const cache::LinksDoubt& doubt,
                  vo::Completion<std::shared_ptr<const cache::LinksAnswer>> done) override {
    ++renewals;
    latest_doubt = doubt;
    if (renew) renew();
    links_of(plate, std::move(done));
  }
  std::shared_ptr<const cache::LinksAnswer> known_links(const cache::PlateRef&) override {
    return knows_links ? links : nullptr;
  }
  std::shared_ptr<cache::Product> product(const cache::ProductId& id) override {
    const auto& named = products[id.key()];
    return named ? named : any_product;
  }
  std::shared_ptr<cache::Product> album(const cache::AlbumId&) override { return any_product; }
  std::vector<cache::Failure> failures() const override { return failed; }
  void update_names(const std::string& group, std::function<void(std::map<std::string, std::string>&)> change,
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
  void remember_target(const std::string& name, const std::string& note = {}) override {
    entered.push_back(name);
    notes[name] = note;
  }
  std::string note_on_target(const std::string& name) const override {
    const auto found = notes.find(name);
    return found == notes.end() ? std::string() : found->second;
  }
  cache::StoreUsage usage() const override { return used; }

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
