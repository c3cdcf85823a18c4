// SPDX-License-Identifier: BSD-3-Clause
// The words of each command. What they mean is in the command's own file.
#include "tools/cli/declared_command.h"
#include "tools/cli/told.h"

namespace platefs::tools {
namespace {

const std::vector<std::string> kCacheActions{"status", "list", "pin", "unpin", "evict", "forget", "verify", "clear"};
const std::vector<std::string> kArchivesActions{"list", "probe", "discover", "index"};

CLI::Option* add_json(CLI::App& app, bool& as_json) { return app.add_flag("--json", as_json, "facts as JSON"); }

}  // namespace

DeclaredCommand declare_query(CLI::App& app, const Commands& commands) {
  const Told<QueryCommand> told;
  auto* query = app.add_subcommand("query", "the plates that cover a target, as a table");
  add_archive_options(*query, told->common);
  query->add_option("TARGET", told->target, "156.011+48.148, J102402.7+480851, ...")->required();
  query->add_option("--format", told->format, "how to print them")
      ->type_name("WORD")
      ->check(CLI::IsMember({"table", "csv", "json", "votable"}))
      ->capture_default_str();
  query
      ->add_option("--columns", told->columns,
                   "these columns of the table of plates in this order, with commas between")
      ->type_name("NAME")
      ->delimiter(',')
      ->allow_extra_args(false);
  query->add_option("--sort", told->sort_by, "by this column; -NAME: from the largest")->type_name("NAME");
  query->add_option("--since", told->since, "plates begun at or after this year, month or day: 1890, 1890-05")
      ->type_name("DATE");
  query->add_option("--until", told->until, "plates begun at or before it")->type_name("DATE");
  query->add_flag_callback(
      "--json", [command = told.command] { command->format = "json"; }, "the same as --format json");
  query->footer(R"(Examples:
  platefs query M31
  platefs query 156.011+48.148 --since 1900 --until 1919-12-31 --sort exposure
  platefs query 'AG Dra' --columns plate,date_min,t_exptime --format csv > plates.csv
  platefs query M31 --json | jq -r '.plates[].plate')");
  return {query, WordKind::Target, {}, &told->common, told.runs(commands.query)};
}

DeclaredCommand declare_fetch(CLI::App& app, const Commands& commands) {
  const Told<FetchCommand> told;
  auto* fetch = app.add_subcommand("fetch", "fetch files of targets into the cache");
  add_archive_options(*fetch, told->common);
  fetch->add_option("TARGET", told->targets, "156.011+48.148, J102402.7+480851@20m, ...");
  fetch->add_option("--what", told->what, "which files of each plate, separated by commas")
      ->type_name("WORD")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"cutout", "preview", "full", "stamp", "aligned", "all"}))
      ->capture_default_str();
  fetch
      ->add_option("--targets", told->targets_file,
                   "a CSV or ECSV file or VOTable with columns ra, dec, name; - is standard input")
      ->type_name("FILE");
  fetch->add_option("--jobs", told->jobs, "files fetched at once")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""))
      ->capture_default_str();
  fetch
      ->add_option("--to", told->to,
                   "write them into DIR, FILE.tar or an S3 bucket, too, as plain files with a manifest.jsonl")
      ->type_name("DIR|FILE.tar|s3://BUCKET/PREFIX");
  fetch->add_option("--shard", told->shard, "of the targets only the I-th of N parts")->type_name("I/N");
  fetch->add_flag("--pin", told->pins, "keep them whatever else needs room");
  fetch->add_flag("--dry-run", told->dry_run, "say how many bytes it would be, fetch none");
  fetch->add_flag("--json", told->as_json, "a line of JSON for each file");
  fetch->footer(R"(Examples:
  platefs fetch M31                         its cutouts
  platefs fetch --what stamp,preview M31@5m
  platefs fetch --targets stars.csv --radius 5m --json > report.jsonl
  platefs fetch --to m31/ M31               plain files, for a machine without platefs
  platefs fetch --to m31.tar M31            the same in one file
  platefs fetch --to s3://plates/m31 M31    objects of a bucket; AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, ...
  platefs fetch --shard 2/4 --to out/ --targets stars.csv
  platefs fetch --pin M31                   and keep them whatever else needs room)");
  return {fetch, WordKind::Target, {}, &told->common, told.runs(commands.fetch)};
}

