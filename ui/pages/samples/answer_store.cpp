#include "ui/pages/samples/answer_store.h"

#include "core/jobs/status.h"
#include "core/store/run_reader.h"

#include <optional>

namespace dskd::ui
{

Result<AnswerCatalogue> readAnswers(const std::filesystem::path& runFolder)
{
    if (const std::optional<Failure> gone = jobs::folderGone({runFolder})) {
        return *gone; // a reader would find it without answers
    }
    auto reader = store::RunReader::open({runFolder});
    if (!reader) {
        return reader.failure();
    }
    AnswerCatalogue catalogue;
    catalogue.answers = reader->answers();
    catalogue.baselines = reader->baselineAnswers();
    for (std::size_t i = 0; i < catalogue.answers.size(); ++i) {
        const store::AnswerRow& answer = catalogue.answers[i];
        catalogue.bySample[answer.sample][answer.step] = static_cast<std::int64_t>(i);
    }
    return catalogue;
}

const store::AnswerRow* answerNear(const AnswerCatalogue& catalogue, std::int64_t sample, std::int64_t step)
{
    const auto steps = catalogue.bySample.find(sample);
    const auto nearest = steps == catalogue.bySample.end() ? std::nullopt : nearestStep(steps->second, step);
    return nearest ? &catalogue.answers[static_cast<std::size_t>(steps->second.at(*nearest))] : nullptr;
}

} // namespace dskd::ui
