// `dskd ask`: trained students, their teachers and untrained students answer one prompt, side by side.

#include "core/jobs/ask.h"
#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/number_range.h"
#include "app/cli/terminal/follow.h"
#include "core/config/schema/choices.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::cli
{

namespace
{

using jobs::AnswerState;
using jobs::AskedPart;

struct AskOptions : CommonOptions {
    std::vector<std::string> runs;
    std::string prompt;
    bool asItIs = false;
    bool cut = false;
    bool teacher = false;
    bool untrained = false;
    bool best = false;
    std::optional<std::int64_t> step;
    config::ValidationConfig sampling = {};
    std::uint64_t seed = jobs::AskedPrompt{}.seed;
    std::string device; // empty: that of each run
};

// The ids; "last" is the newest training run with a checkpoint.
std::vector<std::string> idsOf(store::WorkspaceDb& workspace, std::vector<std::string> words, Console& console)
{
    for (std::string& word : words) {
        if (word == "last") {
            word = orThrow(findTrainedRun(workspace, word, console), FailureKind::NotFound);
        }
    }
    return findRuns(workspace, words);
}

jobs::AskRequest requestOf(const AskOptions& options, std::vector<std::string> ids)
{
    using Which = jobs::CheckpointChoice::Which;
    if (options.sampling.temperature == 0.0 && (options.sampling.topP < 1.0 || options.sampling.topK > 0)) {
        throw Error("--top-p and --top-k would change nothing: without --temperature the answers are greedy.",
                    "Add --temperature 1, or leave them out.", FailureKind::Usage);
    }
    jobs::AskRequest request;
    request.runs = std::move(ids);
    request.teacher = options.teacher;
    request.untrained = options.untrained;
    request.sampling = options.sampling;
    if (options.step) {
        request.checkpoint = {Which::OfStep, *options.step};
    } else if (options.best) {
        request.checkpoint = {Which::Best};
    }
    for (const auto& choice : config::choicesOf<config::Device>()) {
        if (choice.name == options.device) {
            request.device = choice.value;
        }
    }
    return request;
}

std::string titleOf(const jobs::AskedColumn& column, const jobs::BaselineName& baseline, store::WorkspaceDb& workspace)
{
    const auto row = workspace.run(column.runId);
    const std::string run = row ? labelOf(*row) : column.runId;
    if (column.part == AskedPart::Run) {
        return run + (column.step ? ", step " + std::to_string(*column.step) : "");
    }
    return jobs::modelTitle(column.part, baseline, run);
}

// Prints the answers as they come, and keeps them.
class AskView
{
public:
    AskView(const AskOptions& options, store::WorkspaceDb& workspace, Console& console)
        : m_options(options), m_workspace(workspace), m_console(console)
    {
    }

    void setColumns(const std::vector<jobs::AskedColumn>& columns)
    {
        m_columns = columns;
        m_news.resize(columns.size());
        m_titles.reserve(columns.size());
        const std::vector<jobs::BaselineName> names = jobs::baselineNames(columns);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            m_titles.push_back(text::terminalLine(titleOf(columns[i], names[i], m_workspace)));
        }
    }

    void take(const jobs::AnswerNews& news)
    {
        const bool isNew = m_news[news.model].state != news.state; // answers so far come often
        m_news[news.model] = news;
        const std::string& title = m_titles[news.model];
        if (news.state == AnswerState::Answered) {
            for (const std::string& warning : news.answer.warnings) {
                m_console.err << title << ": " << text::terminalLine(warning) << '\n';
            }
            if (!m_options.json) {
                print(title, news.answer);
            }
        } else if (m_console.live && isNew && news.state != AnswerState::Failed) {
            m_console.err << title << (news.state == AnswerState::Loading ? ": loading" : ": answering") << ", "
                          << numIn(AnswerState::Answered) + numIn(AnswerState::Failed) << " of " << m_news.size()
                          << " models are done\n";
        }
    }

    void printFailures() const
    {
        for (std::size_t i = 0; i < m_news.size(); ++i) {
            if (m_news[i].state == AnswerState::Failed) {
                m_console.err << m_titles[i] << " gave no answer: " << text::terminalLine(m_news[i].failure.text())
                              << '\n';
            }
        }
    }

    // The first reason why nothing was answered; none where something was.
    [[nodiscard]] const Failure* whyNothing() const
    {
        const Failure* first = nullptr;
        for (const jobs::AnswerNews& news : m_news) {
            if (news.state == AnswerState::Answered) {
                return nullptr;
            }
            first = first == nullptr && news.state == AnswerState::Failed ? &news.failure : first;
        }
        return first;
    }

    [[nodiscard]] std::size_t numModels() const { return m_news.size(); }
    [[nodiscard]] std::size_t numIn(AnswerState state) const
    {
        return static_cast<std::size_t>(
            std::count_if(m_news.begin(), m_news.end(), [&](const auto& news) { return news.state == state; }));
    }
    [[nodiscard]] std::string howManyAnswered() const
    {
        return std::to_string(numIn(AnswerState::Answered)) + " of " +
               text::counted(static_cast<std::int64_t>(m_news.size()), "model") + " answered";
    }

    [[nodiscard]] nlohmann::json answers() const
    {
        nlohmann::json rows = nlohmann::json::array();
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            rows.push_back(toJson(m_columns[i], m_news[i]));
        }
        return rows;
    }

private:
    static nlohmann::json toJson(const jobs::AskedColumn& column, const jobs::AnswerNews& news)
    {
        nlohmann::json row = {{"of", jobs::name(column.part)}, {"run", column.runId}, {"model", column.model}};
        if (column.step) {
            row["step"] = *column.step;
        }
        if (news.state == AnswerState::Answered) {
            const jobs::ModelAnswer& answer = news.answer;
            row["prompt"] = answer.prompt;
            row["answer"] = answer.text;
            row["ended"] = answer.ended;
            row["prompt_cut"] = answer.promptCut;
            row["load_seconds"] = answer.loadSeconds;
            row["seconds"] = answer.seconds;
            row["max_tokens"] = answer.maxNewTokens;
            row["warnings"] = answer.warnings;
        } else if (news.state == AnswerState::Failed) {
            row["error"] = {{"what", news.failure.what}, {"hint", news.failure.hint}};
        }
        return row;
    }

    void print(const std::string& title, const jobs::ModelAnswer& answer)
    {
        std::string note =
            "  " + text::fixed(answer.seconds, 1) + " s, loaded in " + text::fixed(answer.loadSeconds, 1) + " s";
        note += answer.promptCut ? ", the prompt was cut" : "";
        note += answer.ended ? "" : ", not ended";
        m_console.out << m_console.paint(title, Tone::Strong) << m_console.paint(note, Tone::Muted) << '\n'
                      << text::terminal(answer.text) << "\n\n"
                      << std::flush;
    }

    const AskOptions& m_options;
    store::WorkspaceDb& m_workspace;
    Console& m_console;
    std::vector<jobs::AskedColumn> m_columns;
    std::vector<std::string> m_titles;
    std::vector<jobs::AnswerNews> m_news;
};

