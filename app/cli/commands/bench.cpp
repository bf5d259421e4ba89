// `dskd bench`: how fast this machine computes our step, loss and answers, beside the published code's.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/number_range.h"
#include "app/cli/terminal/follow.h"
#include "core/config/schema/choices.h"
#include "core/jobs/bench_job.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::cli
{

namespace
{

using jobs::BenchJob;
using jobs::BenchKind;
using nlohmann::json;

struct BenchOptions : CommonOptions {
    BenchJob job;
    std::string space = std::string(config::name(BenchJob{}.space));
    std::string device = std::string(config::name(BenchJob{}.device));
    std::string precision = std::string(config::name(BenchJob{}.precision));
};

// REQUIRES: a name of the enumeration, which the option has checked.
template <typename Enum>
Enum chosen(const std::string& name)
{
    Enum value{};
    for (const config::Choice<Enum>& choice : config::choicesOf<Enum>()) {
        if (choice.name == name) {
            value = choice.value;
        }
    }
    return value;
}

template <typename Enum>
std::vector<std::string> namesOf()
{
    std::vector<std::string> names;
    for (const config::Choice<Enum>& choice : config::choicesOf<Enum>()) {
        names.emplace_back(choice.name);
    }
    return names;
}

// "1.83 s (1.80 to 1.90)"
std::string secondsText(const json& quartiles)
{
    const auto shown = [&](const char* key) { return text::number(quartiles.at(key).get<double>(), 3); };
    return shown("median") + " s (" + shown("low") + " to " + shown("high") + ")";
}

std::string ratioText(const json& side, const char* key)
{
    const auto ratios = side.find("ratio");
    if (ratios == side.end() || !ratios->contains(key)) {
        return "-";
    }
    return text::number(ratios->at(key).get<double>(), 3);
}

std::string shareText(const json& side)
{
    const auto share = side.find("product_share");
    return share == side.end() ? "-" : text::percent(share->get<double>(), 0);
}

std::string flops(double perSecond)
{
    return text::number(perSecond / 1e9, 3) + " GFLOP/s";
}

std::string rateText(const json& side)
{
    const auto rate = side.find("flops_per_second");
    return rate == side.end() ? "-" : flops(rate->get<double>());
}

double perSecond(const json& side)
{
    return side.contains("tokens_per_second") ? side.at("tokens_per_second").get<double>()
                                              : side.at("records_per_second").get<double>();
}

std::string peakText(const json& side)
{
    const auto bytes = side.at("peak_bytes").get<std::uint64_t>();
    return bytes == 0 ? "-" : text::bytes(bytes); // 0: it could not be measured
}

void addSides(text::Table& table, const json& result)
{
    for (const json& side : result.at("sides")) {
        table.add({result.value("distance", std::string()), side.at("side").get<std::string>(),
                   secondsText(side.at("processor")), ratioText(side, "processor"), secondsText(side.at("wall")),
                   ratioText(side, "wall"), text::count(perSecond(side)), peakText(side), ratioText(side, "memory"),
                   shareText(side), rateText(side), secondsText(side.at("user")), secondsText(side.at("sys"))});
    }
}

// The models and the batch, then the machine.
std::string modelsText(const json& answer)
{
    const auto number = [&](const char* key) { return std::to_string(answer.at(key).get<std::int64_t>()); };
    std::string about = "Shape " + answer.at("shape").get<std::string>() + " (" +
                        answer.at("title").get<std::string>() + "), " + number("samples") + " samples, length " +
                        number("length");
    about += answer.contains("rows") ? ", " + number("rows") + " scored tokens" : "";
    return about + ".\n";
}

std::string machineText(const json& answer)
{
    const json& hardware = answer.at("hardware");
    std::string about = hardware.at("cpu").get<std::string>() + ", " +
                        text::counted(hardware.at("cores").get<std::int64_t>(), "core") + " usable";
    if (answer.contains("device")) {
        about += ", " + text::counted(answer.at("threads").get<std::int64_t>(), "thread") + ", device " +
                 answer.at("device").get<std::string>() + ", " + answer.at("precision").get<std::string>();
    }
    about += ", LibTorch " + answer.at("versions").at("libtorch").get<std::string>() + ".\n";
    if (answer.contains("product_flops")) {
        about += "A large matrix product runs at " + flops(answer.at("product_flops").get<double>()) + " here.\n";
    }
    return about;
}

void print(const json& answer, Console& console)
{
    const bool align = answer.at("kind").get<std::string>() == "align";
    const std::string about = (align ? text::counted(answer.at("records").get<std::int64_t>(), "record") + " of " +
                                           answer.at("data").get<std::string>() + ".\n"
                                     : modelsText(answer)) +
                              machineText(answer);
    console.out << text::terminal(about) << "Medians of " << answer.at("times").get<std::int64_t>()
                << " turns with quartiles; cpu is user + sys; a ratio is the other code's median by ours.\n\n";
    text::Table table;
    table.columns = {{"distance"},
                     {"side"},
                     {"cpu"},
                     {"cpu ratio", text::Align::Right},
                     {"wall"},
                     {"wall ratio", text::Align::Right},
                     {align ? "records/s" : "tokens/s", text::Align::Right},
                     {"peak", text::Align::Right},
                     {"peak ratio", text::Align::Right},
                     {"of the product", text::Align::Right},
                     {"products", text::Align::Right},
                     {"user"},
                     {"sys"}};
    table.mayLeaveOut = true;
    for (const json& result : answer.at("results")) {
        addSides(table, result);
    }
    console.out << text::toTerminal(table, tableStyle(console));
    for (const json& result : answer.at("results")) {
        if (result.contains("loss_difference")) {
            console.out << result.at("distance").get<std::string>() << ": losses "
                        << text::number(result.at("loss_difference").get<double>(), 2) << ", gradients "
                        << text::number(result.at("gradient_difference").get<double>(), 2)
                        << " apart (relative), from the same weights.\n";
        }
    }
}

template <BenchKind kind>
ExitCode runKind(const BenchOptions& options, Console& console)
{
    BenchJob job = options.job;
    job.kind = kind;
    job.space = chosen<config::Space>(options.space);
    job.device = chosen<config::Device>(options.device);
    job.precision = chosen<config::Precision>(options.precision);
    const Interrupt interrupt;
    const Result<json> answer = jobs::runBench(job, {}, interrupt.flag());
    if (!answer) {
        if (interrupt.requested()) {
            console.err << "Cancelled.\n";
            return ExitCode::Stopped;
        }
        throw Error(answer.failure());
    }
    if (options.json) {
        printJson(console.out, *answer);
    } else {
        print(*answer, console);
    }
    return ExitCode::Done;
}

CLI::Option* countOption(CLI::App& command, const char* name, std::int64_t& value, const char* sentence)
{
    return command.add_option(name, value, sentence)->type_name("N")->check(atLeast(1))->capture_default_str();
}

void threadsOption(CLI::App& command, BenchOptions& o, const char* sentence)
{
    command.add_option("--threads", o.job.threads, sentence)
        ->type_name("N")
        ->check(between(0, jobs::kMostBenchThreads))
        ->capture_default_str();
}

void commonWords(CLI::App& command, BenchOptions& o, const char* samples, const char* length)
{
    command.add_option("--shape", o.job.shape, "The pair of models; one that there is not lists all")
        ->type_name("NAME")
        ->capture_default_str();
    countOption(command, "--samples", o.job.samples, samples);
    countOption(command, "--length", o.job.length, length);
    countOption(command, "--times", o.job.times, "Turns that are measured, after one that is not");
    threadsOption(command, o, "CPU threads; 0: OMP_NUM_THREADS, else as many as the process may use");
    command.add_option("--device", o.device, "Where it computes")
        ->type_name("NAME")
        ->check(CLI::IsMember(namesOf<config::Device>()))
        ->capture_default_str();
    command.add_option("--precision", o.precision, "Of the models")
        ->type_name("NAME")
        ->check(CLI::IsMember(namesOf<config::Precision>()))
        ->capture_default_str();
}

void lossWords(CLI::App& command, BenchOptions& o)
{
    command
        .add_option("--distance", o.job.distance,
                    "The distance, or \"all\"; in dual that of the student's space, beside KL in the teacher's")
        ->type_name("NAME")
        ->capture_default_str();
    command.add_option("--space", o.space, "Where distributions are compared")
        ->type_name("NAME")
        ->check(CLI::IsMember(namesOf<config::Space>()))
        ->capture_default_str();
    countOption(command, "--chunk-rows", o.job.chunkRows, "train.chunk_rows of our side");
}

} // namespace

void addBench(CommandLine& line)
{
    CLI::App* bench = line.addFamily("bench", "Measure how fast this machine trains, beside the published code",
                                     "dskd bench step --shape tiny64 --threads 1");
    line.addTo<BenchOptions>(
        bench, "step", "A whole training step: ours in turns with a port of the published one",
        "dskd bench step --shape tiny64 --threads 1",
        [](CLI::App& command, BenchOptions& o) {
            commonWords(command, o, "Samples in the batch", "Positions that the published step pads every sample to");
            lossWords(command, o);
        },
        runKind<BenchKind::Step>);
    line.addTo<BenchOptions>(
        bench, "loss", "The loss and its gradients alone: ours in turns with plain eager code, over the same rows",
        "dskd bench loss --distance all --threads 1",
        [](CLI::App& command, BenchOptions& o) {
            commonWords(command, o, "Samples whose scored tokens are the rows", "Positions of a sample at most");
            lossWords(command, o);
        },
        runKind<BenchKind::Loss>);
    line.addTo<BenchOptions>(
        bench, "generate", "Greedy answers of a student with random weights, which end where --length does",
        "dskd bench generate --samples 16 --length 128",
        [](CLI::App& command, BenchOptions& o) {
            o.job.samples = 16;
            o.job.length = 128;
            commonWords(command, o, "Prompts in the batch", "New tokens of every answer");
        },
        runKind<BenchKind::Generate>);
    line.addTo<BenchOptions>(
        bench, "align",
        "Tokenizing a file with two tokenizers and pairing their tokens (ETA), on one and on all threads",
        "dskd bench align --teacher models/qwen --student models/gpt2 --data data/train.jsonl",
        [](CLI::App& command, BenchOptions& o) {
            command.add_option("--teacher", o.job.teacher, "Folder of the teacher's tokenizer")
                ->type_name("DIR")
                ->required();
            command.add_option("--student", o.job.student, "Folder of the student's tokenizer")
                ->type_name("DIR")
                ->required();
            command.add_option("--data", o.job.data, "JSONL file of prompts and answers")
                ->type_name("FILE")
                ->required();
            countOption(command, "--times", o.job.times, "Turns that are measured, after one that is not");
            threadsOption(command, o, "All threads; 0: as many as the process may use");
        },
        runKind<BenchKind::Align>);
}

} // namespace dskd::cli
