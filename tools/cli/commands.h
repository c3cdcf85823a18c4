// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/cli/options.h"

namespace platefs::tools {

struct MountCommand {
  CommonOptions common;
  std::string mountpoint;
  bool foreground = false;
  std::vector<std::string> fuse_options;
  /// In the foreground: called with the mount point when it answers, on any thread.
  std::function<void(const std::string& place)> announce = {};
};

struct ServeCommand {
  CommonOptions common;
  int port = 0;          ///< 0: one that is free
  bool is_open = false;  ///< no token
  bool has_webdav = false;
  /// Called with the URL when it answers; empty: that is written to stdout. False: it could not be told.
  std::function<bool(const std::string& url)> announce = {};
};

struct DemoCommand {
  CommonOptions common;
  std::string mountpoint;  ///< empty: it is served by HTTP
  int port = 0;            ///< of the server; 0: one that is free
  bool is_open = false;    ///< the server asks for no token
};

struct UnmountCommand {
  std::string mountpoint;
};

struct QueryCommand {
  CommonOptions common;
  std::string target;
  std::string format = "table";
  std::vector<std::string> columns;  ///< empty: as usual
  std::string sort_by;               ///< a column, with '-' in front from the largest; empty: by name, which is by date
  std::string since, until;          ///< "1890", "1890-05", "1890-05-17"
};

struct FetchCommand {
  CommonOptions common;
  std::vector<std::string> targets;
  std::string targets_file;  ///< CSV or VOTable; "-": standard input
  std::vector<std::string> what{"cutout"};
  int jobs = 8;
  std::string to;     ///< the directory or *.tar for plain files; empty: none
  std::string shard;  ///< "2/4": only these of the targets
  bool pins = false;  ///< what was fetched stays whatever else needs room
  bool dry_run = false;
  bool as_json = false;
};

struct BlinkCommand {
  CommonOptions common;
  std::string target;
  std::string program = "ds9";  ///< or topcat, aladin
  std::string gif;              ///< the file to write in place of starting a program; empty: none
  int jobs = 8;
};

struct CacheCommand {
  CommonOptions common;
  std::string action;                  ///< status, list, pin, unpin, evict, forget, verify, clear
  std::vector<std::string> selectors;  ///< which files: targets, DIDs, patterns, numbers
  std::vector<std::string> what;       ///< only files of these kinds
  bool pinned_too = false;             ///< of clear
  bool targets_only = false;           ///< of list
  bool as_json = false;
};

struct StatusCommand {
  CommonOptions common;
  std::string mountpoint;
  bool watches = false;
  bool as_json = false;
};

struct ArchivesCommand {
  CommonOptions common;
  std::string action = "list";     ///< list, probe, discover, index
  std::vector<std::string> names;  ///< of probe: these; of discover: words to look for; of index: where plates are
  std::string output, collection;  ///< of index: the table, and what its plates are called together
  bool names_only = false;         ///< of list
  bool as_json = false;
};

struct DoctorCommand {
  CommonOptions common;
  bool as_json = false;
};

/// What each command runs; they return exit codes.
struct Commands {
  std::function<int(const MountCommand&)> mount;
  std::function<int(const ServeCommand&)> serve;
  std::function<int(const DemoCommand&)> demo;
  std::function<int(const UnmountCommand&)> unmount;
  std::function<int(const QueryCommand&)> query;
  std::function<int(const FetchCommand&)> fetch;
  std::function<int(const BlinkCommand&)> blink;
  std::function<int(const CacheCommand&)> cache;
  std::function<int(const StatusCommand&)> status;
  std::function<int(const ArchivesCommand&)> archives;
  std::function<int(const DoctorCommand&)> doctor;
};

}  // namespace platefs::tools
