// SPDX-License-Identifier: BSD-3-Clause
#include "tools/log.h"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace platefs::tools {
namespace {

constexpr std::size_t kLargestFile = 4u << 20;
constexpr std::size_t kKeptFiles = 1;

constexpr std::size_t kRememberedLines = 1000;

}  // namespace

struct Log::Memory {
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines =
      std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kRememberedLines);

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
    std::filesystem::create_directories(file.parent_path());
    Log log;
    log.memory_ = std::make_shared<Memory>();
    log.memory_->use_with(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kLargestFile,
                                                                                 kKeptFiles),
                          level);
    return log;
  } catch (const std::exception& error) {
    auto log = to_stderr(level);
    log.warn(std::string{"no log file: "} + error.what());
    return log;
  }
}

std::string Log::recent() const {
  std::string text;
  if (!memory_) return text;
  for (const auto& line : memory_->lines->last_formatted()) text += line;
  return text;
}

void Log::info(std::string_view text) const { spdlog::info("{}", text); }
void Log::warn(std::string_view text) const { spdlog::warn("{}", text); }

}  // namespace platefs::tools
