#pragma once

// Runs of a table that never ran.

#include "core/jobs/table/run_columns.h"

#include <map>
#include <string>
#include <vector>

namespace dskd::jobs::test
{

struct MadeRun {
    store::RunRow row;
    RunStatus status;
    std::map<std::string, double> latest;
    double started = 0.0;
    double ended = 0.0;
    std::string experiment = {};
    ConfigTexts config = {};

    [[nodiscard]] TableRun view() const
    {
        return {row, status, latest, started, ended, /*now=*/10'000.0, experiment, &config};
    }
};

inline MadeRun made(const std::string& name, std::uint64_t seed, std::map<std::string, double> latest = {},
                    Status status = Status::Done)
{
    MadeRun run;
    run.row.id = name + "-" + std::to_string(seed);
    run.row.name = name;
    run.row.seed = seed;
    run.row.methodLabel = "dskd";
    run.status.status = status;
    run.latest = std::move(latest);
    return run;
}

} // namespace dskd::jobs::test
