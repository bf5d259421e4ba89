#pragma once

// Words that several commands take.

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

} // namespace dskd::cli
