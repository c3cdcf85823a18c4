// SPDX-License-Identifier: BSD-3-Clause
#include "tools/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace platefs::tools {
namespace {

constexpr std::size_t kLargestFile = 4u << 20;
constexpr std::size_t kKeptFiles = 1;

void use(std::shared_ptr<spdlog::logger> logger, const std::string& level) {
  logger->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

Log Log::to_stderr(const std::string& level) {
  use(std::make_shared<spdlog::logger>("platefs",
                                       std::make_shared<spdlog::sinks::stderr_color_sink_mt>()),
      level);
  return {};
}

Log Log::to_file(const std::filesystem::path& file, const std::string& level) {
  try {
    std::filesystem::create_directories(file.parent_path());
    use(std::make_shared<spdlog::logger>("platefs",
                                         std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                                             file.string(), kLargestFile, kKeptFiles)),
        level);
    return {};
  } catch (const std::exception& error) {
    auto log = to_stderr(level);
    log.warn(std::string{"no log file: "} + error.what());
    return log;
  }
}

void Log::info(std::string_view text) const { spdlog::info("{}", text); }
void Log::warn(std::string_view text) const { spdlog::warn("{}", text); }

}  // namespace platefs::tools
