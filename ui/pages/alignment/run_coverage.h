#pragma once

// How the tokens of a run's two models are aligned, found anew from its configuration, tokenizers and data: no weights
// are read, and the run need not have recorded anything. Any thread.

#include "core/align/attention_in_chunks.h"
#include "core/align/coverage_report.h"
#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/dataset/record.h"
#include "core/store/records.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

enum class CoverageData { Validation, Training };

struct CoverageRequest {
    std::filesystem::path runFolder;
    CoverageData data = CoverageData::Validation; // the training data where a run has no other
    std::int64_t samples = 200;                   // the first ones; 0: all
};

// One sample, token by token.
struct SampleRows {
    std::string text; // the answer
    align::MarkedAnswer marked;
    std::vector<std::string> teacherLabels; // of marked.teacher
    std::vector<std::string> studentLabels;
    // Of the rows of a recorded map. Empty where none is recorded (MinED).
    align::RowChunks chunks;
    std::vector<std::string> teacherRowLabels;
    std::vector<std::string> studentRowLabels;
    int firstTeacher = 0; // the token of marked.teacher that the map's first row of that side is; may be negative
    int firstStudent = 0;
};

// Immutable.
class RunCoverage
{
public:
    // Fails when a tokenizer or the data cannot be read, with the reason; of a run without a teacher too. `cancelled`
    // may turn true at any time; what comes back then is of no use.
    static Result<std::shared_ptr<const RunCoverage>> measure(const CoverageRequest& request,
                                                              const std::atomic<bool>& cancelled);

    [[nodiscard]] const align::CoverageReport& report() const { return m_report; }
    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; }
    [[nodiscard]] CoverageData data() const { return m_data; }
    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }
    // Whether recorded maps are of these samples: they are of the validation data, where there is any.
    [[nodiscard]] bool holdsProbes() const;
    [[nodiscard]] const std::string& remark() const { return m_remark; } // what a person should know; may be empty

    // By SampleCoverage::sample; none when there is no such sample.
    [[nodiscard]] std::optional<SampleRows> rows(std::int64_t sample) const;

private:
    RunCoverage() = default;

    config::Experiment m_experiment;
    CoverageData m_data = CoverageData::Validation;
    std::filesystem::path m_file;
    std::string m_remark;
    std::vector<dataset::Record> m_records;
    std::shared_ptr<const tokenizer::Tokenizer> m_teacher;
    std::shared_ptr<const tokenizer::Tokenizer> m_student;
    std::optional<align::MinimumEdits> m_edits;
    align::CoverageOptions m_options;
    align::CoverageReport m_report;
};

// The chunks of a map's rows and columns, as many as it has. None when its tokens are not those of the sample: the data
// or the tokenizers have changed since it was recorded.
struct MapChunks {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> columns;
};
[[nodiscard]] std::optional<MapChunks> chunksOf(const store::HeatMapRow& map, const SampleRows& sample);

// What a run has recorded over its steps of its alignment.
struct StepValues {
    struct Point {
        std::int64_t sample = 0;
        std::int64_t step = 0;
        std::optional<double> inside; // attention inside the true chunk, a mean over the map's rows
        bool operator==(const Point&) const = default;
    };
    std::string mapName;
    std::map<std::int64_t, Point> maps;       // by the id of the map's row
    std::vector<store::MetricPoint> coverage; // align_ratio, in order of step
    std::size_t attempts = 0;                 // of the run, when it was read
};

// Reads on from `before`, which may be empty; without `coverage`, or where it is not of the probe samples, nothing is
// known of attention.
Result<StepValues> readSteps(const std::filesystem::path& runFolder, const std::string& mapName,
                             const std::shared_ptr<const RunCoverage>& coverage, StepValues before,
                             const std::atomic<bool>& cancelled);

} // namespace dskd::ui
