// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/made_origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "cache/files/download_origin.h"
#include "cache/files/first_of.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"
#include "tests/support/scratch_directory.h"
#include "vo/base/wait_for.h"

namespace platefs::cache {
namespace {

using testing::HasSubstr;
using vo::Error;
using vo::ErrorKind;

const vo::Cone kRegion{vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48)),
                       vo::Angle::arcminutes(10)};

class MadeOriginTest : public testing::Test {
 protected:
  MadeOriginTest() {
    picture_.access_url = "http://files.example/preview.jpg";
    plate_file_.access_url = "http://files.example/plate.fits";
    library_.links->files.preview = &picture_;
    library_.links->files.full = &plate_file_;
  }
  ~MadeOriginTest() override {
    transport_.close();
    pool_.stop();
    writer_.stop();
  }

  ProductServices services() {
    return {.store = store_,
            .writer = writer_,
            .transport = transport_,
            .files = library_,
            .hosts = hosts_,
            .now = [this] { return now_.load(); },
            .report = [this](const Failure& failure) { reported_.push_back(failure.message); },
            .clear_report = [](const Failure&) {},
            .pool = &pool_};
  }
  std::shared_ptr<CachedFile> file_by(const CachedFile::MakeOrigin& origin, ProductKind kind = ProductKind::Cutout) {
    return std::make_shared<CachedFile>(services(), ProductId{plate_, kind, kRegion, {}}, origin);
  }
  std::shared_ptr<CachedFile> made_by(Recipe recipe) {
    return file_by([recipe = std::move(recipe)](CachedFile& file) {
      return std::make_unique<MadeOrigin>(file, MadeOrigin::How{"making it", recipe});
    });
  }
  /// The archive's preview, else what `recipe` makes; `fallback` is what is decided when the archive's fails.
  std::shared_ptr<CachedFile> served_or_made(Recipe recipe, FirstOf::Fallback fallback) {
    const auto served = [](CachedFile& file, Failed failed) {
      return std::make_unique<DownloadOrigin>(file, std::move(failed));
    };
    const auto made = [recipe = std::move(recipe)](CachedFile& file, Failed failed) {
      return std::make_unique<MadeOrigin>(file, MadeOrigin::How{"making it", recipe}, std::move(failed));
    };
    return file_by(
        [=](CachedFile& file) {
          return std::make_unique<FirstOf>(file, served, made, [=](const Error&) { return fallback; });
        },
        ProductKind::Preview);
  }

  static std::future<vo::Outcome<std::shared_ptr<OpenFile>>> open(CachedFile& file) {
    auto promise = std::make_shared<std::promise<vo::Outcome<std::shared_ptr<OpenFile>>>>();
    auto answer = promise->get_future();
    file.open([promise](vo::Outcome<std::shared_ptr<OpenFile>> opened) { promise->set_value(std::move(opened)); });
    return answer;
  }
  static Error failure_of(CachedFile& file) {
    const auto opened = open(file).get();
    return opened ? Error{ErrorKind::LocalIo, "it opened"} : opened.error();
  }
  static std::string text_of(CachedFile& file) {
    const auto opened = open(file).get().value();
    const auto extent = vo::wait_for<Extent>([&](vo::Completion<Extent> done) {
      opened->read({0, opened->size()}, std::move(done));
    });
    std::string text(extent.size, '\0');
    copy_extent(extent, std::as_writable_bytes(std::span{text}));
    return text;
  }
  static Made made_of_text(const Order& order, std::string_view text) {
    const auto bytes = std::as_bytes(std::span{text});
    return {made_of(order, "http://files.example/plate.fits", "image/fits"), {bytes.begin(), bytes.end()}, {}};
  }

  test::ScratchDirectory scratch_;
  std::atomic<std::int64_t> now_{1'000'000};
  Store store_{StoreOptions{.directory = scratch_.path() / "cache", .now = [this] { return now_.load(); }}};
  Writer writer_{store_, [](std::string_view) {}};
  test::HeldTransport transport_;
  test::FakeLibrary library_;
  HostProfiles hosts_{4};
  vo::WorkerPool pool_{1};
  vo::Link picture_, plate_file_;
  PlateRef plate_ = test::plate_ref("ivo://test/plate?1");
  std::vector<std::string> reported_;
};

