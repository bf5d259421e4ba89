// `dskd samples`: what runs answered to the samples of their validations, side by side, and in which words each answer
// and its reference differ.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "app/cli/terminal/follow.h"
#include "core/jobs/asked_models.h"
#include "core/jobs/compare.h"
#include "core/jobs/status.h"
#include "core/score/word_difference.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace dskd::cli
{

namespace
{

using jobs::AskedPart;

struct SamplesOptions : CommonOptions {
    std::vector<std::string> runs;
    std::optional<std::int64_t> step;   // none: the newest of each run
    std::optional<std::int64_t> sample; // none: all
};

struct ShownAnswer {
    AskedPart part = AskedPart::Run;
    store::RunRow run;
    std::string model = {}; // folder of a teacher and of an untrained student
    store::AnswerRow row = {};
};

// One sample of the validations, by its number, prompt and reference: runs may have other data.
using SampleKey = std::tuple<std::int64_t, std::string, std::string>;
using Samples = std::map<SampleKey, std::vector<ShownAnswer>>;

SampleKey keyOf(const store::AnswerRow& row)
{
    return {row.sample, row.prompt, row.reference};
}

struct RunAnswers {
    std::vector<store::AnswerRow> answers; // of one step
    std::vector<store::BaselineAnswerRow> baselines;
};

// Throws NotFound where the run has answered nothing, or not at the step.
RunAnswers answersOf(const store::WorkspaceDb& workspace, const std::string& id, std::optional<std::int64_t> wanted)
{
    if (const auto gone = jobs::folderGone(workspace.layout().run(id))) {
        throw Error(*gone); // a reader would find it without answers
    }
    store::RunReader reader = store::RunReader::open(workspace.layout().run(id)).value();
    const store::RunReader::Snapshot snapshot(reader);
    RunAnswers found{reader.answers(), reader.baselineAnswers()};
    std::set<std::int64_t> steps;
    for (const store::AnswerRow& row : found.answers) {
        steps.insert(row.step);
    }
    if (steps.empty()) {
        throw Error(id + " has generated no answers.",
                    "Runs with validation.generate_samples above 0 do so at every validation.", FailureKind::NotFound);
    }
    if (wanted && !steps.contains(*wanted)) {
        std::string list;
        for (const std::int64_t step : steps) {
            list += (list.empty() ? "" : ", ") + std::to_string(step);
        }
        throw Error(id + " has generated no answers at step " + std::to_string(*wanted) + ".", "It has: " + list + ".",
                    FailureKind::NotFound);
    }
    const std::int64_t step = wanted.value_or(*steps.rbegin());
    std::erase_if(found.answers, [&](const store::AnswerRow& row) { return row.step != step; });
    return found;
}

bool isSameBaseline(const ShownAnswer& a, const ShownAnswer& b)
{
    return a.part == b.part && a.model == b.model && a.row.answer == b.row.answer;
}

// Teachers first, then untrained students, then runs; what several runs share stands once.
Samples gather(const std::vector<std::pair<store::RunRow, RunAnswers>>& runs, std::optional<std::int64_t> sample)
{
    Samples samples;
    const auto isWanted = [&](const store::AnswerRow& row) { return !sample || row.sample == *sample; };
    for (const AskedPart part : {AskedPart::Teacher, AskedPart::Untrained}) {
        for (const auto& [run, found] : runs) {
            for (const store::BaselineAnswerRow& row : found.baselines) {
                const bool isTeacher = row.of == store::ModelSide::Teacher;
                if (isTeacher != (part == AskedPart::Teacher) || !isWanted(row.answer)) {
                    continue;
                }
                ShownAnswer answer{part, run, isTeacher ? run.teacher : run.student, row.answer};
                std::vector<ShownAnswer>& known = samples[keyOf(row.answer)];
                if (std::none_of(known.begin(), known.end(),
                                 [&](const ShownAnswer& other) { return isSameBaseline(answer, other); })) {
                    known.push_back(std::move(answer));
                }
            }
        }
    }
    for (const auto& [run, found] : runs) {
        for (const store::AnswerRow& row : found.answers) {
            if (isWanted(row)) {
                samples[keyOf(row)].push_back({AskedPart::Run, run, {}, row});
            }
        }
    }
    return samples;
}

nlohmann::json toJson(const std::vector<score::TextSpan>& spans)
{
    nlohmann::json all = nlohmann::json::array();
    for (const score::TextSpan& span : spans) {
        all.push_back({span.begin, span.end});
    }
    return all;
}

nlohmann::json toJson(const ShownAnswer& answer)
{
    const score::WordDifference difference = score::wordDifference(answer.row.reference, answer.row.answer);
    nlohmann::json row = {{"of", jobs::name(answer.part)},
                          {"answer", answer.row.answer},
                          {"rouge_l", jsonNumber(answer.row.rougeL)},
                          {"words_in_common", difference.common},
                          {"not_in_reference", toJson(difference.notInReference)},
                          {"not_in_answer", toJson(difference.notInAnswer)}};
    if (answer.part == AskedPart::Run) {
        row["run"] = answer.run.id;
        row["name"] = answer.run.name;
        row["seed"] = answer.run.seed;
        row["step"] = answer.row.step;
    } else {
        row["model"] = answer.model;
    }
    return row;
}

nlohmann::json toJson(const Samples& samples)
{
    nlohmann::json all = nlohmann::json::array();
    for (const auto& [key, answers] : samples) {
        nlohmann::json rows = nlohmann::json::array();
        for (const ShownAnswer& answer : answers) {
            rows.push_back(toJson(answer));
        }
        const auto& [number, prompt, reference] = key;
        all.push_back({{"sample", number}, {"prompt", prompt}, {"reference", reference}, {"answers", std::move(rows)}});
    }
    return {{"samples", std::move(all)}};
}

// Some words in a tone, where the terminal has tones.
std::string painted(const Console& console, const std::string& text, const std::vector<score::TextSpan>& spans,
                    Tone tone)
{
    std::string all;
    for (const score::TextPart& part : score::cutAt(text, spans)) {
        all += console.paint(text::terminal(part.text), part.marked ? tone : Tone::Plain);
    }
    return all;
}

std::string titleOf(const ShownAnswer& answer, const jobs::BaselineName& baseline)
{
    if (answer.part == AskedPart::Run) {
        return labelOf(answer.run) + ", step " + std::to_string(answer.row.step);
    }
    return jobs::modelTitle(answer.part, baseline, labelOf(answer.run));
}

std::vector<jobs::BaselineName> baselineNames(const std::vector<ShownAnswer>& answers)
{
    std::vector<jobs::AskedColumn> columns;
    columns.reserve(answers.size());
    for (const ShownAnswer& answer : answers) {
        columns.push_back({answer.part, answer.run.id, {}, answer.model});
    }
    return jobs::baselineNames(columns);
}

std::vector<score::TextSpan> missingInFirstRun(const std::string& reference, const std::vector<ShownAnswer>& answers)
{
    const auto first = std::find_if(answers.begin(), answers.end(),
                                    [](const ShownAnswer& answer) { return answer.part == AskedPart::Run; });
    return first == answers.end() ? std::vector<score::TextSpan>()
                                  : score::wordDifference(reference, first->row.answer).notInAnswer;
}

void print(const Samples& samples, Console& console)
{
    for (const auto& [key, answers] : samples) {
        const auto& [number, prompt, reference] = key;
        console.out << console.paint("Sample " + std::to_string(number), Tone::Strong) << '\n'
                    << console.paint(text::terminal(prompt), Tone::Muted) << "\n\n"
                    << console.paint("reference", Tone::Strong) << '\n'
                    << painted(console, reference, missingInFirstRun(reference, answers), Tone::Struck) << "\n\n";
        const std::vector<jobs::BaselineName> names = baselineNames(answers);
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const ShownAnswer& answer = answers[i];
            const score::WordDifference difference = score::wordDifference(reference, answer.row.answer);
            console.out << console.paint(text::terminalLine(titleOf(answer, names[i])), Tone::Strong) << "  ROUGE-L "
                        << text::percent(answer.row.rougeL) << ", " << difference.notInReference.size() << " of "
                        << text::counted(static_cast<std::int64_t>(difference.answerWords()), "word")
                        << " not in the reference, " << difference.notInAnswer.size() << " of its "
                        << difference.referenceWords() << " missing\n"
                        << painted(console, answer.row.answer, difference.notInReference, Tone::Underlined) << "\n\n";
        }
    }
    if (console.colors) {
        console.out << console.paint("Underlined", Tone::Underlined) << ": not in the reference. "
                    << console.paint("Struck through", Tone::Struck)
                    << ": in the reference, not in the answer of the first run.\n";
    }
}

ExitCode runSamples(const SamplesOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    std::vector<std::pair<store::RunRow, RunAnswers>> runs;
    std::vector<jobs::UnreadRun> leftOut;
    for (const std::string& id : findRuns(workspace, options.runs)) {
        try {
            runs.emplace_back(workspace.run(id).value(), answersOf(workspace, id, options.step));
        } catch (const Error& nothing) {
            leftOut.push_back({id, nothing.failure()});
        }
    }
    if (runs.empty() && !leftOut.empty()) {
        throw Error(leftOut.front().why);
    }
    printLeftOut(leftOut, console);
    const Samples samples = gather(runs, options.sample);
    if (samples.empty()) {
        throw Error("None of these runs has answered sample " + std::to_string(options.sample.value_or(0)) + ".",
                    "Samples are counted from 0; without --sample all are shown.", FailureKind::NotFound);
    }
    if (options.json) {
        printJson(console.out, toJson(samples));
    } else {
        print(samples, console);
    }
    return ExitCode::Done;
}

} // namespace

void addSamples(CommandLine& line)
{
    line.add<SamplesOptions>(
        "samples", "Show what runs answered to their validation samples, with the words that differ",
        "dskd samples group:demo --sample 0",
        [](CLI::App& command, SamplesOptions& o) {
            runsArgument(command, o.runs)->required();
            command.add_option("--step", o.step, "At this step instead of the newest that each run has")
                ->type_name("N");
            command.add_option("--sample", o.sample, "Only this sample; the first is 0")->type_name("N");
        },
        runSamples);
}

} // namespace dskd::cli
