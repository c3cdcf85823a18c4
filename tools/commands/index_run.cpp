// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/index_run.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/commands/header_source.h"
#include "vo/base/error.h"
#include "vo/base/thread.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kUsualHeader = 2 * vo::kFitsBlock;
/// What was done is on the disk by then, whatever ends the process.
constexpr std::chrono::seconds kBetweenWrites{30};

std::string folder_of(const vo::Url& url) { return url.text().substr(0, url.text().rfind('/')); }

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) throw Error{ErrorKind::LocalIo, std::strerror(errno)};
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// As a reference in a URL: every character that means something there is escaped.
std::string as_reference(const std::string& path) {
  std::string reference;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    if (at > 0) reference += '/';
    reference += vo::percent_encoded(path.substr(at, end - at));
    at = end + 1;
  }
  return reference;
}

bool has_place(const std::vector<PlateRow>& rows) {
  return !rows.empty() && vo::text_of(rows.front()[plate_field("problem")]).empty();
}

}  // namespace

IndexRun::IndexRun(vo::Transport& transport, Settings settings, PlateRows known)
    : transport_(transport), settings_(std::move(settings)), known_(std::move(known)) {}

void IndexRun::run(const std::vector<ShelvedFile>& files, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    progress_.files = files.size();
  }
  const auto remote = std::ranges::find_if(files, [](const ShelvedFile& file) { return file.url.has_value(); });
  if (remote != files.end() && files.size() > 1) transport_.expect_many(*remote->url);
  {
    std::vector<vo::Thread> threads;
    for (int i = 0; i < settings_.threads; ++i) {
      threads.emplace_back(
          "index", [&] { work(files, stop); }, [](const Error&) {});
    }
    for (auto& thread : threads) thread.join();
  }
  const std::lock_guard lock(mutex_);
  is_complete_ = !keeps_all_ && !stop.stop_requested() && progress_.done() == files.size();
}

void IndexRun::work(const std::vector<ShelvedFile>& files, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto i = next_.fetch_add(1);
    if (i >= files.size()) return;
    try {
      read(files[i], stop);
    } catch (...) {
      const auto error = vo::current_error(files[i].shown());
      if (stop.stop_requested()) return;
      fail(files[i], access_url_of(files[i]), error);
    }
    write_now_and_then();
  }
}

std::string IndexRun::access_url_of(const ShelvedFile& file) const {
  if (file.url) return file.url->text();
  return as_reference(file.local.lexically_relative(settings_.table.parent_path()).generic_string());
}

void IndexRun::read(const ShelvedFile& file, const std::stop_token& stop) {
  PlateFile facts;
  facts.access_url = access_url_of(file);
  facts.path = file.path;
  facts.collection = settings_.collection;
  const auto known = known_.find(facts.access_url);
  const bool is_known = known != known_.end() && !known->second.empty() &&
                        vo::text_of(known->second.front()[plate_field("obs_collection")]) == settings_.collection;
  const auto* rows = is_known ? &known->second : nullptr;
  if (file.url) {
    read_remote(file, facts, rows, stop);
  } else {
    read_local(file, facts, rows);
  }
}

void IndexRun::read_remote(const ShelvedFile& file, PlateFile& facts, const std::vector<PlateRow>* known,
                           const std::stop_token& stop) {
  const auto folder = folder_of(*file.url);
  std::uint64_t expected = kUsualHeader;
  {
    const std::lock_guard lock(mutex_);
    if (const auto last = headers_.find(folder); last != headers_.end()) expected = last->second;
  }
  HeaderSource source{transport_, *file.url, stop, known == nullptr ? std::string{} : version_of_rows(*known),
                      expected};
  if (source.answer().is_unchanged) return keep(facts, *known, false, file.shown());
  facts.version = source.answer().version;
  facts.size = source.answer().size.value_or(0);
  // A server that knows no conditions sends what it has.
  const bool is_same = known != nullptr && facts.version == version_of_rows(*known);
  auto rows = is_same ? *known : plate_rows(source, facts);
  {
    const std::lock_guard lock(mutex_);
    progress_.bytes += source.arrived();
    progress_.header_bytes += source.headers_end();
    if (!is_same && !source.is_packed() && source.headers_end() > 0) headers_[folder] = source.headers_end();
  }
  keep(facts, std::move(rows), !is_same, file.shown());
}

void IndexRun::read_local(const ShelvedFile& file, PlateFile& facts, const std::vector<PlateRow>* known) {
  const Descriptor opened{file.local};
  struct stat state {};
  if (::fstat(opened.fd(), &state) != 0) throw Error{ErrorKind::LocalIo, std::strerror(errno)};
  if (!S_ISREG(state.st_mode)) throw Error{ErrorKind::Rejected, "it is no file"};
  facts.size = static_cast<std::uint64_t>(state.st_size);
  facts.version = fmt::format("file|{}.{:09}|{}", state.st_mtim.tv_sec, state.st_mtim.tv_nsec, state.st_size);
  if (known != nullptr && facts.version == version_of_rows(*known)) return keep(facts, *known, false, file.shown());
  vo::FileFitsSource source{opened.fd()};
  keep(facts, plate_rows(source, facts), true, file.shown());
}

void IndexRun::keep(const PlateFile& facts, std::vector<PlateRow> rows, bool is_new, const std::string& shown) {
  const bool is_solved = has_place(rows);
  const auto reason = is_solved || rows.empty() ? std::string{} : vo::text_of(rows.front()[plate_field("problem")]);
  {
    const std::lock_guard lock(mutex_);
    is_new ? ++progress_.read : ++progress_.unchanged;
    if (!is_solved) ++progress_.unsolved;
    rows_[facts.access_url] = std::move(rows);
  }
  if (!is_solved) settings_.tell(shown, reason, false);
}

/// The rows of before stay: the file may come back.
void IndexRun::fail(const ShelvedFile& file, const std::string& access_url, const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    ++progress_.failed;
    const bool is_gone = error.kind() == ErrorKind::NotFound;
    if (const auto known = known_.find(access_url); known != known_.end() && !is_gone)
      rows_[access_url] = known->second;
  }
  settings_.tell(file.shown(), error.message(), true);
}

IndexProgress IndexRun::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

PlateRows IndexRun::rows() const {
  const std::lock_guard lock(mutex_);
  auto rows = rows_;
  if (!is_complete_) rows.insert(known_.begin(), known_.end());
  return rows;
}

void IndexRun::write_now_and_then() {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - written_at_ < kBetweenWrites) return;
    written_at_ = now;
  }
  write_plate_table(settings_.table, rows());
}

}  // namespace platefs::tools
