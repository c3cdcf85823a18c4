// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "cache/files/cached_file.h"
#include "cache/files/file_kinds.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"

namespace platefs::cache {

using test::FakeLibrary;
using test::HeldTransport;
using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kSize = 300'000;  // 36 granules and a bit

inline std::string plate_bytes(char seed = 'a', std::uint64_t size = kSize) {
  std::string bytes = "SIMPLE  =                    T";
  bytes.reserve(size);
  while (bytes.size() < size) bytes += static_cast<char>(seed + bytes.size() % 23);
  return bytes;
}

/// A store in a directory of its own, with the product under test in it.
class DownloadOriginTest : public testing::Test {
 protected:
  DownloadOriginTest() {
    link_.semantics = "#this";
    link_.access_url = "http://files.example/plate.fits";
    link_.content_type = "image/fits";
    library_.links->document.links.push_back(link_);
    library_.links->files.full = &library_.links->document.links.front();
    make_product();
  }
  ~DownloadOriginTest() override {
    transport_.close();
    product_.reset();
    writer_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void make_product() { product_ = make_file(services(), ProductId{plate_, ProductKind::Full, region_, {}}); }

  ProductServices services() {
    return {*store_,
            *writer_,
            transport_,
            library_,
            hosts_,
            [this] { return now_.load(); },
            [this](const Failure& failure) { reported_.push_back(failure.message); },
            [](const Failure&) {}};
  }

  std::future<std::shared_ptr<OpenFile>> open() {
    auto promise = std::make_shared<std::promise<std::shared_ptr<OpenFile>>>();
    withdraw_ = product_->open([promise](vo::Outcome<std::shared_ptr<OpenFile>> file) {
      if (file) {
        promise->set_value(std::move(file).value());
      } else {
        promise->set_exception(std::make_exception_ptr(file.error()));
      }
    });
    return promise->get_future();
  }

  std::future<std::string> read(OpenFile& file, vo::ByteRange range) {
    auto promise = std::make_shared<std::promise<std::string>>();
    file.read(range, [promise](vo::Outcome<Extent> extent) {
      if (!extent) return promise->set_exception(std::make_exception_ptr(extent.error()));
      std::string bytes(extent.value().size, '\0');
      copy_extent(extent.value(), std::as_writable_bytes(std::span{bytes}));
      promise->set_value(bytes);
    });
    return promise->get_future();
  }

  void head_of_whole(std::size_t request, const std::string& etag = "\"one\"") {
    transport_.head(request, 206,
                    {{"content-range", "bytes 0-299999/300000"},
                     {"content-length", "300000"},
                     {"etag", etag},
                     {"content-type", "image/fits"}});
  }

  void head_of(std::size_t request, vo::ByteRange range, const std::string& etag = "\"one\"") {
    transport_.head(request, 206,
                    {{"content-range", fmt::format("bytes {}-{}/{}", range.first, range.end - 1, kSize)},
                     {"etag", etag},
                     {"content-type", "image/fits"}});
  }

  /// What a server that takes ranges answers to `request`.
  static vo::http::Response part_of(const std::string& bytes, const vo::http::Request& request,
                                    const std::string& etag) {
    const auto range = request.range.value().clipped_to(bytes.size());
    auto response = test::response_to(request, 206, bytes.substr(range.first, range.size()), "image/fits");
    response.head.headers.emplace_back("content-range",
                                       fmt::format("bytes {}-{}/{}", range.first, range.end - 1, bytes.size()));
    response.head.headers.emplace_back("etag", etag);
    return response;
  }
  void serve(std::size_t request, const std::string& bytes, const std::string& etag = "\"one\"") {
    const auto response = part_of(bytes, transport_.requests().at(request), etag);
    transport_.head(request, response.head);
    transport_.body(request, response.body);
    transport_.end(request);
    settle();
  }
  void serve_all(const std::string& bytes) {
    transport_.answer_with([&bytes](const vo::http::Request& request) { return part_of(bytes, request, "\"one\""); });
  }

  void settle() {
    writer_->run([](Store&) {});
  }

  static ErrorKind kind_of(std::future<std::shared_ptr<OpenFile>> file) {
    try {
      file.get();
    } catch (const Error& error) {
      return error.kind();
    }
    ADD_FAILURE() << "it opened";
    return ErrorKind::LocalIo;
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() /
      ("platefs-" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  std::atomic<std::int64_t> now_{1'000'000};
  std::unique_ptr<Store> store_ = std::make_unique<Store>(
      StoreOptions{.directory = directory_, .quota = 64u << 20, .now = [this] { return now_.load(); }});
  std::unique_ptr<Writer> writer_ = std::make_unique<Writer>(*store_, [](std::string_view) {});
  HeldTransport transport_;
  FakeLibrary library_;
  HostProfiles hosts_{4};
  vo::Link link_;
  PlateRef plate_ = test::plate_ref("ivo://test/plate?1");
  vo::Cone region_{vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48)), vo::Angle::arcminutes(10)};
  std::vector<std::string> reported_;
  Withdraw withdraw_;
  std::shared_ptr<CachedFile> product_;
};

}  // namespace platefs::cache
