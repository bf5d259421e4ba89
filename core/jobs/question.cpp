#include "core/jobs/question.h"

#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::jobs
{
namespace
{

using nlohmann::json;

constexpr std::array kStates = {
    std::pair(AnswerState::Waiting, std::string_view("waiting")),
    std::pair(AnswerState::Loading, std::string_view("loading")),
    std::pair(AnswerState::Answering, std::string_view("answering")),
    std::pair(AnswerState::Answered, std::string_view("answered")),
    std::pair(AnswerState::Failed, std::string_view("failed")),
};

std::string dumped(const json& value)
{
    return value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

Failure notUnderstood(const std::string& what, const std::string& why)
{
    return {what + " is not understood: " + why, "dskd and dskd-worker must be of the same version."};
}

} // namespace

std::string toText(const Question& question)
{
    json models = json::array();
    for (const config::Experiment& model : question.models) {
        models.push_back(config::toJson(model));
    }
    return dumped({{"prompt", question.prompt},
                   {"as_it_is", question.asItIs},
                   {"seed", question.seed},
                   {"cuts_prompt", question.cutsPrompt},
                   {"models", std::move(models)}});
}

Result<Question> parseQuestion(std::string_view text)
{
    Question question;
    try {
        const json object = json::parse(text);
        question.prompt = object.at("prompt").get<std::string>();
        question.asItIs = object.at("as_it_is").get<bool>();
        question.seed = object.at("seed").get<std::uint64_t>();
        question.cutsPrompt = object.at("cuts_prompt").get<bool>();
        for (const json& model : object.at("models")) {
            Result<config::Experiment> experiment = config::parseExperiment(dumped(model), "/");
            if (!experiment) {
                return experiment.failure();
            }
            question.models.push_back(*std::move(experiment));
        }
    } catch (const json::exception& error) {
        return notUnderstood("The question", error.what());
    }
    return question;
}

std::string toLine(const AnswerNews& news)
{
    json line = {{"model", news.model}};
    for (const auto& [state, word] : kStates) {
        if (state == news.state) {
            line["state"] = word;
        }
    }
    if (news.state == AnswerState::Answered) {
        line["prompt"] = news.answer.prompt;
        line["answer"] = news.answer.text;
        line["ended"] = news.answer.ended;
        line["prompt_cut"] = news.answer.promptCut;
        line["load_seconds"] = news.answer.loadSeconds;
        line["seconds"] = news.answer.seconds;
        line["warnings"] = news.answer.warnings;
        line["max_new_tokens"] = news.answer.maxNewTokens;
    } else if (news.state == AnswerState::Answering) {
        line["answer"] = news.answer.text;
    } else if (news.state == AnswerState::Failed) {
        line["what"] = news.failure.what;
        line["hint"] = news.failure.hint;
        line["kind"] = static_cast<int>(news.failure.kind);
    }
    return dumped(line) + "\n";
}

Result<AnswerNews> parseNews(std::string_view line)
{
    AnswerNews news;
    try {
        const json object = json::parse(line);
        news.model = object.at("model").get<std::size_t>();
        const auto word = object.at("state").get<std::string>();
        const auto known =
            std::find_if(kStates.begin(), kStates.end(), [&](const auto& row) { return row.second == word; });
        if (known == kStates.end()) {
            return notUnderstood("A line of the worker", "the state \"" + word + "\" is not known.");
        }
        news.state = known->first;
        if (news.state == AnswerState::Answered) {
            news.answer.prompt = object.at("prompt").get<std::string>();
            news.answer.text = object.at("answer").get<std::string>();
            news.answer.ended = object.at("ended").get<bool>();
            news.answer.promptCut = object.at("prompt_cut").get<bool>();
            news.answer.loadSeconds = object.at("load_seconds").get<double>();
            news.answer.seconds = object.at("seconds").get<double>();
            news.answer.warnings = object.at("warnings").get<std::vector<std::string>>();
            news.answer.maxNewTokens = object.at("max_new_tokens").get<std::int64_t>();
        } else if (news.state == AnswerState::Answering) {
            news.answer.text = object.at("answer").get<std::string>();
        } else if (news.state == AnswerState::Failed) {
            news.failure = {object.at("what").get<std::string>(), object.at("hint").get<std::string>(),
                            static_cast<FailureKind>(object.at("kind").get<int>())};
        }
    } catch (const json::exception& error) {
        return notUnderstood("A line of the worker", error.what());
    }
    return news;
}

} // namespace dskd::jobs
