// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/made_origin.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <utility>

#include "cache/files/file_kinds.h"
#include "cache/files/plate_inputs.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

MadeOrigin::MadeOrigin(CachedFile& file, How how, Failed failed)
    : file_(file),
      how_(std::move(how)),
      failed_(failed ? std::move(failed)
                     : [&file](const Error& error, ByteRange missing) { file.failed(error, missing); }) {}

void MadeOrigin::update(const Demand& demand, Tasks& tasks) {
  if (demand.change == Demand::Change::Less) {
    if (!demand.is_nothing()) return;
    // Whoever waited was served, or went: what is evicted after that was not made in vain.
    was_made_ = false;
    in_vain_ = 0;
    if (!is_under_way_) return;
    return tasks.push_back([giving_up = giving_up_, withdraw = withdraw_]() mutable {
      giving_up.request_stop();
      withdraw();
    });
  }
  if (is_under_way_) return;
  // It was made. Whoever waits all the same could not be served from what the cache kept of it: once more, and
  // then no more. A disk that takes nothing leaves memory alone, which holds no large file.
  if (std::exchange(was_made_, false)) in_vain_ = demand.is_nothing() ? 0 : in_vain_ + 1;
  if (demand.is_nothing()) return;
  if (in_vain_ > 1) {
    in_vain_ = 0;
    return tasks.push_back([me = self()] {
      me->failed_({ErrorKind::NoSpace,
                   fmt::format("{} was made, and neither the cache's disk nor memory keeps it", me->file_.name())},
                  kWholeFile);
    });
  }
  is_under_way_ = true;
  giving_up_ = {};
  withdraw_ = [] {};
  tasks.push_back([me = self(), giving_up = giving_up_] { me->start(giving_up); });
}

/// The links first: a job that waited for them on a worker would wait for another job of the same few threads, and
/// enough such files for ever.
void MadeOrigin::start(const std::stop_source& giving_up) {
  const auto go_on = [me = self(), giving_up](const Links& links) {
    if (!me->how_.from) return me->run(links, giving_up, nullptr);
    me->open_first(*me->how_.from, links, giving_up);
  };
  if (is_had_without_links(file_.id())) return go_on(Links{std::make_shared<const LinksAnswer>()});
  services().files.links_of(file_.id().plate, go_on);
}

void MadeOrigin::open_first(ProductKind kind, const Links& links, const std::stop_source& giving_up) {
  auto id = file_.id();
  id.kind = kind;
  const auto withdraw =
      services().files.product(id)->open([me = self(), links, giving_up](const vo::Outcome<Opened>& opened) {
        if (!opened) return me->finish(opened.error().within(me->how_.doing));
        me->run(links, giving_up, opened.value());
      });
  {
    const auto lock = file_.lock();
    withdraw_ = withdraw;
    if (!giving_up.stop_requested()) return;
  }
  withdraw();
}

void MadeOrigin::run(const Links& links, const std::stop_source& giving_up, Opened from) {
  const auto job = [me = self(), links, giving_up, from = std::move(from)](const std::stop_token& pool_stop) {
    const std::stop_callback also(pool_stop, [giving_up]() mutable { giving_up.request_stop(); });
    return me->made(links, giving_up.get_token());
  };
  services().pool->run<Result>(how_.doing, job,
                               [me = self()](const vo::Outcome<Result>& result) { me->finish(result); });
}

void MadeOrigin::finish(const vo::Outcome<Result>& result) {
  services().writer.post([me = self(), result](Store& store) { me->keep(store, result); });
}

MadeOrigin::Result MadeOrigin::made(const Links& links, const std::stop_token& stop) {
  const Order order{.id = file_.id(),
                    .links = links.value(),
                    .now = services().now(),
                    .program = services().program,
                    .on_size = [this](std::uint64_t size) { file_.sized(size); }};
  CachedInputs inputs{services(), file_.key(), order, stop};
  auto made = std::make_shared<Made>(how_.recipe(order, inputs));
  if (made->bytes.empty()) return made;
  made->facts.size = made->bytes.size();
  made->facts.validators.content_hash = XXH3_64bits(made->bytes.data(), made->bytes.size());
  return made;
}

void MadeOrigin::keep(Store& store, const vo::Outcome<Result>& result) {
  std::optional<Error> error;
  try {
    if (!result) return ended(result.error());
    auto& made = *result.value();
    if (!made.bytes.empty()) {
      made.object = StagedObject{services().writer, store, file_.key()};
      store.put(made.object.id(), 0, made.bytes);
    }
    file_.began(made.object.publish(store, made.facts));
  } catch (...) {
    error = vo::current_error(fmt::format("keeping {} in the cache", file_.name()));
  }
  ended(error);
}

void MadeOrigin::ended(const std::optional<Error>& error) {
  bool was_given_up = false;
  {
    const auto lock = file_.lock();
    is_under_way_ = false;
    was_made_ = !error;
    was_given_up = giving_up_.stop_requested();
  }
  // Whoever came since it was given up has it made once more.
  if (error && !was_given_up) return failed_(*error, kWholeFile);
  file_.ended();
}

}  // namespace platefs::cache
