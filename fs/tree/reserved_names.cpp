// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/reserved_names.h"

#include <algorithm>
#include <array>

#include "vo/base/ascii.h"

namespace platefs::fs {
namespace {

// Sorted by byte. Version control, build tools, the directories of a system and of a home, what the
// dynamic linker tries, texts of source trees, what other systems leave on every volume.
constexpr std::array<std::string_view, 223> kKnown{
    "AUTHORS", "AVCHD", "Android", "Applications", "BISECT_LOG", "BOOTNXT", "BSDmakefile", "BUGS",
    "BUILD", "BitKeeper", "Brewfile", "CHANGELOG", "CHANGES", "CHERRY_PICK_HEAD", "CITATION",
    "CMakeCache", "CMakeFiles", "CMakeLists", "CONTRIBUTING", "CONTRIBUTORS", "COPYING",
    "COPYRIGHT", "CVS", "CVSROOT", "Cargo", "ChangeLog", "Config", "Containerfile", "DCIM", "Debug",
    "Desktop", "Dockerfile", "Documents", "Downloads", "Doxyfile", "FETCH_HEAD", "GNUmakefile",
    "GPATH", "GRTAGS", "GTAGS", "Gemfile", "HEAD", "HISTORY", "INDEX", "INSTALL", "Jenkinsfile",
    "Justfile", "Kbuild", "Kconfig", "LICENCE", "LICENSE", "LOST.DIR", "Library", "MAINTAINERS",
    "MANIFEST", "MERGE_HEAD", "MODULE", "MSOCache", "Makefile", "Music", "NEWS", "NOTICE",
    "Network", "ORIG_HEAD", "PRIVATE", "Pictures", "Pipfile", "Podfile", "Procfile", "Public",
    "RCS", "README", "RECYCLER", "REVERT_HEAD", "Rakefile", "Readme", "Recovery", "Recycled",
    "Release", "SCCS", "SConscript", "SConstruct", "TAGS", "THANKS", "TODO", "Taskfile",
    "Templates", "Thumbs", "Trash", "Users", "VERSION", "Vagrantfile", "Videos", "Volumes",
    "WORKSPACE", "Windows", "aarch64", "aarch64-linux-gnu", "albumart", "amd64", "applications",
    "aquota", "arm64", "autorun", "avx512_1", "bin", "boot", "bootmgr", "bower_components",
    "branches", "build", "cgroup", "conda-meta", "configure", "core", "cover", "cscope", "cwd",
    "debian", "debug", "desktop", "dev", "dist", "doc", "docs", "env", "etc", "example", "examples",
    "exe", "fd", "folder", "fonts", "glibc-hwcaps", "haswell", "home", "hooks", "i386",
    "i386-linux-gnu", "i586", "i686", "icons", "include", "info", "justfile", "lib", "lib32",
    "lib64", "libexec", "libx32", "license", "local", "locale", "lost+found", "makefile", "man",
    "maps", "media", "mem", "meson", "mime", "mnt", "modules", "node_modules", "nohup", "null",
    "obj", "objects", "opt", "out", "package", "packages", "packed-refs", "platform", "proc",
    "quota", "random", "readme", "refs", "release", "root", "run", "sbin", "scripts", "self",
    "selinux", "setup", "share", "site-packages", "snapshot", "snapshots", "source", "sources",
    "src", "srv", "sse2", "stat", "status", "stderr", "stdin", "stdout", "sys", "target",
    "temp", "test", "tests", "themes", "thumbnails", "tls", "tmp", "tools", "trash", "usr", "var",
    "vendor", "venv", "virtualenv", "worktrees", "wscript", "x86_64", "x86_64-linux-gnu",
    "xeon_phi", "zero"};
static_assert(std::is_sorted(kKnown.begin(), kKnown.end()));

bool is_letter(char c) { return vo::lower(c) >= 'a' && vo::lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_of_designations(char c) {
  constexpr std::string_view marks = " _+-.*'()[]:";
  return is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
}

// Shared libraries carry their version behind the extension: libc.so.6.
bool is_library(std::string_view name) { return name.find(".so.") != std::string_view::npos; }

constexpr std::size_t kLongestName = 80;

}  // namespace

bool is_noise(std::string_view name) {
  if (name.empty() || name == "System Volume Information") return true;
  constexpr std::string_view hidden_or_backup = "._~#$%";
  return hidden_or_backup.find(name.front()) != std::string_view::npos || name.ends_with('~') ||
         name.starts_with("core.") || is_library(name) ||
         std::binary_search(kKnown.begin(), kKnown.end(), name);
}

bool may_be_object(std::string_view name) {
  const auto letters = std::count_if(name.begin(), name.end(), is_letter);
  const bool is_word = letters == static_cast<std::ptrdiff_t>(name.size());
  // The shortest names without a number or a blank are those of stars, such as "Zaurak" and "Sun".
  return letters > 0 && name.size() >= (is_word ? 3 : 2) && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), is_of_designations) &&
         (is_letter(name.front()) || is_digit(name.front()) || name.front() == '[' || name.front() == '*');
}

}  // namespace platefs::fs