TEST_F(MadeOriginTest, WhatTheRecipeMakesIsTheFile) {
  const auto file = made_by([](const Order& order, PlateInputs&) {
    order.on_size(6);
    return made_of_text(order, "pixels");
  });
  EXPECT_EQ(text_of(*file), "pixels");
  EXPECT_EQ(file->facts().state, ProductState::Cached);
  EXPECT_EQ(file->facts().source, "cutout");
  EXPECT_EQ(file->facts().size, 6u);
}

TEST_F(MadeOriginTest, AFileThatIsEvictedAfterEachOpeningIsMadeEachTime) {
  std::atomic<int> times = 0;
  const auto file = made_by([&](const Order& order, PlateInputs&) {
    ++times;
    return made_of_text(order, "pixels");
  });
  for (int round = 1; round <= 5; ++round) {
    EXPECT_EQ(text_of(*file), "pixels");
    EXPECT_EQ(times, round);
    writer_.run([&](Store& store) { store.evict(store.object(file->key())->id); });
  }
}

TEST_F(MadeOriginTest, ItIsMadeOnceForAllWhoWait) {
  std::promise<void> go;
  std::atomic<int> times = 0;
  const auto file = made_by([&, ready = go.get_future().share()](const Order& order, PlateInputs&) {
    ++times;
    ready.wait();
    return made_of_text(order, "pixels");
  });
  auto first = open(*file), second = open(*file);
  go.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  EXPECT_EQ(times, 1);
}

TEST_F(MadeOriginTest, WhatTheRecipeThrowsIsToldAndRememberedForAWhile) {
  std::atomic<int> times = 0;
  const auto file = made_by([&](const Order&, PlateInputs&) -> Made {
    ++times;
    throw Error{ErrorKind::Rejected, "off the plate"};
  });
  EXPECT_EQ(failure_of(*file).message(), "making it: off the plate");
  EXPECT_EQ(failure_of(*file).kind(), ErrorKind::Rejected);
  EXPECT_EQ(times, 1);
  EXPECT_THAT(reported_, testing::ElementsAre(HasSubstr("off the plate")));
  now_ += 60;
  failure_of(*file);
  EXPECT_EQ(times, 2);
}

TEST_F(MadeOriginTest, ARecipeEndsWhenTheLastWaiterLeaves) {
  std::promise<ErrorKind> ended;
  const auto file = made_by([&](const Order&, PlateInputs& inputs) -> Made {
    try {
      return std::move(inputs.from_service({.url = vo::Url::parse("http://soda.example/cut")}).made);
    } catch (const Error& error) {
      ended.set_value(error.kind());
      throw;
    }
  });
  const auto withdraw = file->open([](const vo::Outcome<std::shared_ptr<OpenFile>>&) {});
  ASSERT_TRUE(transport_.wait_for_requests(1));
  withdraw();
  EXPECT_EQ(ended.get_future().get(), ErrorKind::Cancelled);
  EXPECT_TRUE(transport_.is_cancelled(0));
}

TEST_F(MadeOriginTest, WhoeverComesWhileItIsGivenUpHasItMade) {
  std::promise<void> stopped, go;
  std::atomic<int> times = 0;
  const auto file = made_by([&, ready = go.get_future().share()](const Order& order, PlateInputs& inputs) -> Made {
    if (++times == 2) return made_of_text(order, "pixels");
    try {
      return std::move(inputs.from_service({.url = vo::Url::parse("http://soda.example/cut")}).made);
    } catch (const Error&) {
      stopped.set_value();
      ready.wait();
      throw;
    }
  });
  const auto withdraw = file->open([](const vo::Outcome<std::shared_ptr<OpenFile>>&) {});
  ASSERT_TRUE(transport_.wait_for_requests(1));
  withdraw();
  stopped.get_future().wait();
  auto late = open(*file);
  go.set_value();
  EXPECT_TRUE(late.get());
  EXPECT_EQ(times, 2);
}

TEST_F(MadeOriginTest, WhoeverWaitsIsToldWhenThePoolEndsFirst) {
  pool_.post([](const std::stop_token& stop) {
    std::promise<void> asked_to_stop;
    const std::stop_callback call{stop, [&] { asked_to_stop.set_value(); }};
    asked_to_stop.get_future().wait();
  });
  const auto file = made_by([](const Order& order, PlateInputs&) { return made_of_text(order, "pixels"); });
  auto waiting = open(*file);
  pool_.stop();
  EXPECT_EQ(waiting.get().error().kind(), ErrorKind::Cancelled);
  EXPECT_EQ(failure_of(*file).kind(), ErrorKind::Cancelled) << "later as well";
}

