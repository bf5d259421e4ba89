#include "tests/faults/run_outcome.h"

#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"
#include "tests/worker/worker_process.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace dskd::test
{
namespace
{

bool dependsOnTheMachine(const std::string& metric)
{
    const metrics::Unit unit = metrics::unitOf(metric);
    return unit == metrics::Unit::Seconds || unit == metrics::Unit::TokensPerSecond || unit == metrics::Unit::Bytes;
}

} // namespace

Outcome outcomeOf(const RunLayout& run, std::int64_t steps)
{
    Outcome outcome;
    store::RunReader reader = store::RunReader::open(run).value();
    for (const std::string& name : reader.metricNames()) {
        if (!dependsOnTheMachine(name)) {
            outcome.series[name] = series(run, name);
        }
    }
    for (const auto& entry : std::filesystem::directory_iterator(run.checkpoints())) {
        outcome.checkpoints.insert(entry.path().filename().string());
    }
    std::ostringstream bytes;
    bytes << std::ifstream(CheckpointLayout{run.checkpoint(steps)}.weights(), std::ios::binary).rdbuf();
    outcome.student = bytes.str();
    return outcome;
}

} // namespace dskd::test
