#pragma once

// What a run measured, as rows of run.db. Times are seconds since 1970.

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::store
{

struct MetricRow {
    std::int64_t id = 0; // grows with every row written, also over a resume
    std::int64_t step = 0;
    std::int64_t tokens = 0; // response tokens seen so far
    double time = 0.0;
    std::string name;
    double value = 0.0; // NaN and infinities are kept
};

// A point of one named series.
struct MetricPoint {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::int64_t tokens = 0;
    double time = 0.0;
    double value = 0.0;
};

struct HeatMapRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::string name; // "cma.t2s"
    std::int64_t sample = 0;
    std::vector<std::string> rowTokens;
    std::vector<std::string> columnTokens;
    std::vector<float> values; // rowTokens x columnTokens, row by row; empty in lists
};

struct AnswerRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::int64_t sample = 0;
    std::string prompt;
    std::string reference;
    std::string answer;
    double rougeL = 0.0; // F1 in [0, 1]
};

} // namespace dskd::store
