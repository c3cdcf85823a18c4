// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/download.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;
using vo::Flow;

Download::Download(Writer& writer, const vo::http::Request& request, Expected expected,
                   std::shared_ptr<DownloadListener> listener)
    : writer_(writer),
      asked_first_(request.range ? request.range->first : 0),
      asked_range_(request.range.has_value()),
      expected_(expected),
      listener_(std::move(listener)),
      body_writer_(std::make_shared<BodyWriter>(writer, [listener = listener_](ObjectId object, vo::ByteRange range) {
        listener->on_stored(object, range);
      })) {}

std::shared_ptr<Download> Download::start(vo::Transport& transport, Writer& writer, vo::http::Request request,
                                          Expected expected, std::shared_ptr<DownloadListener> listener) {
  auto download = std::make_shared<Download>(writer, request, expected, std::move(listener));
  const auto body_writer = download->body_writer_;
  download->ticket_ = transport.start(std::move(request), download);
  body_writer->set_ticket(download->ticket_);
  return download;
}

void Download::on_head(const vo::http::Head& head) {
  head_ = head;
  if (head.status >= 400) return;  // its body is read first: it often says why
  try {
    start_ = body_start(head, asked_first_, asked_range_, {});
  } catch (const Error& error) {
    refused_ = error;
    if (head.status == 206 && !head.header("content-range")) listener_->on_unusable_range();
  }
}

Flow Download::on_body(std::span<const std::byte> bytes) {
  if (refused_) return Flow::Stop;
  if (!start_) return add_to_excerpt(excerpt_, bytes);
  if (begun_) return store(bytes);
  first_bytes_.insert(first_bytes_.end(), bytes.begin(), bytes.end());
  if (start_->offset == 0 && first_bytes_.size() < kFirstBytes) return Flow::Continue;
  return judge_first_bytes();
}

Flow Download::judge_first_bytes() {
  try {
    if (start_->offset == 0) {
      check_first_bytes(first_bytes_, expected_, start_->media_type, head_.url.for_display());
    }
  } catch (const Error& error) {
    refused_ = error;
    return Flow::Stop;
  }
  begun_ = true;
  body_writer_->begin(start_->offset, start_->end, !start_->file_size || listener_->wants_hash(),
                      [listener = listener_, start = *start_, url = head_.url.for_display()](Store& store) {
                        return listener->on_begin(store, start, url);
                      });
  const auto first_bytes = std::exchange(first_bytes_, {});
  return store(first_bytes);
}

Flow Download::store(std::span<const std::byte> bytes) {
  if (start_->end == UINT64_MAX) {
    refused_ = unannounced_excess(received_until() + bytes.size(), expected_, head_.url.for_display());
    if (refused_) return Flow::Stop;
  }
  if (bytes.size() <= start_->end - std::min(start_->end, received_until())) return body_writer_->take(bytes);
  refused_ = Error{ErrorKind::Malformed, fmt::format("{} sends more than the bytes {} to {} that it announced",
                                                     head_.url.for_display(), start_->offset, start_->end)};
  return Flow::Stop;
}

/// The connection may end in good order before the bytes do.
std::optional<Error> Download::shortfall() const {
  if (start_->end == UINT64_MAX || received_until() == start_->end) return std::nullopt;
  return Error{ErrorKind::Unavailable,
               fmt::format("{} broke off at byte {} of {}", head_.url.for_display(), received_until(), start_->end)};
}

Error Download::failure() const {
  if (head_.status != 416 || asked_first_ == 0) return vo::error_of_status(head_, excerpt_);
  return {ErrorKind::Changed,
          fmt::format("{} has no byte {} any more: the archive replaced it", head_.url.for_display(), asked_first_)};
}

void Download::on_end(std::optional<Error> error) {
  if (!refused_ && head_.status >= 400) refused_ = failure();
  if (refused_) error = refused_;
  // The encoding is none, or none that can be undone from the middle on.
  const bool is_unreadable_part = error && error->kind() == ErrorKind::Malformed && head_.status == 206;
  if (is_unreadable_part && head_.header("content-encoding")) listener_->on_unusable_range();
  if (!error && start_ && !begun_) {
    judge_first_bytes();
    error = refused_;
  }
  const auto listener = std::move(listener_);
  if (!begun_) {
    writer_.post([listener, error = error.value_or(Error{ErrorKind::Malformed, "empty answer"})](Store& store) {
      listener->on_done(store, error);
    });
    return;
  }
  if (!error) error = shortfall();
  const bool is_whole = !error && received_until() == start_->file_size.value_or(received_until());
  body_writer_->finish(is_whole, [listener, error](Store& store, vo::Outcome<BodyWriter::Total> outcome) {
    // A failed write is the better reason: it stopped the transfer.
    if (outcome && error) return listener->on_done(store, *error);
    listener->on_done(store, std::move(outcome));
  });
}

}  // namespace platefs::cache
