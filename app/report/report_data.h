#pragma once

// What a report shows, as plain values: read from run folders once, then turned into a page by render.h.

#include "app/report/decimate.h"
#include "core/jobs/compare.h"
#include "core/jobs/comparison_table.h"
#include "core/jobs/status.h"
#include "core/store/measured_rows.h"
#include "core/store/workspace_db.h"
#include "core/store/workspace_rows.h"

#include <map>
#include <string>
#include <vector>

namespace dskd::report
{

struct Curve {
    std::size_t recorded = 0;       // points in run.db
    std::vector<CurvePoint> points; // those drawn
};

struct ReportRun {
    store::RunRow row;
    jobs::RunStatus status;
    std::size_t group = 0; // index into ReportData::groups; decides the colour
    double seconds = 0.0;  // 0: not known
    std::string config;    // JSON text
    std::map<std::string, std::string> info;
    std::map<std::string, Curve> curves;     // by metric
    std::vector<store::HeatMapRow> heatMaps; // by name, sample, step
    bool heatMapsThinned = false;            // more steps were recorded than are shown
    std::vector<store::AnswerRow> answers;   // of the newest validation
};

// Runs that differ in nothing but the seed.
struct ReportGroup {
    std::string label;
    std::vector<std::size_t> runs;       // indices into ReportData::runs
    std::size_t seeds = 0;               // of the mean curves: the runs that are done, or all when none is
    std::map<std::string, Curve> curves; // mean and deviation over those seeds at the steps all of them have
};

struct ReportData {
    std::string title;
    std::string workspace;
    double written = 0.0; // when
    std::vector<ReportRun> runs;
    std::vector<ReportGroup> groups;
    jobs::ComparisonTable table;
    std::vector<jobs::UnreadRun> leftOut; // runs that were asked for and cannot be read, or not wholly
};

// How much of what was recorded a page embeds; the rest is thinned out. A page of a hundred runs is to stay below 5 MB.
struct ReportLimits {
    std::size_t pointsOfACurve = 2000;
    std::size_t points = 100'000; // of all curves, about 2 MB; each run and each mean has an equal share
    std::size_t cells = 600'000;  // of all attention maps, about 1.6 MB; each run has an equal share
};

// Mean and deviation at the steps that all of `seeds` have.
[[nodiscard]] std::vector<CurvePoint> meanCurve(const std::vector<std::vector<CurvePoint>>& seeds);

Result<ReportData> loadReport(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                              const std::string& title, const ReportLimits& limits = {});

} // namespace dskd::report
