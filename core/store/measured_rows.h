#pragma once

// What a run measured, as rows of run.db. Times are seconds since 1970.

#include <cstdint>
#include <optional>
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
    // rowTokens x columnTokens, row by row; empty in lists. Maps with more than kMostFloatCells of them come back in
    // half precision (map_cells.h): off by 0.05 % at most from 6.1e-5 on, by 3e-8 below.
    std::vector<float> values;
    // Tokens of the whole sample, more than rowTokens where the map is cut (log.map_tokens). None in lists, and of
    // older runs, whose maps had 96 tokens a side at most.
    std::optional<std::int64_t> wholeRows = std::nullopt;
    std::optional<std::int64_t> wholeColumns = std::nullopt;
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
