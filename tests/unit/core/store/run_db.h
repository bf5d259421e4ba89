#pragma once

// A run folder with a run.db that tests write and read.

#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/support/temporary_folder.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace dskd::store
{

class RunDb : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    RunLayout run{folder.path()};

    std::unique_ptr<RunWriter> writer() { return RunWriter::open(run).value(); }
    RunReader reader() { return RunReader::open(run).value(); }
};

inline std::vector<std::int64_t> stepsOf(const std::vector<MetricPoint>& points)
{
    std::vector<std::int64_t> steps;
    for (const MetricPoint& point : points) {
        steps.push_back(point.step);
    }
    return steps;
}

} // namespace dskd::store
