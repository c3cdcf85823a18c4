// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace platefs::cache {

/// Where a file lies, as far as it matters for locks and shared maps: of one machine's kernel, or passed on by it to
/// other machines or to a program (FUSE), where two who share a file may not see each other.

/// The name of a file system that several machines, or a program, share; empty: of this machine's kernel alone.
/// `magic`: statfs(2)'s f_type; `type`: that of the mount in mountinfo ("fuse.sshfs"), empty where it is not known.
std::string shared_file_system(std::uint32_t magic, std::string_view type);

/// The type of the mount of a device, "0:51", in a text as /proc/self/mountinfo has it (proc(5)); empty: it is not
/// there.
std::string mount_type(std::string_view mountinfo, std::string_view device);

/// That of `path`, or where that is not there yet of the nearest folder above it. Thread-safe.
std::string shared_file_system_of(const std::filesystem::path& path);

/// Can something be made in `path`, or where that is not there yet in the nearest folder above it?
bool can_be_written(const std::filesystem::path& path);

}  // namespace platefs::cache
