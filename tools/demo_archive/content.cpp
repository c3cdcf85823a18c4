// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/content.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "vo/base/error.h"

namespace platefs::demo {
namespace {

class Text : public Content {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  void read(std::uint64_t first, std::span<char> out) const override {
    std::memcpy(out.data(), text_.data() + first, out.size());
  }

 private:
  std::string text_;
};

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw vo::Error(vo::ErrorKind::LocalIo, fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

class File : public Content {
 public:
  explicit File(std::filesystem::path path) : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat facts {};
    if (fd_ < 0 || ::fstat(fd_, &facts) != 0) {
      if (fd_ >= 0) ::close(fd_);
      fail(path_);
    }
    size_ = static_cast<std::uint64_t>(facts.st_size);
  }
  ~File() override { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t first, std::span<char> out) const override {
    while (!out.empty()) {
      const auto got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(first));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail(path_);
      first += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }

 private:
  std::filesystem::path path_;
  int fd_;
  std::uint64_t size_ = 0;
};

class Part : public Content {
 public:
  Part(ContentPointer whole, std::uint64_t first, std::uint64_t size)
      : whole_(std::move(whole)), first_(first), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t first, std::span<char> out) const override { whole_->read(first_ + first, out); }

 private:
  ContentPointer whole_;
  std::uint64_t first_, size_;
};

class Joined : public Content {
 public:
  explicit Joined(std::vector<ContentPointer> parts) : parts_(std::move(parts)) {
    for (const auto& part : parts_) size_ += part->size();
  }
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t first, std::span<char> out) const override {
    std::uint64_t begin = 0;
    for (const auto& part : parts_) {
      const auto end = begin + part->size();
      if (!out.empty() && first < end) {
        const auto count = std::min<std::uint64_t>(out.size(), end - first);
        part->read(first - begin, out.first(count));
        out = out.subspan(count);
        first += count;
      }
      begin = end;
    }
  }

 private:
  std::vector<ContentPointer> parts_;
  std::uint64_t size_ = 0;
};

class OtherEdition : public Content {
 public:
  explicit OtherEdition(ContentPointer whole) : whole_(std::move(whole)) {}
  std::uint64_t size() const override { return whole_->size(); }
  void read(std::uint64_t first, std::span<char> out) const override {
    constexpr std::uint64_t kBehindHeaders = 10 * 2880;
    whole_->read(first, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (first + i >= kBehindHeaders) out[i] = static_cast<char>(out[i] ^ 1);
    }
  }

 private:
  ContentPointer whole_;
};

}  // namespace

ContentPointer content_of_text(std::string text) { return std::make_shared<Text>(std::move(text)); }
ContentPointer content_of_file(const std::filesystem::path& path) { return std::make_shared<File>(path); }
ContentPointer part_of(ContentPointer whole, std::uint64_t first, std::uint64_t size) {
  return std::make_shared<Part>(std::move(whole), first, size);
}
ContentPointer joined(std::vector<ContentPointer> parts) { return std::make_shared<Joined>(std::move(parts)); }
ContentPointer another_edition_of(ContentPointer whole) { return std::make_shared<OtherEdition>(std::move(whole)); }

std::string text_of(const Content& content) {
  std::string text(content.size(), '\0');
  content.read(0, text);
  return text;
}

void ContentFitsSource::read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) {
  for (const auto& range : ranges) {
    if (range.end > size()) throw vo::Error(vo::ErrorKind::Malformed, "the file ends before its data");
    const auto here = out.first(range.size());
    content_->read(range.first, {reinterpret_cast<char*>(here.data()), here.size()});
    out = out.subspan(range.size());
  }
}

}  // namespace platefs::demo
