// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tools/cli/configuration.h"

namespace platefs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// Runs the words; what the command was told stays behind.
template <typename Command>
struct Recorded {
  Command command;
  int runs = 0;
  std::function<int(const Command&)> recorder() {
    return [this](const Command& told) {
      command = told;
      return ++runs, tools::kDone;
    };
  }
};

tools::MountCommand mounted(const std::vector<std::string>& words) {
  Recorded<tools::MountCommand> mount;
  tools::Commands commands;
  commands.mount = mount.recorder();
  EXPECT_EQ(tools::run_command_line(words, commands), tools::kDone);
  EXPECT_EQ(mount.runs, 1);
  return mount.command;
}

TEST(CommandLine, OfMountNamesArchivesAndThenThePlace) {
  const auto command = mounted({"mount", "gavo", "https://a.test/tap", "/mnt/plates"});
  EXPECT_EQ(command.mountpoint, "/mnt/plates");
  EXPECT_THAT(command.common.archives, ElementsAre("gavo", "https://a.test/tap"));
  EXPECT_THAT(command.common.given, Contains("archive"));
}

TEST(CommandLine, RemembersWhatWasGiven) {
  EXPECT_THAT(mounted({"mount", "/mnt"}).common.given, testing::Not(Contains("radius")));
  const auto command = mounted({"mount", "--radius", "10m", "-o", "cache_size=1G,allow_other,max_read=1", "/mnt"});
  EXPECT_THAT(command.common.given, testing::IsSupersetOf({"radius", "cache-size", "allow-other"}));
  EXPECT_EQ(command.common.cache_size, "1G");
  EXPECT_TRUE(command.common.allow_other);
  EXPECT_THAT(command.fuse_options, ElementsAre("max_read=1"));
}

TEST(CommandLine, OfFetchTakesKindsSeparatedByCommas) {
  Recorded<tools::FetchCommand> fetch;
  tools::Commands commands;
  commands.fetch = fetch.recorder();
  EXPECT_EQ(tools::run_command_line({"fetch", "--what", "cutout,preview", "1+2", "3+4"}, commands), tools::kDone);
  EXPECT_THAT(fetch.command.what, ElementsAre("cutout", "preview"));
  EXPECT_THAT(fetch.command.targets, ElementsAre("1+2", "3+4"));
}

TEST(CommandLine, TakesOptionsOnBothSidesOfTheCommand) {
  Recorded<tools::QueryCommand> query;
  tools::Commands commands;
  commands.query = query.recorder();
  const std::vector<std::vector<std::string>> spellings{{"--cache-dir", "/c", "-q", "--radius=5m", "query", "M31"},
                                                        {"query", "--cache-dir", "/c", "M31", "-q", "--radius", "5m"}};
  for (const auto& words : spellings) {
    EXPECT_EQ(tools::run_command_line(words, commands), tools::kDone);
    EXPECT_EQ(query.command.target, "M31");
    EXPECT_EQ(query.command.common.cache_dir, "/c");
    EXPECT_TRUE(query.command.common.quiet);
    EXPECT_EQ(query.command.common.radius, "5m");
  }
}

TEST(CommandLine, CallsUnmountAsMountDoes) {
  Recorded<tools::UnmountCommand> unmount;
  tools::Commands commands;
  commands.unmount = unmount.recorder();
  EXPECT_EQ(tools::run_command_line({"umount", "/mnt"}, commands), tools::kDone);
  EXPECT_EQ(unmount.command.mountpoint, "/mnt");
}

TEST(CommandLine, HelpsWithoutRunningAnything) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"help"},
                                                {"help", "query"},
                                                {"help", "umount"},
                                                {"--help"},
                                                {"-V"},
                                                {"--help", "fetch"},
                                                {"blink", "-h"}}) {
    EXPECT_EQ(tools::run_command_line(words, {}), tools::kDone);
  }
  EXPECT_EQ(tools::run_command_line({"help", "mont"}, {}), tools::kWrongUsage);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  const std::vector<std::vector<std::string>> wrong{{},
                                                    {"mont"},
                                                    {"mount"},
                                                    {"mount", "--radios", "1m", "/x"},
                                                    {"cache", "explode"},
                                                    {"fetch", "--what", "everything", "1+2"},
                                                    {"mount", "--jobs-per-host", "0", "/x"}};
  for (const auto& words : wrong) EXPECT_EQ(tools::run_command_line(words, {}), tools::kWrongUsage);
}

std::string content_of(const std::string& file) {
  std::ifstream stream{std::string{PLATEFS_SOURCE_DIR} + "/" + file};
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

/// mdoc's text without its escapes for dashes, so that "\-\-radius" and "-radius" are found alike.
std::string manual(const std::string& name) {
  std::string text;
  for (const char c : content_of("tools/man/" + name)) {
    if (c != '\\') text += c;
  }
  return text;
}

TEST(Manual, OfTheCommandTellsOfEveryCommandAndOption) {
  const auto text = manual("platefs.1");
  for (const auto& command : tools::command_descriptions()) {
    EXPECT_THAT(text, HasSubstr(".Nm Cm " + command.name)) << command.name;
    for (const auto& action : command.actions) EXPECT_THAT(text, HasSubstr("Cm " + action)) << command.name;
    for (const auto& option : command.options) {
      EXPECT_THAT(text, HasSubstr("Fl " + option.names.front().substr(1))) << command.name;
    }
  }
}

TEST(Manual, OfTheCommandTellsOfNoOptionThatIsNotThere) {
  std::set<std::string> known;
  for (const auto& command : tools::command_descriptions()) {
    for (const auto& option : command.options) known.insert(option.names.begin(), option.names.end());
  }
  known.insert({"--version", "-V"});
  std::istringstream text{manual("platefs.1")};
  for (std::string word; text >> word;) {
    if (word != "Fl" || !(text >> word)) continue;
    EXPECT_THAT(known, Contains("-" + word));
  }
}

TEST(Manual, OfTheConfigurationTellsOfEveryKeyAndNoOther) {
  std::set<std::string> keys, told;
  for (const auto& key : tools::general_keys()) keys.insert(key);
  for (const auto& key : tools::archive_keys()) keys.insert(key);
  for (const auto& key : tools::catalogue_keys()) keys.insert(key);
  for (const auto& key : tools::gateway_keys()) keys.insert(key);
  for (const auto& key : tools::s3_keys()) keys.insert(key);
  std::istringstream text{manual("platefs.toml.5")};
  for (std::string line; std::getline(text, line);) {
    std::istringstream words{line};
    std::string it, ic, key;
    if (words >> it >> ic >> key && it == ".It" && ic == "Ic") told.insert(key);
  }
  EXPECT_EQ(told, keys);
}

TEST(Completions, KnowEveryCommandOptionAndChoice) {
  const auto commands = tools::command_descriptions();
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = tools::completion_script(shell, commands);
    for (const auto& command : commands) {
      EXPECT_THAT(script, HasSubstr(command.name)) << shell;
      for (const auto& option : command.options) {
        const auto name = option.names.front();
        EXPECT_THAT(script, HasSubstr(std::string{shell} == "fish" && name.starts_with("--") ? "-l " + name.substr(2)
                                      : std::string{shell} == "fish"                         ? "-s " + name.substr(1)
                                                                                             : name))
            << shell;
        for (const auto& choice : option.choices) EXPECT_THAT(script, HasSubstr(choice)) << shell;
      }
    }
  }
}

}  // namespace
}  // namespace platefs::test
