#pragma once

// How the tokens of an experiment's two models are aligned, from its tokenizers and data: no weights are read, and no
// run need have recorded anything. Of what a run has recorded: where the true chunks lie in its maps. Any thread.

#include "core/align/attention_in_chunks.h"
#include "core/align/coverage_report.h"
#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/dataset/record.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dskd::preflight
{

enum class CoverageData { Validation, Training };

struct CoverageRequest {
    CoverageData data = CoverageData::Validation; // the training data where an experiment has no other
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
    // Fails when a tokenizer or the data cannot be read, with the reason; of an experiment without a teacher too.
    // `cancelled` may turn true at any time; what comes back then is of no use.
    static Result<std::shared_ptr<const RunCoverage>>
    measure(const config::Experiment& experiment, const CoverageRequest& request, const std::atomic<bool>& cancelled);

    [[nodiscard]] const align::CoverageReport& report() const { return m_report; }
    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; }
    [[nodiscard]] CoverageData data() const { return m_data; }
    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }
    // Whether recorded maps are of these samples: they are of the validation data, where there is any.
    [[nodiscard]] bool holdsProbes() const;
    // How the data differ from those that the run trains on, as a sentence; may be empty.
    [[nodiscard]] const std::string& remark() const { return m_remark; }
    // Lines of the data that cannot be read or written in a chat template of either side.
    [[nodiscard]] std::size_t brokenLines() const { return m_brokenLines; }
    [[nodiscard]] const tokenizer::Tokenizer& teacher() const { return *m_teacher; }
    [[nodiscard]] const tokenizer::Tokenizer& student() const { return *m_student; }
    [[nodiscard]] const std::optional<align::MinimumEdits>& edits() const { return m_edits; } // only MinED

    // By SampleCoverage::sample; none when there is no such sample.
    [[nodiscard]] std::optional<SampleRows> rows(std::int64_t sample) const;

private:
    RunCoverage() = default;

    config::Experiment m_experiment;
    CoverageData m_data = CoverageData::Validation;
    std::filesystem::path m_file;
    std::string m_remark;
    std::size_t m_brokenLines = 0;
    std::vector<dataset::Record> m_records;
    std::shared_ptr<const tokenizer::Tokenizer> m_teacher;
    std::shared_ptr<const tokenizer::Tokenizer> m_student;
    std::optional<align::MinimumEdits> m_edits;
    align::CoverageOptions m_options;
    align::CoverageReport m_report;
};

// A map as a run records it: "cma.t2s" has the student's tokens as rows, "cma.s2t" the teacher's.
struct RecordedMap {
    std::string_view name;
    std::span<const std::string> rowTokens;
    std::span<const std::string> columnTokens;
};

// The chunks of a map's rows and columns, as many as it has. None when its tokens are not those of the sample: the data
// or the tokenizers have changed since it was recorded.
struct MapChunks {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> columns;
};
[[nodiscard]] std::optional<MapChunks> chunksOf(const RecordedMap& map, const SampleRows& sample);

} // namespace dskd::preflight