ExitCode runAsk(const AskOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const jobs::AskRequest request = requestOf(options, idsOf(workspace, options.runs, console));
    const jobs::AskedPrompt prompt{options.prompt, options.asItIs, options.seed, options.cut};
    AskView view(options, workspace, console);
    const Interrupt interrupt;
    jobs::AskOptions how;
    how.cancelled = interrupt.flag();
    const Result<void> asked =
        jobs::ask(workspace.layout(), request, prompt,
                  {[&](const std::vector<jobs::AskedColumn>& columns) { view.setColumns(columns); },
                   [&](const jobs::AnswerNews& news) { view.take(news); }},
                  how);
    if (!asked && !interrupt.requested()) {
        throw Error(asked.failure());
    }
    if (const Failure* why = view.whyNothing(); why != nullptr && !interrupt.requested()) {
        if (view.numModels() == 1) {
            throw Error(*why);
        }
        view.printFailures();
        throw Error(view.howManyAnswered() + ".", {}, why->kind);
    }
    view.printFailures();
    if (options.json) {
        printJson(console.out, {{"prompt", prompt.text},
                                {"as_it_is", prompt.asItIs},
                                {"cut", prompt.cut},
                                {"seed", prompt.seed},
                                {"temperature", request.sampling.temperature},
                                {"top_p", request.sampling.topP},
                                {"top_k", request.sampling.topK},
                                {"max_tokens", request.sampling.maxNewTokens},
                                {"cancelled", interrupt.requested()},
                                {"answers", view.answers()}});
    }
    if (interrupt.requested()) {
        console.err << "Cancelled: " << view.howManyAnswered() << ".\n";
        return ExitCode::Stopped;
    }
    if (view.numIn(AnswerState::Failed) > 0) {
        console.err << view.howManyAnswered() << ", therefore the exit code is " << toInt(ExitCode::Failed) << ".\n";
        return ExitCode::Failed;
    }
    return ExitCode::Done;
}

} // namespace

void addAsk(CommandLine& line)
{
    line.add<AskOptions>(
        "ask", "Let trained students, their teacher and the untrained student answer a prompt side by side",
        "dskd ask group:demo --prompt \"What is distillation?\" --teacher --base",
        [](CLI::App& command, AskOptions& o) {
            runsArgument(command, o.runs)->required();
            command.add_option("--prompt", o.prompt, "The question, written into the prompt template of each run")
                ->type_name("TEXT")
                ->required();
            command.add_flag("--as-it-is", o.asItIs, "The prompt in no template, as \"dskd generate\" takes it");
            command.add_flag("--cut", o.cut,
                             "Cut a prompt that is too long for a model, as evaluations do; without it that model "
                             "refuses the prompt");
            command.add_flag("--teacher", o.teacher, "The teachers of the runs too");
            command.add_flag("--base", o.untrained, "The students before their first step too");
            CLI::Option* best =
                command.add_flag("--best", o.best, "The checkpoint with the lowest validation loss, not the newest");
            command.add_option("--step", o.step, "The checkpoint of this step")->type_name("N")->excludes(best);
            command.add_option("--temperature", o.sampling.temperature, "0: greedy")
                ->type_name("X")
                ->check(atLeast(0))
                ->capture_default_str();
            command
                .add_option("--top-p", o.sampling.topP,
                            "Sample from the smallest set of tokens with this probability; 1: all")
                ->type_name("X")
                ->check(between(1e-6, 1.0))
                ->capture_default_str();
            command.add_option("--top-k", o.sampling.topK, "Sample from the K most likely tokens; 0: all")
                ->type_name("K")
                ->check(atLeast(0))
                ->capture_default_str();
            command.add_option("--seed", o.seed, "For sampling; the same prompt and seed give the same answers")
                ->type_name("N")
                ->capture_default_str();
            command
                .add_option("--max-tokens", o.sampling.maxNewTokens,
                            "Length of an answer; less where the prompt leaves the model fewer positions")
                ->type_name("N")
                ->check(atLeast(1))
                ->capture_default_str();
            std::vector<std::string> devices;
            for (const auto& choice : config::choicesOf<config::Device>()) {
                devices.emplace_back(choice.name);
            }
            command.add_option("--device", o.device, "Where they compute; without it where each run trains")
                ->type_name("NAME")
                ->check(CLI::IsMember(devices));
        },
        runAsk);
}

} // namespace dskd::cli
