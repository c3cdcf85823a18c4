// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/log.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <system_error>

#include "vo/base/shown_text.h"

namespace platefs::tools {
namespace {

constexpr std::size_t kLargestFile = 4u << 20;
constexpr std::size_t kKeptFiles = 1;

constexpr std::size_t kRememberedBytes = 256u << 10;

/// What somebody looks at is nobody else's business, whoever made the directory and with what umask. Where it is
/// another user's it stays as it is.
void make_private_place(const std::filesystem::path& file) {
  using std::filesystem::perms;
  const auto directory = file.parent_path();
  std::filesystem::create_directories(directory);
  std::error_code not_ours;
  std::filesystem::permissions(directory, perms::owner_all, not_ours);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) return;  // opening it once more tells why
  static_cast<void>(::fchmod(fd, 0600));
  ::close(fd);
}

}  // namespace

struct Log::Memory {
  /// The latest lines as one text. It only grows at its end, so that it can be followed as a file is
  /// (`tail -f`), until it is too long: then its older half goes.
  class TextSink final : public spdlog::sinks::base_sink<std::mutex> {
   public:
    std::string text() {
      const std::lock_guard lock(mutex_);
      return text_;
    }

   protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
      spdlog::memory_buf_t line;
      formatter_->format(message, line);
      text_.append(line.data(), line.size());
      if (text_.size() <= kRememberedBytes) return;
      const auto end_of_line = text_.find('\n', text_.size() - kRememberedBytes / 2);
      text_.erase(0, end_of_line == std::string::npos ? text_.size() : end_of_line + 1);
    }
    void flush_() override {}

   private:
    std::string text_;
  };

  std::shared_ptr<TextSink> lines = std::make_shared<TextSink>();

  void use_with(spdlog::sink_ptr sink, const std::string& level) const {
    auto logger = std::make_shared<spdlog::logger>("platefs", spdlog::sinks_init_list{std::move(sink), lines});
    logger->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
  }
};

Log Log::to_stderr(const std::string& level) {
  Log log;
  log.memory_ = std::make_shared<Memory>();
  log.memory_->use_with(std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), level);
  return log;
}

Log Log::to_file(const std::filesystem::path& file, const std::string& level) {
  try {
    make_private_place(file);
    Log log;
    log.memory_ = std::make_shared<Memory>();
    log.memory_->use_with(
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kLargestFile, kKeptFiles), level);
    return log;
  } catch (const std::exception& error) {
    auto log = to_stderr(level);
    log.warn(std::string{"no log file: "} + error.what());
    return log;
  }
}

std::string Log::recent() const { return memory_ ? memory_->lines->text() : std::string{}; }

void Log::info(std::string_view text) const { spdlog::info("{}", vo::shown_text(text)); }
void Log::warn(std::string_view text) const { spdlog::warn("{}", vo::shown_text(text)); }

}  // namespace platefs::tools
