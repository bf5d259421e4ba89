#include "core/train/answers/teacher_answers.h"

#include "core/base/regular_file.h"
#include "core/base/result.h"
#include "core/metrics/run_phases.h"
#include "core/train/answers/answers.h"
#include "core/train/data/job_data.h"
#include "core/train/job/device.h"
#include "core/train/job/preflight.h"
#include "core/train/job/training_setup.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace dskd::train
{
namespace
{

namespace fs = std::filesystem;

struct TeacherAnswer {
    std::string prompt;
    std::string response;
    bool ended = false;
};

struct AnswerFile {
    std::vector<TeacherAnswer> answers;   // of samples 0, 1, 2, ...
    std::vector<std::uintmax_t> lineEnds; // bytes up to and with each line
};

Error damaged(const fs::path& file, std::size_t line, const std::string& what)
{
    return Error(file.string() + ", line " + std::to_string(line) + ": " + what,
                 "Delete the file to let the teacher answer again.", FailureKind::BadData);
}

// The complete lines; a last one without its end was being written when the worker was killed.
AnswerFile readAnswers(const fs::path& file)
{
    AnswerFile known;
    if (!fs::exists(file)) {
        return known;
    }
    const std::string text = orThrow(readTextFile(file), FailureKind::BadData);
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        const std::size_t line = known.answers.size() + 1;
        try {
            const auto json = nlohmann::json::parse(std::string_view(text).substr(begin, end - begin));
            if (json.at("sample").get<std::size_t>() != line - 1) {
                throw damaged(file, line, "this is not the answer to sample " + std::to_string(line - 1) + ".");
            }
            known.answers.push_back({json.at("prompt").get<std::string>(), json.at("response").get<std::string>(),
                                     json.at("ended").get<bool>()});
        } catch (const nlohmann::json::exception&) {
            throw damaged(file, line, "this is not an answer of a teacher's.");
        }
        begin = end + 1;
        known.lineEnds.push_back(begin);
    }
    return known;
}

// The experiment with the teacher in the place of the student, and no teacher.
config::Experiment teacherAlone(const config::Experiment& experiment)
{
    config::Experiment alone = experiment;
    static_cast<config::ModelRef&>(alone.student) = experiment.teacher;
    alone.student.init = config::StudentInit::Weights;
    alone.teacher = {};
    return alone;
}

std::string lineOf(const GeneratedAnswer& answer)
{
    const nlohmann::json line{
        {"sample", answer.sample}, {"prompt", answer.prompt}, {"response", answer.answer}, {"ended", answer.ended}};
    return line.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace

fs::path teacherAnswersFile(const RunLayout& run)
{
    return run.root / "teacher_answers.jsonl";
}

bool answerByTeacher(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                     const std::atomic<bool>& stop)
{
    const config::Experiment alone = teacherAlone(experiment);
    const Tokenizers tokenizers = loadTokenizers(alone);
    const model::ModelConfig config = orThrow(model::readModelConfig(alone.student.model), FailureKind::BadModel);
    orThrow(checkModel("teacher", config, *tokenizers.student, experiment.data), FailureKind::BadModel);
    const std::vector<Example> examples =
        loadExamples(alone.data.train, alone.data.limit, alone.data, tokenizers, observer);
    const fs::path file = teacherAnswersFile(run);
    const AnswerFile known = readAnswers(file);
    if (known.answers.size() > examples.size()) {
        throw damaged(file, examples.size() + 1,
                      experiment.data.train + " has only " + std::to_string(examples.size()) + " records.");
    }
    for (std::size_t i = 0; i < known.answers.size(); ++i) {
        if (known.answers[i].prompt != examples[i].record.prompt) {
            throw damaged(file, i + 1,
                          "this answers another prompt than record " + std::to_string(i + 1) + " of " +
                              experiment.data.train + ".");
        }
    }
    if (known.answers.size() == examples.size()) {
        observer.onEvent(0, "data", file.string() + " holds the teacher's answers to all prompts already.");
        return true;
    }

    AnswerOptions options = answerOptions(experiment);
    const auto block = static_cast<std::size_t>(options.batchSize);
    // A batch that was not written as a whole is answered again, so that batches are cut as in a run without a break.
    std::size_t done = known.answers.size() / block * block;
    if (fs::exists(file)) {
        fs::resize_file(file, done == 0 ? 0 : known.lineEnds[done - 1]);
    }
    std::ofstream out(file, std::ios::app | std::ios::binary);
    model::LoadOptions load;
    load.dtype = dtypeOf(experiment.train.precision);
    load.device = pickDevice(experiment.train.device);
    const std::unique_ptr<model::CausalLm> teacher = loadStudent(alone, std::nullopt, load, observer);
    observer.onPhase(0, metrics::kGeneratingPhase);
    const auto reportProgress = [&] {
        observer.onEvent(0, "data",
                         "The teacher has answered " + std::to_string(done) + " of " + std::to_string(examples.size()) +
                             " prompts.");
    };
    AnswerProgress progress =
        answerProgress(examples.size() - done, options, observer, 0, std::string(metrics::kGeneratingPhase) + ", ");
    progress.countEarlier(done);
    options.progress = &progress;
    std::size_t tenth = done * 10 / examples.size();
    while (done < examples.size()) {
        const auto part = std::span(examples).subspan(done, std::min(block, examples.size() - done));
        options.firstSample = static_cast<std::int64_t>(done);
        const std::vector<GeneratedAnswer> answers = answerPrompts(*teacher, *tokenizers.student, part, options, &stop);
        if (answers.size() < part.size()) { // stopped
            reportProgress();
            return false;
        }
        std::string lines;
        for (const GeneratedAnswer& answer : answers) {
            lines += lineOf(answer);
        }
        if (!(out << lines << std::flush)) {
            throw Error(file.string() + " cannot be written.", "Is the disk full?");
        }
        done += part.size();
        if (done * 10 / examples.size() > tenth) {
            tenth = done * 10 / examples.size();
            reportProgress();
        }
    }
    return true;
}

void useTeacherAnswers(const fs::path& file, std::vector<dataset::Record>& records, Observer& observer)
{
    AnswerFile known = readAnswers(file);
    if (known.answers.size() != records.size()) {
        throw Error(file.string() + " holds " + std::to_string(known.answers.size()) +
                        " answers of the teacher, but the data has " + std::to_string(records.size()) + " prompts.",
                    "Delete the file to let the teacher answer again.", FailureKind::BadData);
    }
    std::vector<dataset::Record> answered;
    std::size_t cut = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (!known.answers[i].response.empty()) {
            records[i].responses = {std::move(known.answers[i].response)};
            records[i].ended = known.answers[i].ended;
            cut += known.answers[i].ended ? 0 : 1;
            answered.push_back(std::move(records[i]));
        }
    }
    const std::size_t numEmpty = records.size() - answered.size();
    records = std::move(answered);
    observer.onEvent(0, "data",
                     "Training on the teacher's answers (" + file.string() + "): " + std::to_string(records.size()) +
                         ", of which " + std::to_string(cut) + " were cut at validation.max_new_tokens; " +
                         std::to_string(numEmpty) + " were empty and are left out.");
}

} // namespace dskd::train