DeclaredCommand declare_blink(CLI::App& app, const Commands& commands) {
  const Told<BlinkCommand> told;
  auto* blink = app.add_subcommand("blink", "fetch the cutouts of a target and blink them by epoch in DS9");
  add_archive_options(*blink, told->common);
  blink->add_option("TARGET", told->target, "156.011+48.148, J102402.7+480851@5m, ...")->required();
  auto* with = blink->add_option("--with", told->program, "the program that shows them")
                   ->type_name("WORD")
                   ->check(CLI::IsMember({"ds9", "topcat", "aladin"}))
                   ->capture_default_str();
  blink->add_option("--gif", told->gif, "write the stamps as an animation to this file, start no program")
      ->type_name("FILE")
      ->excludes(with);
  blink->add_flag("--positive", told->common.positive, "of --gif: bright stars on a dark sky");
  blink->add_option("--jobs", told->jobs, "files fetched at once")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""))
      ->capture_default_str();
  blink->footer(R"(Examples:
  platefs blink M31
  platefs blink M31@5m@1890-1920
  platefs blink --with topcat M31
  platefs blink --gif m31.gif M31)");
  return {blink, WordKind::Target, {}, &told->common, told.runs(commands.blink)};
}

DeclaredCommand declare_cache(CLI::App& app, const Commands& commands) {
  const Told<CacheCommand> told;
  auto* cache =
      app.add_subcommand("cache", "look after what is kept: status, list, pin, unpin, evict, forget, verify, clear");
  add_place_options(*cache, told->common);
  cache->add_option("--cache-size", told->common.cache_size, "most that files may take")
      ->type_name("SIZE")
      ->capture_default_str();
  cache->add_option("ACTION", told->action, "what to do")->required()->check(CLI::IsMember(kCacheActions));
  cache->add_option("FILES", told->selectors,
                    "targets, plates, paths in a mount, identifiers or patterns of them (*i008*), "
                    "numbers of the list");
  cache->add_option("--what", told->what, "only files of these kinds, separated by commas")
      ->type_name("WORD")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"cutout", "preview", "full", "stamp", "aligned", "chart", "link"}));
  cache->add_flag("--pinned", told->pinned_too, "clear pinned files, too");
  cache->add_flag("--targets", told->targets_only, "list targets that were asked for, not files");
  add_json(*cache, told->as_json);
  cache->footer(R"(Examples:
  platefs cache status
  platefs cache list M31
  platefs cache pin M31 --what cutout
  platefs cache forget M31@2m               off the list of targets; its files stay
  platefs cache clear)");
  return {cache, WordKind::Target, kCacheActions, &told->common, told.runs(commands.cache)};
}

DeclaredCommand declare_status(CLI::App& app, const Commands& commands) {
  const Told<StatusCommand> told;
  auto* status = app.add_subcommand("status", "what a mount is doing, or all of yours");
  add_place_options(*status, told->common);
  status->add_option("MOUNTPOINT", told->mountpoint, "one of them");
  auto* watch = status->add_flag("--watch", told->watches, "show it anew each second until Ctrl-C");
  add_json(*status, told->as_json)->excludes(watch);
  status->footer(R"(Examples:
  platefs status
  platefs status ~/plates --watch)");
  return {status, WordKind::Directory, {}, &told->common, told.runs(commands.status)};
}

DeclaredCommand declare_archives(CLI::App& app, const Commands& commands) {
  const Told<ArchivesCommand> told;
  auto* archives = app.add_subcommand("archives", "which archives are known, which answer, and which there are");
  add_archive_options(*archives, told->common);
  archives->add_option("ACTION", told->action, "list, probe, discover or index")
      ->check(CLI::IsMember(kArchivesActions))
      ->capture_default_str();
  archives->add_option("WORDS", told->names,
                       "of probe: archives; of discover: words in the title; of index: folders, URLs, lists");
  archives->add_option("--registry", told->common.registry, "TAP service with the registry's tables")
      ->type_name("URL")
      ->capture_default_str();
  archives->add_option("-o,--output", told->output, "of index: the table to make, or to bring up to date")
      ->type_name("FILE");
  archives->add_option("--collection", told->collection, "of index: what the plates are called together")
      ->type_name("NAME");
  archives->add_flag("--names", told->names_only, "list names only");
  add_json(*archives, told->as_json);
  archives->footer(R"(Examples:
  platefs archives
  platefs archives probe gavo
  platefs archives discover plates
  platefs archives index https://plates.example.org/bruce/ -o plates.vot)");
  return {archives, WordKind::Archive, kArchivesActions, &told->common, told.runs(commands.archives)};
}

DeclaredCommand declare_doctor(CLI::App& app, const Commands& commands) {
  const Told<DoctorCommand> told;
  auto* doctor = app.add_subcommand("doctor", "check everything that a mount needs, and say how to mend it");
  add_archive_options(*doctor, told->common);
  add_json(*doctor, told->as_json);
  doctor->footer(R"(Examples:
  platefs doctor
  platefs doctor --archive dasch --json)");
  return {doctor, WordKind::Nothing, {}, &told->common, told.runs(commands.doctor)};
}

}  // namespace platefs::tools
