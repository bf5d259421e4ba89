#pragma once

// Words that several commands take.

#include "core/base/result.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace dskd::cli
{

// RUN, required.
inline void runArgument(CLI::App& command, std::string& run,
                        const std::string& help = "Id, its beginning, name, or \"last\"")
{
    command.add_option("run", run, help)->type_name("RUN")->required();
}

// RUN…
inline CLI::Option* runsArgument(CLI::App& command, std::vector<std::string>& runs, const std::string& more = {})
{
    return command.add_option("runs", runs, "Ids, names, \"last\", or a group: its name, or group:NAME" + more)
        ->type_name("RUN");
}

// --set FIELD=VALUE, as field_sets.h applies it.
inline void setOption(CLI::App& command, std::vector<std::string>& sets, const std::string& example = "train.lr=1e-3")
{
    command.add_option("--set", sets, "Change a field, for example " + example + "; may be repeated")
        ->type_name("FIELD=VALUE")
        ->allow_extra_args(false);
}

// A table has one form. Throws Usage where several are asked for.
inline void requireOneForm(bool json, bool csv, bool latex = false)
{
    if (static_cast<int>(json) + static_cast<int>(csv) + static_cast<int>(latex) > 1) {
        throw Error("--json, --csv and --latex are forms of one table, and several are asked for.", "Name one of them.",
                    FailureKind::Usage);
    }
}

} // namespace dskd::cli
