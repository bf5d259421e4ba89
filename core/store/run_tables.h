#pragma once

#include "core/store/attempt_rows.h"
#include "core/store/baseline_records.h"
#include "core/store/database.h"
#include "core/store/measured_rows.h"
#include "core/store/space_records.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

// Rows of run.db that are not written yet.
struct RunRows {
    std::vector<MetricRow> metrics;
    std::vector<HeatMapRow> heatMaps;
    std::vector<AnswerRow> answers;
    std::vector<BaselineAnswerRow> baselineAnswers;
    std::vector<StructureRow> structure;
    std::vector<SpaceAxesRow> spaceAxes;
    std::vector<SpacePointRow> spacePoints;
    std::vector<EventRow> events;

    [[nodiscard]] bool empty() const
    {
        return metrics.empty() && heatMaps.empty() && answers.empty() && baselineAnswers.empty() && structure.empty() &&
               spaceAxes.empty() && spacePoints.empty() && events.empty();
    }
    // Moves the rows of `more` behind these.
    void take(RunRows& more);
    // Drops what a resume writes again: everything but events.
    void forgetSteps();
};

// The prepared statements and the ids of metric names. One thread at a time, inside a transaction; of no use any more
// when the transaction was rolled back.
class RunTables
{
public:
    explicit RunTables(const Database& database);
    void write(const RunRows& rows);

private:
    std::int64_t nameId(const std::string& name);
    void writeAnswers(const RunRows& rows);
    void writeSpaces(const RunRows& rows);

    Statement m_name;
    Statement m_nameId;
    Statement m_metric;
    Statement m_heatMap;
    Statement m_answer;
    Statement m_baseline;
    Statement m_structure;
    Statement m_axes;
    Statement m_point;
    Statement m_event;
    std::map<std::string, std::int64_t> m_nameIds;
};

// The tables whose rows belong to a step of the training: a resume deletes those beyond its checkpoint, and writes them
// again.
inline constexpr const char* kTablesOfSteps[] = {"metrics",   "heatmaps",   "answers",     "baseline_answers",
                                                 "structure", "space_axes", "space_points"};

// The newest axes of each space. Throws DatabaseError.
[[nodiscard]] std::vector<SpaceAxesRow> newestSpaceAxes(const Database& database);

// A sentence when steps from 1 to `last` have no rows, which a resume from there relies on; nothing when all have.
[[nodiscard]] std::optional<std::string> missingSteps(const Database& database, std::int64_t last);

} // namespace dskd::store
