// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/plate_inputs.h"

#include <fmt/core.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "cache/fetch/download.h"
#include "cache/files/file_kinds.h"
#include "cache/files/remote_fits.h"
#include "vo/base/wait_for.h"

namespace platefs::cache {
namespace {

constexpr auto kLongestCutoutJob = std::chrono::minutes(10);
constexpr std::uint64_t kLargestJobResult = 4ull << 30;

/// Receives a service's answer into an object that nobody sees yet. Outlives the file that is made when that is given
/// up.
class StagedAnswer final : public DownloadListener {
 public:
  using Told = vo::Completion<std::shared_ptr<Made>>;
  StagedAnswer(const ProductServices& services, std::string key, Told done)
      : writer_(services.writer), now_(services.now), key_(std::move(key)), done_(std::move(done)) {}

  ObjectId on_begin(Store& store, const BodyStart& start, const std::string& url) override {
    made_.facts.url = url;
    made_.facts.source = "soda";
    made_.facts.media_type = start.media_type;
    made_.facts.fetched_at = now_();
    made_.object = StagedObject{writer_, store, key_};
    return made_.object.id();
  }
  void on_stored(ObjectId, vo::ByteRange) override {}
  bool wants_hash() const override { return true; }
  void on_done(Store&, vo::Outcome<BodyWriter::Total> outcome) override {
    if (!outcome) {
      made_.object = {};
      return done_(outcome.error());
    }
    made_.facts.size = outcome.value().bytes;
    made_.facts.validators.content_hash = outcome.value().hash;
    done_(std::make_shared<Made>(std::move(made_)));
  }

 private:
  Writer& writer_;
  std::function<std::int64_t()> now_;
  std::string key_;
  Told done_;
  Made made_;
};

/// A plate's file, opened, and what the store knows of the version that it reads.
struct OpenedPlate {
  std::shared_ptr<OpenFile> file;
  ObjectInfo object;
};

/// The store may have evicted what an open file remembers: then a byte of it is read, which brings it back. Throws
/// Error{Changed} when the archive replaced the plate meanwhile.
OpenedPlate open_plate(Product& product, const Store& store, std::string_view key, const std::stop_token& stop) {
  constexpr int kMostTries = 3;  // a cache too small for the plate evicts it at once
  for (int tries = 1;; ++tries) {
    const auto open = [&](vo::Completion<std::shared_ptr<OpenFile>> done) {
      return product.open_exactly(std::move(done));
    };
    auto file = vo::wait_for<std::shared_ptr<OpenFile>>(open, stop);
    const auto object = store.object(key);
    if (object && object->version == file->version()) return {std::move(file), *object};
    if (object || tries == kMostTries) {
      throw vo::Error{vo::ErrorKind::Changed, "the archive replaced the plate meanwhile"};
    }
    vo::wait_for<Extent>([&](vo::Completion<Extent> done) { file->read({0, 1}, std::move(done)); }, stop);
  }
}

/// Anew from the next version when the archive replaces the plate meanwhile, a few times.
template <typename Make>
FileBytes made_of_one_version(const Make& make) {
  for (int tries_left = 3;; --tries_left) {
    try {
      return make();
    } catch (const vo::Error& error) {
      if (error.kind() != vo::ErrorKind::Changed || tries_left == 1) throw;
    }
  }
}

/// A file that was made here, by way of whoever has it open.
class OpenFileSource final : public vo::FitsSource {
 public:
  OpenFileSource(OpenFile& file, std::stop_token stop) : file_(file), stop_(std::move(stop)) {}

  std::uint64_t size() override { return file_.size(); }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override {
    std::size_t at = 0;
    for (const auto& range : ranges) {
      if (range.end > size()) throw vo::Error{vo::ErrorKind::Malformed, "the file ends before its header says"};
      const auto ask = [&](vo::Completion<Extent> done) { file_.read_exactly(range, std::move(done)); };
      copy_extent(vo::wait_for<Extent>(ask, stop_), out.subspan(at, range.size()));
      at += range.size();
    }
  }
  bool is_cancelled() const override { return stop_.stop_requested(); }

 private:
  OpenFile& file_;
  std::stop_token stop_;
};

}  // namespace

/// What tells where in a plate the wanted pixels are comes by one request, and they by many.
void CachedInputs::announce(const ProductId& file, const Product& product) const {
  if (is_made_here(file.kind) || product.facts().state != ProductState::Remote) return;
  try {
    services_.transport.expect_many(file_source(*order_.links, file).url);
  } catch (const vo::Error&) {  // NOLINT(bugprone-empty-catch): whoever opens it hears why it has no source
  }
}

FileBytes CachedInputs::from_file(const ProductId& file, const Use& use) {
  const auto product = services_.files.product(file);
  announce(file, *product);
  return made_of_one_version([&] {
    const auto opened = open_plate(*product, services_.store, file.key(), stop_);
    const auto url = product->facts().url;
    // Opening it may have brought other links than those that the order began with.
    const auto known = services_.files.known_links(file.plate);
    if (is_made_here(file.kind)) {
      OpenFileSource source{*opened.file, stop_};
      return use(source, url);
    }
    RemoteFitsSource source{{services_.store, services_.transport, services_.hosts, file.plate.table->service},
                            opened.file,
                            opened.object,
                            source_of_version(known ? *known : *order_.links, file, opened.object).url,
                            stop_};
    return use(source, url);
  });
}

PlateInputs::Answer CachedInputs::from_service(vo::http::Request request) {
  const auto ask = [&](StagedAnswer::Told done) -> std::function<void()> {
    const auto download = Download::start(services_.transport, services_.writer, std::move(request), Expected::Fits,
                                          std::make_shared<StagedAnswer>(services_, key_, std::move(done)));
    return [download] { download->cancel(); };
  };
  Answer answer{std::move(*vo::wait_for<std::shared_ptr<Made>>(ask, stop_)), nullptr};
  answer.source =
      std::make_unique<ObjectSource>(services_.store, answer.made.object.id(), answer.made.facts.size, stop_);
  return answer;
}

PlateInputs::Answer CachedInputs::from_wrapped(vo::http::Request request, const Unwrap& unwrap) {
  const auto url = request.url.for_display();
  const auto response = vo::fetch(services_.transport, std::move(request), stop_);
  if (response.head.status >= 400) throw vo::error_of_status(response.head, response.body);
  const auto file = unwrap(response.body);
  if (!file.starts_with("SIMPLE  =")) {
    throw vo::Error{vo::ErrorKind::Malformed, fmt::format("what {} answers holds no FITS file", url)};
  }
  const auto* const bytes = reinterpret_cast<const std::byte*>(file.data());
  Answer answer{{made_of(order_, url, "image/fits"), {bytes, bytes + file.size()}, {}}, nullptr};
  answer.made.facts.source = "soda";
  answer.source = std::make_unique<vo::MemoryFitsSource>(answer.made.bytes);
  return answer;
}

PlateInputs::Answer CachedInputs::from_job(const vo::JobQuestion& question) {
  std::optional<Answer> answer;
  vo::use_result_of_job(services_.transport, question, {.longest = kLongestCutoutJob}, stop_,
                        [&](const vo::Url& result) {
                          vo::http::Request request{.url = result};
                          request.go_past_caches();
                          request.on_behalf_of = question.on_behalf_of;
                          request.max_body = kLargestJobResult;
                          answer = from_service(std::move(request));
                        });
  return std::move(*answer);
}

}  // namespace platefs::cache
