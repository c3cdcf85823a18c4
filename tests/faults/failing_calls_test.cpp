// SPDX-License-Identifier: BSD-3-Clause
// Each system call of the cache fails once, at each place in turn and in each way: what is served is right or is an
// error, and it is right when the fault is over.
#include "tests/faults/failing_calls.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>

#include "cache/files/cached_file.h"
#include "cache/files/file_kinds.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"
#include "tests/support/scratch_directory.h"

namespace platefs::test {
namespace {

constexpr std::size_t kPlates = 2;

/// Of no meaning for a whole file.
const vo::Cone kNowhere{vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48)),
                        vo::Angle::arcminutes(10)};

const std::string& plate_bytes(std::size_t plate) {
  static const auto all = [] {
    std::array<std::string, kPlates> made;
    for (std::size_t i = 0; i < kPlates; ++i) {
      made[i] = "SIMPLE  =                    T";
      while (made[i].size() < 150'000) made[i] += static_cast<char>('a' + (made[i].size() * (i + 3)) % 25);
    }
    return made;
  }();
  return all[plate];
}

vo::http::Response part_of(const vo::http::Request& request) {
  const auto& bytes = plate_bytes(static_cast<std::size_t>(request.url.text().back() - '0'));
  const auto range = request.range.value_or(vo::ByteRange{0, bytes.size()}).clipped_to(bytes.size());
  auto response = response_to(request, 206, bytes.substr(range.first, range.size()), "image/fits");
  response.head.headers.emplace_back("content-range",
                                     fmt::format("bytes {}-{}/{}", range.first, range.end - 1, bytes.size()));
  response.head.headers.emplace_back("etag", "\"one\"");
  return response;
}

class Links : public FakeLibrary {
 public:
  explicit Links(std::size_t plate) {
    vo::Link link;
    link.semantics = "#this";
    link.access_url = fmt::format("http://files.example/{}", plate);
    links->document.links.push_back(link);
    links->files.full = &links->document.links.front();
  }
  void links_of(const cache::PlateRef&, vo::Completion<std::shared_ptr<const cache::LinksAnswer>> done) override {
    done(std::shared_ptr<const cache::LinksAnswer>{links});
  }
};

/// One process that reads plates.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& directory)
      : store_({.directory = directory, .quota = 8u << 20, .now = [this] { return now_.load(); }}),
        writer_(store_, [](std::string_view) {}) {
    transport_.answer_with(part_of);
    for (std::size_t i = 0; i < kPlates; ++i) {
      links_[i] = std::make_unique<Links>(i);
      products_[i] = cache::make_file(
          cache::ProductServices{store_, writer_, transport_, *links_[i], hosts_, [this] { return now_.load(); },
                                 [](const cache::Failure&) {}, [](const cache::Failure&) {}},
          cache::ProductId{plate_ref(fmt::format("ivo://test/{}", i)), cache::ProductKind::Full, kNowhere, {}});
    }
  }
  ~Reader() {
    for (auto& product : products_) product->shut();
    settle();
  }

  /// The whole plate; nothing when platefs says that it can't be had. Fails the test when nobody answers.
  std::optional<std::string> read(std::size_t plate) {
    now_ += 60;  // an earlier failure is not remembered any more
    std::promise<vo::Outcome<std::shared_ptr<cache::OpenFile>>> opened;
    products_[plate]->open([&](auto file) { opened.set_value(std::move(file)); });
    auto file = awaited(opened.get_future());
    if (!file || !*file) return std::nullopt;
    std::string all;
    while (all.size() < file->value()->size()) {
      std::promise<std::optional<std::string>> part;
      file->value()->read({all.size(), all.size() + 70'000},
                          [&](vo::Outcome<cache::Extent> extent) { part.set_value(text_of(extent)); });
      const auto bytes = awaited(part.get_future());
      if (!bytes || !*bytes) return std::nullopt;
      all += **bytes;
    }
    return all;
  }
  void evict(std::size_t plate) {
    writer_.post([key = products_id(plate)](cache::Store& store) {
      try {
        if (const auto object = store.object(key)) store.evict(object->id);
      } catch (const vo::Error&) {  // then it is held still
      }
    });
    settle();
  }
  /// A commit may fail; the writer tries it again.
  void settle() {
    try {
      writer_.run([](cache::Store&) {});
    } catch (const vo::Error&) {
    }
  }

 private:
  static std::string products_id(std::size_t plate) {
    return cache::ProductId{plate_ref(fmt::format("ivo://test/{}", plate)), cache::ProductKind::Full, kNowhere, {}}
        .key();
  }
  static std::optional<std::string> text_of(vo::Outcome<cache::Extent>& extent) {
    if (!extent) return std::nullopt;
    try {
      std::string text(extent.value().size, '\0');
      cache::copy_extent(extent.value(), std::as_writable_bytes(std::span{text}));
      return text;
    } catch (const vo::Error&) {
      return std::nullopt;
    }
  }
  template <typename T>
  std::optional<T> awaited(std::future<T> answer) {
    for (int i = 0; i < 200; ++i) {
      if (answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready) return answer.get();
      settle();
    }
    ADD_FAILURE() << "somebody waits for ever";
    return std::nullopt;
  }

  std::atomic<std::int64_t> now_{1'000'000};
  HeldTransport transport_;
  cache::HostProfiles hosts_{4};
  cache::Store store_;
  cache::Writer writer_;
  std::array<std::unique_ptr<Links>, kPlates> links_;
  std::array<std::shared_ptr<cache::CachedFile>, kPlates> products_;
};

void expect_right(const std::optional<std::string>& bytes, std::size_t plate) {
  if (!bytes) return;
  EXPECT_TRUE(*bytes == plate_bytes(plate)) << "wrong bytes of plate " << plate;
}

/// What a mount does in its life. Whatever is read is right.
void live(const std::filesystem::path& directory) {
  try {
    Reader first(directory);
    expect_right(first.read(0), 0);
    first.settle();
    expect_right(first.read(1), 1);
    first.evict(0);
    expect_right(first.read(0), 0);
  } catch (const vo::Error&) {  // the cache could not be opened: that is told
  }
  try {
    Reader second(directory);
    expect_right(second.read(0), 0);
    expect_right(second.read(1), 1);
  } catch (const vo::Error&) {
  }
}

void fail_each_call_in_turn(const CallFailure& failure) {
  long calls = 0;
  {
    const ScratchDirectory scratch;
    const FailingCall none(scratch.path(), -1, {});
    live(scratch.path() / "cache");
    calls = none.counted();
  }
  ASSERT_GT(calls, 30);
  for (long which = 0; which < calls; ++which) {
    const ScratchDirectory scratch;
    std::string call;
    {
      const FailingCall fails(scratch.path(), which, failure);
      live(scratch.path() / "cache");
      call = fails.failed();
    }
    SCOPED_TRACE(fmt::format("{} of call {} ({})", failure.name, which, call));
    Reader afterwards(scratch.path() / "cache");
    for (std::size_t plate = 0; plate < kPlates; ++plate) {
      const auto bytes = afterwards.read(plate);
      EXPECT_TRUE(bytes) << "the fault is over";
      expect_right(bytes, plate);
    }
    if (testing::Test::HasFailure()) return;
  }
}

/// A disk would take most of the time for what fsync asks of it.
const bool kInMemory = std::filesystem::exists("/dev/shm") && ::setenv("TMPDIR", "/dev/shm", 0) == 0;

TEST(FailingCalls, WithEioCostTheCacheNotTheReader) { fail_each_call_in_turn({EIO, "EIO"}); }
TEST(FailingCalls, WithEnospcCostTheCacheNotTheReader) { fail_each_call_in_turn({ENOSPC, "ENOSPC"}); }
TEST(FailingCalls, WithEmfileCostTheCacheNotTheReader) { fail_each_call_in_turn({EMFILE, "EMFILE"}); }
TEST(FailingCalls, WithEnomemCostTheCacheNotTheReader) { fail_each_call_in_turn({ENOMEM, "ENOMEM"}); }
TEST(FailingCalls, WithEaccesCostTheCacheNotTheReader) { fail_each_call_in_turn({EACCES, "EACCES"}); }
TEST(FailingCalls, WithEintrCostTheCacheNotTheReader) { fail_each_call_in_turn({EINTR, "EINTR"}); }
TEST(FailingCalls, ThatWriteLessThanTheyAreGivenCostNothing) { fail_each_call_in_turn({0, "short write"}); }

}  // namespace
}  // namespace platefs::test
