// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/catalogue_file.h"

#include <span>
#include <utility>

namespace platefs::cache {

namespace {

constexpr std::uint64_t kTypicalTable = 4096;

}  // namespace

class CatalogueFile::Opened final : public OpenFile {
 public:
  Opened(StarQueries::Table content, std::uint32_t version) : content_(std::move(content)), version_(version) {}

  std::uint64_t size() const override { return content_->size(); }
  std::uint32_t version() const override { return version_; }
  void read(vo::ByteRange range, vo::Completion<Extent> done) override {
    const auto clipped = range.clipped_to(size());
    Extent extent;
    extent.size = clipped.size();
    const auto bytes = std::as_bytes(std::span{*content_});
    if (clipped.size() > 0) extent.memory = {bytes.subspan(clipped.first, clipped.size())};
    extent.keep = content_;
    done(std::move(extent));
  }

 private:
  StarQueries::Table content_;
  std::uint32_t version_;
};

ProductFacts CatalogueFile::facts() const {
  ProductFacts facts;
  facts.source = "download";
  facts.media_type = "text/csv";
  facts.estimate = kTypicalTable;
  const auto known = queries_.known(cone_);
  const auto state = state_.lock();
  facts.version = state->version;
  if (state->failure && !known) {
    facts.error = state->failure->message();
    facts.state = ProductState::Failed;
  }
  if (!known) return facts;
  facts.state = ProductState::Cached;
  facts.held_bytes = known->size();
  if (!state->content || *state->content == *known) facts.size = facts.held_bytes;
  return facts;
}

std::shared_ptr<OpenFile> CatalogueFile::opened(const vo::Outcome<StarQueries::Table>& told) {
  const auto state = state_.lock();
  if (!told) {
    if (told.error().kind() != vo::ErrorKind::Cancelled) state->failure = told.error();
    throw told.error();
  }
  // The first one is what the file was said to be before it was had: its inode stays.
  if (state->content && *state->content != *told.value()) ++state->version;
  state->content = told.value();
  state->failure.reset();
  return std::make_shared<Opened>(state->content, state->version);
}

Withdraw CatalogueFile::open(vo::Completion<std::shared_ptr<OpenFile>> done) {
  using Waiting = vo::Guarded<vo::Completion<std::shared_ptr<OpenFile>>>;
  const auto waiting = std::make_shared<Waiting>(std::move(done));
  const auto taken = [waiting] {
    vo::Completion<std::shared_ptr<OpenFile>> held;
    std::swap(held, *waiting->lock());
    return held;
  };
  queries_.ask(cone_, [me = shared_from_this(), taken](const vo::Outcome<StarQueries::Table>& told) {
    auto answer = taken();
    if (!answer) return;
    try {
      answer(me->opened(told));
    } catch (const vo::Error& error) {
      answer(error);
    }
  });
  return [taken] {
    if (auto answer = taken()) answer(vo::Error{vo::ErrorKind::Cancelled, "nobody waits for it any more"});
  };
}

}  // namespace platefs::cache
