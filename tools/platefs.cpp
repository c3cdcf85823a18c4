// SPDX-License-Identifier: BSD-3-Clause
#include "tools/command_line.h"
#include "tools/mount_command.h"
#include "tools/query_command.h"

int main(int argc, char** argv) {
  using namespace platefs::tools;
  return run_command_line(
      argc, argv,
      {.mount = run_mount,
       .unmount = [](const UnmountCommand& command) { return run_unmount(command.mountpoint); },
       .query = run_query,
       .status = [](const StatusCommand& command) {
         return run_status(command.mountpoint, command.as_json);
       }});
}
