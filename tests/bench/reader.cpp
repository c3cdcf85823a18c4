// SPDX-License-Identifier: BSD-3-Clause
// Reads a file or a URL as a workload says, and prints what it took as one line of JSON.
//
//   bench-reader first BYTES SOURCE                   the first BYTES
//   bench-reader sequential BYTES SOURCE              from the start in blocks of 128 KiB, as cat does
//   bench-reader random COUNT BYTES SEED THREADS SOURCE_BYTES SOURCE
//   bench-reader spread COUNT BYTES THREADS SOURCE_BYTES SOURCE   BYTES from each of COUNT places evenly apart
//
// A SOURCE that begins with http:// is read by libcurl with ranges, one connection to a thread, kept open.
// The clock runs from before open or connect to the last byte. `sum` is a hash over all bytes (of `random` and
// `spread`), the same for every source that tells the truth; it is made after the clock has stopped.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Something that can be read at an offset. Not thread-safe: every thread opens its own.
struct Source {
  virtual ~Source() = default;
  /// Fills `size` bytes; throws when there are not so many.
  virtual void read(char* to, std::size_t size, std::uint64_t offset) = 0;
};

class File : public Source {
 public:
  explicit File(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path);
  }
  ~File() override { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void read(char* to, std::size_t size, std::uint64_t offset) override {
    while (size > 0) {
      const auto got = ::pread(descriptor_, to, size, static_cast<off_t>(offset));
      if (got < 0) throw std::system_error(errno, std::generic_category(), "read");
      if (got == 0) throw std::runtime_error("the file is too short");
      to += got;
      size -= static_cast<std::size_t>(got);
      offset += static_cast<std::uint64_t>(got);
    }
  }

 private:
  int descriptor_;
};

class Url : public Source {
 public:
  explicit Url(const std::string& url) : curl_(curl_easy_init(), curl_easy_cleanup) {
    curl_easy_setopt(curl_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_.get(), CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEFUNCTION, &Url::receive);
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEDATA, this);
  }

  void read(char* to, std::size_t size, std::uint64_t offset) override {
    to_ = to;
    left_ = size;
    const auto range = std::to_string(offset) + "-" + std::to_string(offset + size - 1);
    curl_easy_setopt(curl_.get(), CURLOPT_RANGE, range.c_str());
    const auto result = curl_easy_perform(curl_.get());
    if (result != CURLE_OK) throw std::runtime_error(curl_easy_strerror(result));
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 206 || left_ != 0) throw std::runtime_error("HTTP status " + std::to_string(status));
  }

 private:
  static std::size_t receive(const char* bytes, std::size_t one, std::size_t size, void* self) {
    auto& url = *static_cast<Url*>(self);
    if (size * one > url.left_) return 0;
    std::memcpy(url.to_, bytes, size * one);
    url.to_ += size * one;
    url.left_ -= size * one;
    return size * one;
  }

  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
  char* to_ = nullptr;
  std::size_t left_ = 0;
};

std::unique_ptr<Source> open_source(const std::string& name) {
  if (name.starts_with("http://")) return std::make_unique<Url>(name);
  return std::make_unique<File>(name);
}

struct Piece {
  std::uint64_t offset;
  std::vector<char> bytes;
  double seconds = 0;
};

/// Reads every piece, `block` bytes at a time; threads take the next piece that nobody has.
double read_pieces(std::vector<Piece>& pieces, std::size_t threads, std::size_t block, const std::string& name) {
  std::atomic<std::size_t> next{0};
  std::atomic<int> failures{0};
  const auto work = [&] {
    try {
      const auto source = open_source(name);
      for (std::size_t i = next++; i < pieces.size(); i = next++) {
        auto& piece = pieces[i];
        const auto start = Clock::now();
        for (std::size_t at = 0; at < piece.bytes.size(); at += block) {
          source->read(piece.bytes.data() + at, std::min(block, piece.bytes.size() - at), piece.offset + at);
        }
        piece.seconds = seconds_since(start);
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "bench-reader: %s: %s\n", name.c_str(), error.what());
      ++failures;
    }
  };
  const auto start = Clock::now();
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < threads; ++i) readers.emplace_back(work);
  for (auto& reader : readers) reader.join();
  const auto wall = seconds_since(start);
  if (failures > 0) throw std::runtime_error(std::to_string(failures) + " readers failed");
  return wall;
}

void report_pieces(std::vector<Piece>& pieces, double wall) {
  XXH64_hash_t sum = 0;
  std::uint64_t bytes = 0;
  std::vector<double> latencies;
  for (const auto& piece : pieces) {
    sum += XXH3_64bits_withSeed(piece.bytes.data(), piece.bytes.size(), piece.offset);
    bytes += piece.bytes.size();
    latencies.push_back(piece.seconds);
  }
  std::sort(latencies.begin(), latencies.end());
  std::printf("{\"wall\": %.6f, \"read\": %llu, \"p50\": %.6f, \"p99\": %.6f, \"sum\": \"%016llx\"}\n", wall,
              static_cast<unsigned long long>(bytes), latencies[latencies.size() / 2],
              latencies[latencies.size() * 99 / 100], static_cast<unsigned long long>(sum));
}

std::size_t block_of(const std::string& name, std::size_t wanted) {
  return name.starts_with("http://") ? wanted : std::min<std::size_t>(wanted, 128 << 10);
}

void random(std::size_t count, std::size_t size, unsigned seed, std::size_t threads, std::uint64_t total,
            const std::string& name) {
  std::mt19937_64 generator(seed);
  std::uniform_int_distribution<std::uint64_t> place(0, total - size);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < count; ++i) pieces.push_back({place(generator), std::vector<char>(size)});
  report_pieces(pieces, read_pieces(pieces, threads, size, name));
}

void spread(std::size_t count, std::size_t size, std::size_t threads, std::uint64_t total, const std::string& name) {
  constexpr std::uint64_t kPage = 4096;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < count; ++i) {
    pieces.push_back({total / count * i / kPage * kPage, std::vector<char>(size)});
  }
  report_pieces(pieces, read_pieces(pieces, threads, block_of(name, size), name));
}

void sequential(std::uint64_t total, std::size_t block, const std::string& name) {
  std::vector<char> buffer(block);
  const auto start = Clock::now();
  const auto source = open_source(name);
  const auto opened = seconds_since(start);
  for (std::uint64_t at = 0; at < total; at += block) {
    source->read(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(block, total - at)), at);
  }
  std::printf("{\"wall\": %.6f, \"open\": %.6f, \"read\": %llu}\n", seconds_since(start), opened,
              static_cast<unsigned long long>(total));
}

bool run(const std::vector<std::string>& words) {
  if (words.size() < 3) return false;
  const auto& name = words.back();
  const auto number = [&](std::size_t i) { return std::stoull(words.at(i)); };
  if (words[0] == "first" && words.size() == 3) {
    sequential(number(1), number(1), name);
  } else if (words[0] == "sequential" && words.size() == 3) {
    sequential(number(1), block_of(name, number(1)), name);
  } else if (words[0] == "random" && words.size() == 7) {
    random(number(1), number(2), static_cast<unsigned>(number(3)), number(4), number(5), name);
  } else if (words[0] == "spread" && words.size() == 6) {
    spread(number(1), number(2), number(3), number(4), name);
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  try {
    if (run({arguments + 1, arguments + count})) return 0;
    std::fputs("usage: bench-reader first|sequential|random|spread …; the source says how\n", stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-reader: %s\n", error.what());
    return 1;
  }
}
