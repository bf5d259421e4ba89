// `dskd cache`: what the workspace keeps of teachers, so that several runs compute it once.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "core/cache/kept_teachers.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::cli
{

namespace
{

struct ClearOptions : CommonOptions {
    std::vector<std::string> keys;
};

WorkspaceLayout workspaceNamed(const CommonOptions& options)
{
    return {orThrow(locateWorkspace(options.workspace), FailureKind::NotFound)};
}

nlohmann::json toJson(const cache::KeptTeacher& kept)
{
    return {{"key", kept.key},
            {"teacher", kept.teacher.model},
            {"adapter", kept.teacher.adapter},
            {"device", kept.teacher.device},
            {"samples", kept.samples},
            {"bytes", kept.bytes},
            {"changed", kept.changed}};
}

ExitCode runList(const CommonOptions& options, Console& console)
{
    const WorkspaceLayout workspace = workspaceNamed(options);
    nlohmann::json rows = nlohmann::json::array();
    text::Table table;
    table.columns = {{"key"},    {"samples", text::Align::Right},     {"size", text::Align::Right}, {"changed"},
                     {"device"}, {"teacher", text::Align::Left, true}};
    for (const cache::KeptTeacher& kept : cache::keptTeachers(workspace)) {
        rows.push_back(toJson(kept));
        table.add({kept.key, std::to_string(kept.samples), text::bytes(kept.bytes), text::localTime(kept.changed),
                   kept.teacher.device, kept.teacher.model});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out << "Nothing is kept of a teacher. Runs with a teacher keep what it gives for each sample.\n";
    } else {
        console.out << text::toTerminal(table, tableStyle(console));
    }
    return ExitCode::Done;
}

ExitCode runClear(const ClearOptions& options, Console& console)
{
    const WorkspaceLayout workspace = workspaceNamed(options);
    const std::vector<cache::KeptTeacher> all = cache::keptTeachers(workspace);
    std::set<std::string> keys(options.keys.begin(), options.keys.end());
    for (const std::string& key : keys) { // before anything is deleted
        if (std::none_of(all.begin(), all.end(), [&](const cache::KeptTeacher& kept) { return kept.key == key; })) {
            throw Error(cache::unknownTeacher(workspace, key));
        }
    }
    if (keys.empty()) {
        for (const cache::KeptTeacher& kept : all) {
            keys.insert(kept.key);
        }
    }
    std::uint64_t freed = 0;
    for (const std::string& key : keys) {
        const Result<std::uint64_t> bytes = cache::forgetTeacher(workspace, key);
        if (!bytes) {
            Failure failure = bytes.failure();
            failure.what += freed > 0 ? " " + text::bytes(freed) + " of other teachers were freed before." : "";
            throw Error(std::move(failure));
        }
        freed += *bytes;
    }
    if (options.json) {
        printJson(console.out, {{"cleared", keys}, {"freed_bytes", freed}});
    } else {
        console.out << text::bytes(freed) << " freed. Runs compute anew what they need of "
                    << (keys.size() == 1 ? "this teacher" : "their teachers") << ".\n";
    }
    return ExitCode::Done;
}

} // namespace

void addCache(CommandLine& line)
{
    CLI::App* family =
        line.addFamily("cache", "What is kept of teachers, so that several runs compute it once", "dskd cache list");
    line.addTo<CommonOptions>(
        family, "list", "Show the teachers of which rows are kept, and how much", "dskd cache list",
        [](CLI::App&, CommonOptions&) {}, runList);
    line.addTo<ClearOptions>(
        family, "clear", "Delete what is kept; nothing is lost but the time to compute it", "dskd cache clear",
        [](CLI::App& command, ClearOptions& o) {
            command.add_option("key", o.keys, "Keys that `dskd cache list` shows; none: all")->type_name("KEY");
        },
        runClear);
}

} // namespace dskd::cli
