// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "cache/files/cached_file.h"
#include "cache/files/file_kinds.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"
#include "tests/support/model_server.h"

/// What one process of the model test has of the cache that it shares with others.
namespace platefs::test::model {

namespace stdfs = std::filesystem;
using namespace cache;  // NOLINT: of tests

constexpr std::size_t kOpenFiles = 4;          // that a store may have open
constexpr std::uint64_t kQuota = 1400 * 1024;  // the index takes a part of it

inline cache::ProductId product_id(std::size_t file) {
  // The place is of no meaning for a whole file.
  const vo::Cone nowhere{vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48)),
                         vo::Angle::arcminutes(10)};
  return {plate_ref(fmt::format("ivo://test/{}", file)), cache::ProductKind::Full, nowhere, {}};
}

/// Knows where one file is.
class Links : public FakeLibrary {
 public:
  explicit Links(const std::string& url) {
    vo::Link link;
    link.semantics = "#this";
    link.access_url = url;
    link.content_type = "image/fits";
    links->document.links.push_back(link);
    links->files.full = &links->document.links.front();
  }
  void links_of(const PlateRef&, vo::Completion<std::shared_ptr<const LinksAnswer>> done) override {
    done(std::shared_ptr<const LinksAnswer>{links});
  }
};

/// What one process has of the cache.
class Process {
 public:
  Process(stdfs::path directory, HeldTransport& transport, const std::int64_t& now)
      : store({.directory = std::move(directory),
               .quota = kQuota,
               .now = [&now] { return now; },
               .warn = [](std::string_view) {},
               .open_files = kOpenFiles}),
        writer(store, [](std::string_view) {}) {
    for (std::size_t file = 0; file < kFiles; ++file) {
      libraries[file] = std::make_unique<Links>(Server::url(file));
      products[file] = make_file(ProductServices{store, writer, transport, *libraries[file], hosts,
                                                 [&now] { return now; }, [](const Failure&) {}, [](const Failure&) {}},
                                 product_id(file));
      failed_at[file] = INT64_MIN / 2;
    }
  }
  void settle() {
    writer.run([](Store&) {});
  }
  /// Until what was posted so far is done; commits nothing.
  void let_work() {
    auto done = std::make_shared<std::promise<void>>();
    auto end = done->get_future();
    writer.post([done](Store&) { done->set_value(); });
    end.get();
  }

  struct Handle {
    std::size_t file;
    std::shared_ptr<OpenFile> open;
    std::vector<const Version*> could_be;  ///< the versions whose bytes it has shown
    int troubles;                          ///< of the server when it was opened
  };

  Store store;
  HostProfiles hosts{4};
  std::array<std::unique_ptr<Links>, kFiles> libraries;
  Writer writer;  ///< behind what its last jobs use
  std::array<std::shared_ptr<CachedFile>, kFiles> products;
  std::array<std::int64_t, kFiles> failed_at{};
  std::vector<Handle> handles;

  ~Process() {
    handles.clear();
    for (auto& product : products) product->shut();
    settle();
    for (auto& product : products) product.reset();
  }
};

}  // namespace platefs::test::model
