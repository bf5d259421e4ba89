#pragma once

// The answers a run generated at its validations, as the page of samples reads them. Any thread.

#include "ui/pages/alignment/attention_store.h"

namespace dskd::ui
{

struct AnswerCatalogue {
    std::vector<store::AnswerRow> answers;
    std::map<std::int64_t, MapSteps> bySample; // sample -> step -> place in answers
};

Result<AnswerCatalogue> readAnswers(const std::filesystem::path& runFolder);

// The answer to the sample at the step nearest to `step`; nullptr when there is none.
[[nodiscard]] const store::AnswerRow* answerNear(const AnswerCatalogue& catalogue, std::int64_t sample,
                                                 std::int64_t step);

} // namespace dskd::ui
