#include "app/worker/answer_question.h"

#include "app/worker/exception.h"
#include "core/base/last_words.h"
#include "core/jobs/question.h"
#include "core/jobs/spawn.h"
#include "core/metrics/run_phases.h"
#include "core/store/attempt_rows.h"
#include "core/train/answers/free_prompt.h"

#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace dskd::worker
{
namespace
{

constexpr int kNiceness = 10; // 0 is a training's

// Passes on what one model is busy with, and keeps its warnings.
class AnswerObserver final : public train::Observer
{
public:
    AnswerObserver(std::size_t model, std::ostream& out) : m_model(model), m_out(out) {}

    void onPhase(std::int64_t /*step*/, const std::string& phase) override
    {
        tell({m_model, phase == metrics::kGeneratingPhase ? jobs::AnswerState::Answering : jobs::AnswerState::Loading});
    }
    void onEvent(std::int64_t /*step*/, const std::string& kind, const std::string& message) override
    {
        if (kind == store::kWarningEvent) {
            m_warnings.push_back(message);
        }
    }
    void tell(const jobs::AnswerNews& news) { m_out << jobs::toLine(news) << std::flush; }
    [[nodiscard]] std::vector<std::string> takeWarnings() { return std::exchange(m_warnings, {}); }

    void onMetrics(std::int64_t, std::int64_t, const std::map<std::string, double>&) override {}
    void onHeatMap(std::int64_t, const train::HeatMap&) override {}
    void onStructure(std::int64_t, const std::vector<train::SampleStructure>&) override {}
    void onSpaceAxes(const train::SpaceAxes&) override {}
    void onSpacePoints(std::int64_t, const std::vector<train::SpacePoint>&) override {}
    [[nodiscard]] std::vector<train::SpaceAxes> keptAxes() const override { return {}; }
    void onAnswers(std::int64_t, const std::vector<train::GeneratedAnswer>&) override {}
    void onBaselineAnswers(train::Side, const std::vector<train::GeneratedAnswer>&) override {}
    void onCheckpoint(std::int64_t, const std::string&) override {}
    void onPlan(std::int64_t, std::int64_t) override {}

private:
    std::size_t m_model;
    std::ostream& m_out;
    std::vector<std::string> m_warnings;
};

// False: it was asked to stop.
bool answerWith(const config::Experiment& model, const train::FreePrompt& prompt, AnswerObserver& observer,
                std::size_t number, const train::RunControl& control)
{
    jobs::AnswerNews news{number, jobs::AnswerState::Answered};
    try {
        const auto onText = [&](const std::string& text) {
            jobs::AnswerNews part{number, jobs::AnswerState::Answering};
            part.answer.text = text;
            observer.tell(part);
        };
        auto answer = train::answerFreePrompt(model, prompt, observer, control.stop, onText);
        if (!answer) {
            return false;
        }
        news.answer = {std::move(answer->prompt), std::move(answer->answer), answer->ended,
                       answer->promptCut,         answer->loadSeconds,       answer->seconds,
                       observer.takeWarnings(),   answer->maxNewTokens};
    } catch (...) {
        news.state = jobs::AnswerState::Failed;
        news.failure = explainException("Stop or wait for what else is in memory, or let the CPU answer "
                                        "(train.device cpu).",
                                        "")
                           .failure;
    }
    observer.tell(news);
    return true;
}

} // namespace

ExitCode answerQuestion(std::istream& in, std::ostream& out, const train::RunControl& control)
{
    jobs::endWithStarter();                        // nobody else could read the answers
    (void)setpriority(PRIO_PROCESS, 0, kNiceness); // where it is refused, the answers come all the same
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const Result<jobs::Question> question = jobs::parseQuestion(text);
    if (!question) {
        std::cerr << lastWordsBegin(ExitCode::Usage) << question.failure().text() << std::endl;
        return ExitCode::Usage;
    }
    const train::FreePrompt prompt{question->prompt, question->asItIs, question->seed, question->cutsPrompt};
    for (std::size_t i = 0; i < question->models.size(); ++i) {
        AnswerObserver observer(i, out);
        if (control.stop || !answerWith(question->models[i], prompt, observer, i, control)) {
            return ExitCode::Stopped;
        }
    }
    return ExitCode::Done;
}

} // namespace dskd::worker
