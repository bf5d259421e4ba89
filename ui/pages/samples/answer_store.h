#pragma once

// The answers a run generated at its validations, as the page of samples reads them. Any thread.

#include "core/base/result.h"
#include "core/store/baseline_records.h"
#include "ui/pages/shared/step_index.h"

#include <filesystem>
#include <map>
#include <vector>

namespace dskd::ui
{

struct AnswerCatalogue {
    std::vector<store::AnswerRow> answers;
    std::map<std::int64_t, StepIndex> bySample;      // sample -> step -> index into answers
    std::vector<store::BaselineAnswerRow> baselines; // of the teacher and of the untrained student
    // Row ids never return, so the last one tells whether anything was added or removed.
    bool operator==(const AnswerCatalogue& other) const
    {
        return lastId() == other.lastId() && baselines.size() == other.baselines.size();
    }

private:
    [[nodiscard]] std::int64_t lastId() const { return answers.empty() ? 0 : answers.back().id; }
};

// Fails, with its path, for a folder that is not there any more.
Result<AnswerCatalogue> readAnswers(const std::filesystem::path& runFolder);

// The answer to the sample at the step nearest to `step`; nullptr when there is none.
[[nodiscard]] const store::AnswerRow* answerNear(const AnswerCatalogue& catalogue, std::int64_t sample,
                                                 std::int64_t step);

} // namespace dskd::ui
