// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/doctor_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tools/cli/configuration.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/commands/archive_probe.h"
#include "tools/commands/doctor_checks.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;
using Findings = std::vector<Finding>;

const char* name_of(Health health) {
  switch (health) {
    case Health::Good:
      return "good";
    case Health::Doubtful:
      return "doubtful";
    case Health::Bad:
      return "bad";
  }
  return "";
}

Finding check_configuration(CommonOptions& options) {
  try {
    settle(options);
    check_options(options);
  } catch (const vo::Error& error) {
    return {"configuration", Health::Bad, error.what(), "mend the line; platefs.toml(5) lists the keys"};
  }
  std::string read;
  const auto files = options.config_file.empty() ? configuration_files() : std::vector{options.config_file};
  for (const auto& file : files) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) read += (read.empty() ? "" : ", ") + file.string();
  }
  return {"configuration", Health::Good, read.empty() ? "none, and none is needed" : read, {}};
}

Finding check_index(const CommonOptions& options) {
  try {
    const auto store = open_store(options, Log::to_stderr("warning"), cache::StoreOptions::Access::ReadWrite);
    const auto usage = store->usage();
    if (store->is_refused()) {
      return {"cache index", Health::Bad, "it can't be written: nothing that is fetched is kept",
              "do what the warning says, or choose another directory with --cache-dir"};
    }
    return {"cache index",
            Health::Good,
            fmt::format("{} files, {}, {} answers", usage.objects, size_text(usage.bytes), usage.documents),
            {}};
  } catch (const std::exception& error) {
    return {"cache index", Health::Bad, error.what(), "choose another directory with --cache-dir, or delete this one"};
  }
}

Findings check_archives(const CommonOptions& options) {
  Findings findings;
  if (options.offline) return {{"archives", Health::Good, "not asked: --offline", {}}};
  const auto transport = make_transport(options, Log::to_stderr(options.log_level));
  const Spinner spinner{options, asking(options)};
  for (const auto& result : probe_archives(options, *transport, {})) {
    const auto what = fmt::format("archive {}", result.archive);
    if (result.problem.empty()) {
      findings.push_back({what, Health::Good, fmt::format("answered in {:.1f} s", result.seconds), {}});
    } else {
      findings.push_back({what, result.answered ? Health::Doubtful : Health::Bad, result.problem, result.remedy});
    }
  }
  return findings;
}

Findings all_findings(CommonOptions& options) {
  const bool is_root = ::geteuid() == 0;
  const char* path = std::getenv("PATH");
  Findings findings{check_fuse_device(), check_fusermount(path != nullptr ? path : "", is_root)};
  for (auto& finding : findings) {
    if (finding.health == Health::Bad) finding.remedy += fmt::format("; {}", kWithoutFuse);
  }
  const auto append = [&](const Findings& more) { findings.insert(findings.end(), more.begin(), more.end()); };
  findings.push_back(check_configuration(options));
  if (findings.back().health == Health::Bad) return findings;  // the rest depends on it
  if (options.allow_other) findings.push_back(check_allow_other("/etc/fuse.conf", is_root));
  append(check_cache_directory(cache_directory(options), bytes_from(options.cache_size)));
  if (findings.back().health != Health::Bad) findings.push_back(check_index(options));
  append(check_archives(options));
  return findings;
}

std::string json_text(const Findings& findings) {
  auto json = Json::array();
  for (const auto& [what, health, found, remedy] : findings) {
    json.push_back({{"what", what}, {"health", name_of(health)}, {"found", found}, {"remedy", remedy}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_of(const Findings& findings) {
  std::string text;
  for (const auto& [what, health, found, remedy] : findings) {
    text += fmt::format("{:<8}  {}: {}\n", name_of(health), what, harmless(found));
    if (!remedy.empty()) text += fmt::format("{:<8}  → {}\n", "", remedy);
  }
  return text;
}

}  // namespace

int run_doctor(const DoctorCommand& given) {
  return reporting_errors([command = given]() mutable {
    const auto findings = all_findings(command.common);
    if (!write_out(command.as_json ? json_text(findings) : text_of(findings))) return kFailed;
    const bool is_well = std::none_of(findings.begin(), findings.end(),
                                      [](const auto& finding) { return finding.health == Health::Bad; });
    return is_well ? kDone : kFailed;
  });
}

}  // namespace platefs::tools