TEST_F(MadeOriginTest, AFaultOfTheLinksServiceIsTold) {
  library_.links_failure = Error{ErrorKind::TimedOut, "silent"};
  const auto file = made_by([](const Order& order, PlateInputs&) { return made_of_text(order, "pixels"); });
  EXPECT_EQ(failure_of(*file).kind(), ErrorKind::TimedOut);
}

TEST_F(MadeOriginTest, AFileCanBeMadeOfOneThatIsMadeByTheOnlyWorker) {
  const auto first = made_by([](const Order& order, PlateInputs&) { return made_of_text(order, "pixels"); });
  library_.products[first->id().key()] = first;
  const auto second = file_by(
      [](CachedFile& file) {
        const auto recipe = [](const Order& order, PlateInputs& inputs) -> Made {
          auto cutout = order.id;
          cutout.kind = ProductKind::Cutout;
          const auto bytes = inputs.from_file(cutout, [](vo::FitsSource& source, const std::string&) {
            FileBytes all(source.size());
            vo::read_range(source, {0, source.size()}, all);
            return all;
          });
          return made_of_text(order, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) + "!");
        };
        return std::make_unique<MadeOrigin>(file, MadeOrigin::How{"making it", recipe, ProductKind::Cutout});
      },
      ProductKind::Preview);
  EXPECT_EQ(text_of(*second), "pixels!");
}

TEST_F(MadeOriginTest, ThePreviewOfTheArchiveIsServedWithoutMakingOne) {
  transport_.answer_with([](const vo::http::Request& request) {
    return test::response_to(request, 200, "\xff\xd8\xff picture", "image/jpeg");
  });
  const auto file = served_or_made([](const Order&, PlateInputs&) -> Made { throw std::logic_error("not wanted"); },
                                   FirstOf::Fallback::AfterRefusal);
  EXPECT_EQ(text_of(*file), "\xff\xd8\xff picture");
  EXPECT_EQ(file->facts().source, "download");
}

TEST_F(MadeOriginTest, OneIsMadeWhereTheArchivesIsMissing) {
  transport_.answer_with([](const vo::http::Request& request) { return test::response_to(request, 404, "none"); });
  const auto file = served_or_made([](const Order& order, PlateInputs&) { return made_of_text(order, "made"); },
                                   FirstOf::Fallback::AfterRefusal);
  EXPECT_EQ(text_of(*file), "made");
  EXPECT_THAT(reported_, testing::IsEmpty());
}

TEST_F(MadeOriginTest, BothFailuresAreToldWithTheKindOfTheFirst) {
  transport_.answer_with([](const vo::http::Request& request) { return test::response_to(request, 404, "none"); });
  const auto file = served_or_made(
      [](const Order&, PlateInputs&) -> Made {
        throw Error{ErrorKind::TimedOut, "the plate is silent"};
      },
      FirstOf::Fallback::AfterRefusal);
  const auto failure = failure_of(*file);
  EXPECT_EQ(failure.kind(), ErrorKind::NotFound);
  EXPECT_THAT(failure.message(), HasSubstr("404"));
  EXPECT_THAT(failure.message(), HasSubstr("; making it: the plate is silent"));
}

TEST_F(MadeOriginTest, WhereThereIsNoFirstWayTheSecondsFailureIsToldAlone) {
  library_.links->files.preview = nullptr;
  const auto file = served_or_made(
      [](const Order&, PlateInputs&) -> Made {
        throw Error{ErrorKind::TimedOut, "silent"};
      },
      FirstOf::Fallback::InItsPlace);
  EXPECT_EQ(failure_of(*file).message(), "making it: silent");
  EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(MadeOriginTest, WithoutAnotherWayTheFirstsFailureIsTheFiles) {
  transport_.answer_with([](const vo::http::Request& request) { return test::response_to(request, 404, "none"); });
  const auto file = served_or_made([](const Order& order, PlateInputs&) { return made_of_text(order, "made"); },
                                   FirstOf::Fallback::None);
  EXPECT_EQ(failure_of(*file).kind(), ErrorKind::NotFound);
}

}  // namespace
}  // namespace platefs::cache
