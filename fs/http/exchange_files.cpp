// SPDX-License-Identifier: BSD-3-Clause
// Exchange: files, opened as a mount opens them.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "fs/http/exchange.h"
#include "fs/http/request_range.h"
#include "fs/http/status_of.h"

namespace platefs::fs {
namespace {

using Text = std::shared_ptr<const std::string>;

/// Its length is told by the answer to a request for its beginning; the others have to be made.
bool is_fetched_as_it_is(cache::ProductKind kind) {
  return kind == cache::ProductKind::Full || kind == cache::ProductKind::Link || kind == cache::ProductKind::TimeSeries;
}

/// Not of a file that is another now (the client finds the new one), nor of one that nobody waits for any more.
bool may_be_stood_in_for(const vo::Error& error) {
  return error.kind() != vo::ErrorKind::Changed && error.kind() != vo::ErrorKind::Cancelled;
}

}  // namespace

HttpHeaders Exchange::file_headers(const Validators& validators, const std::string& type) const {
  HttpHeaders headers{{"Content-Type", type},
                      {"Accept-Ranges", "bytes"},
                      {"Cache-Control", "no-cache"}};  // kept, but asked about: it may be another version
  if (!validators.etag.empty()) headers.emplace_back("ETag", validators.etag);
  const auto date = validators.modified == 0 ? std::string{} : http_date(validators.modified);
  if (!date.empty()) headers.emplace_back("Last-Modified", date);
  // What an archive wrote must not run as a page of this server, which could read all else.
  if (found_.node->product) headers.emplace_back("Content-Security-Policy", "sandbox");
  return headers;
}

void Exchange::open() {
  if (!found_.node->product) return open_text();
  const bool is_cached = found_.node->product->facts().state == cache::ProductState::Cached;
  if (is_head() && !is_fetched_as_it_is(found_.node->product_kind) && !is_cached) return tell_what_is_known();
  open_product(is_cached);
}

/// To HEAD, of a file that would have to be made.
void Exchange::tell_what_is_known() {
  const auto known = entry(found_.names.back(), *found_.node);
  sink_.send_content(200, file_headers(known.validators, known.media_type), known.size, nullptr);
}

void Exchange::open_text() {
  if (!is_head()) service_.prefetch.on_open(*found_.node);
  auto text = service_.documents.text(*found_.node);
  if (found_.node->document == DocumentKind::Datalink && text->empty()) return open_datalink();
  send_version(validators_of(*text), content_type_of(*found_.node), text, nullptr);
}

/// The archive's own document may be known no more (forgotten, evicted, expired): it is asked for again.
void Exchange::open_datalink() {
  using Links = std::shared_ptr<const cache::LinksAnswer>;
  ask<Links>(
      [this](vo::Completion<Links> done) { service_.library.links_of(found_.node->plate->ref, std::move(done)); },
      [this](const Links& links) {
        if (links->served.empty()) return fail({vo::ErrorKind::NotFound, "the archive has no such document"});
        send_version(validators_of(links->served), content_type_of(*found_.node), Text{links, &links->served}, nullptr);
      });
}

void Exchange::open_product(bool is_cached) {
  const auto& node = *found_.node;
  if (!is_cached) {
    std::string name;
    for (const auto& each : found_.names) name += (name.empty() ? "" : "/") + each;
    in_use_ = service_.options.activity->note(std::move(name), node.product, 0);
  }
  using File = std::shared_ptr<cache::OpenFile>;
  parking_->ask<File>([&](vo::Completion<File> done) { return node.product->open(std::move(done)); },
                      [this, is_cached](vo::Outcome<File>& file) {
                        if (!file) return failed_to_open(file.error());
                        auto* const memory = sink_.memory();
                        if (is_cached && memory != nullptr) memory->open = file.value();
                        opened(std::move(file).value());
                      });
  if (!is_head()) service_.prefetch.on_open(node);  // behind the client's own question
}

void Exchange::failed_to_open(const vo::Error& error) {
  auto stand_in = may_be_stood_in_for(error) ? service_.documents.placeholder(*found_.node, error.message()) : nullptr;
  if (!stand_in) return fail(error);
  const auto type = content_type_of(*found_.node, found_.node->product->facts());
  send_version(validators_of(*stand_in), type, stand_in, nullptr);
}

void Exchange::opened(std::shared_ptr<cache::OpenFile> file) {
  const auto& node = *found_.node;
  const auto facts = node.product->facts();
  const auto validators = validators_of(node, facts, file->version(), file->size());
  send_version(validators, content_type_of(node, facts), nullptr, std::move(file));
}

void Exchange::send_version(const Validators& validators, const std::string& type, Text text,
                            std::shared_ptr<cache::OpenFile> file) {
  const auto size = file ? file->size() : static_cast<std::uint64_t>(text->size());
  auto headers = file_headers(validators, type);
  switch (evaluate_preconditions(request_, validators)) {
    case Precondition::NotModified:
      return sink_.send_text(304, headers, {});
    case Precondition::Failed:
      return refuse(412,
                    "The file is another version than the request wants.\nwhat to do: ask again without a condition");
    case Precondition::Holds:
      break;
  }
  int status = 200;
  vo::ByteRange range{0, size};
  if (!is_head() && is_range_for(request_, validators)) {
    const auto wanted = requested_range(request_.header("Range"), size);
    if (wanted.answer == RequestedRange::Answer::Unsatisfiable) {
      return sink_.send_text(
          416, {{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Range", content_range({}, size)}},
          fmt::format("416 {}\n\nThe file has {} bytes.\n", phrase_of(416), size));
    }
    if (wanted.answer == RequestedRange::Answer::Part) {
      status = 206;
      range = wanted.bytes;
      headers.emplace_back("Content-Range", content_range(range, size));
    }
  }
  if (file && !is_head() && is_sent_from_the_cache(status, headers, *file, range)) return;
  auto content =
      is_head() || range.empty() ? nullptr : std::make_unique<Content>(std::move(text), std::move(file), range);
  sink_.send_content(status, headers, range.size(), std::move(content));
}

/// True: the kernel sends it, from the cache's own file. A short part is sent with its head, in one packet.
bool Exchange::is_sent_from_the_cache(int status, const HttpHeaders& headers, const cache::OpenFile& file,
                                      vo::ByteRange range) {
  if (range.size() <= kSentAtOnce) return false;
  const auto held = file.on_disk(range);
  if (!held || held->fd < 0) return false;
  if (service_.files_sent++ >= service_.options.most_connections / 2) {
    --service_.files_sent;
    return false;
  }
  // The file stays what it is while a descriptor is open, also when the cache gives it up: it is only ever removed.
  const int fd = ::fcntl(held->fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) {
    --service_.files_sent;
    return false;
  }
  sink_.send_file(status, headers, fd, held->offset, range.size());
  return true;
}

}  // namespace platefs::fs
