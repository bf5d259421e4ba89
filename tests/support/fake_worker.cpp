// fake_worker <run folder>: does to a run folder what dskd-worker does, without training. What it does stands in the
// name of the run as words: "steps=20 delay=10 end=done".
//   steps=N   steps in all (3)         delay=MS  time per step (5)
//   end=      done | fail | memory | badalloc | abort | silent | hang: what happens after the last step
//   term=ignore  goes on when asked to stop
//   warn=WORD    warns of it at the start
//   score=METRIC records 0.5 of it at the end
//   descriptors  prints its open descriptors to stderr
//   lingers      is done, and its process stays
// fake_worker --bench JOB: answers with round figures, but to a job of the shape "none" with an error.
// fake_worker --ask: answers as dskd-worker does, with the words it is asked, the seed and where the model lies. The
// orders stand in the prompt:
//   delay=MS  time for each model (0)
//   partly=MS has said "so far" that long before the answer of each model
//   fail=N    the N-th model says that it cannot
//   end=      abort: before the second model, without a word; mute: says nothing more from there on and does not end
//   pid=FILE  writes its process id there before the last model
//   signals   answers with the signals that it blocks and ignores, and whether its process group is its own

#include "core/base/atomic_file.h"
#include "core/base/checkpoint_folders.h"
#include "core/base/exit_codes.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/bench_job.h"
#include "core/jobs/question.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/spawn.h"
#include "core/store/run_writer.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace
{

using namespace dskd;

volatile std::sig_atomic_t stopAsked = 0;
volatile std::sig_atomic_t checkpointAsked = 0;

std::map<std::string, std::string> orders(const std::string& name)
{
    std::map<std::string, std::string> words;
    std::istringstream stream(name);
    for (std::string word; stream >> word;) {
        const auto equals = word.find('=');
        words[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    return words;
}

void saveCheckpoint(const RunLayout& run, std::int64_t step)
{
    std::filesystem::create_directories(run.checkpoint(step));
    writeFileAtomically(CheckpointLayout{run.checkpoint(step)}.done(), "").value();
}

int finish(store::RunWriter& writer, ExitCode code, const std::string& reason)
{
    writer.endAttempt(toInt(code), reason).value();
    return toInt(code);
}

int work(const RunLayout& run)
{
    auto order = orders(jobs::runConfig(run).value().name);
    const auto number = [&](const char* key, std::int64_t otherwise) {
        return order.contains(key) ? std::strtoll(order[key].c_str(), nullptr, 10) : otherwise;
    };
    if (order.contains("descriptors")) {
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            std::fprintf(stderr, "fd %s %s\n", entry.path().filename().c_str(),
                         std::filesystem::read_symlink(entry.path(), gone).c_str());
        }
    }
    const std::int64_t steps = number("steps", 3);
    const auto writer = store::RunWriter::open(run).value();
    const auto resumeStep = latestCheckpoint(run);
    writer->beginAttempt(resumeStep).value();
    writer->setPlan({steps, steps}).value();
    if (order.contains("warn")) {
        writer->addEvent(resumeStep.value_or(0), store::kWarningEvent, order["warn"]);
    }
    for (std::int64_t step = resumeStep.value_or(0) + 1; step <= steps; ++step) {
        std::this_thread::sleep_for(std::chrono::milliseconds(number("delay", 5)));
        writer->addMetrics(step, step * 10, {{"loss", 1.0 / static_cast<double>(step)}});
        writer->heartbeat(step, "training").value();
        if (checkpointAsked != 0) {
            checkpointAsked = 0;
            saveCheckpoint(run, step);
        }
        if (stopAsked != 0 && order["term"] != "ignore") {
            saveCheckpoint(run, step);
            return finish(*writer, ExitCode::Stopped, "Stopped.");
        }
    }
    if (order.contains("score")) {
        writer->addMetrics(steps, steps * 10, {{order["score"], 0.5}});
    }
    const std::string end = order.contains("end") ? order["end"] : "done";
    if (end == "fail") {
        writer->addEvent(steps, store::kFailedEvent, "The data file is gone.", "Bring it back.");
        return finish(*writer, ExitCode::BadData, "failed");
    }
    if (end == "memory") {
        return finish(*writer, ExitCode::OutOfMemory, "The device is out of memory.");
    }
    if (end == "badalloc") {
        std::fprintf(stderr, "terminate called after throwing an instance of 'std::bad_alloc'\n");
        _exit(134);
    }
    if (end == "abort") {
        std::abort();
    }
    if (end == "silent") {
        _exit(toInt(ExitCode::Done)); // a good exit code that nobody wrote down proves nothing
    }
    while (end == "hang") {
        pause();
    }
    saveCheckpoint(run, steps);
    const int code = finish(*writer, ExitCode::Done, "Done.");
    if (order.contains("lingers")) {
        std::this_thread::sleep_for(std::chrono::minutes(1));
    }
    return code;
}

std::string signalState()
{
    constexpr std::uint64_t kNamed = 0x7fffffff; // the C library keeps some of the others for itself
    std::uint64_t blocked = 0;
    std::uint64_t ignored = 0;
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("SigBlk:")) {
            blocked = std::stoull(line.substr(7), nullptr, 16) & kNamed;
        } else if (line.starts_with("SigIgn:")) {
            ignored = std::stoull(line.substr(7), nullptr, 16) & kNamed;
        }
    }
    return "blocks " + std::to_string(blocked) + ", ignores " + std::to_string(ignored) +
           (getpgrp() == getpid() ? ", own group" : ", group of others");
}

int answerQuestion()
{
    jobs::endWithStarter();
    const auto question = jobs::parseQuestion(std::string(std::istreambuf_iterator<char>(std::cin), {})).value();
    auto order = orders(question.prompt);
    const auto tell = [](const jobs::AnswerNews& news) { std::cout << jobs::toLine(news) << std::flush; };
    for (std::size_t i = 0; i < question.models.size(); ++i) {
        const config::Experiment& model = question.models[i];
        if (i == 1 && order["end"] == "abort") {
            std::abort();
        }
        if (i + 1 == question.models.size() && order.contains("pid")) {
            writeFileAtomically(order["pid"], std::to_string(getpid())).value();
        }
        if (i == 1 && order["end"] == "mute") {
            close(STDOUT_FILENO);
            for (;;) {
                pause();
            }
        }
        tell({i, jobs::AnswerState::Loading});
        std::this_thread::sleep_for(std::chrono::milliseconds(std::strtoll(order["delay"].c_str(), nullptr, 10)));
        tell({i, jobs::AnswerState::Answering});
        if (order.contains("partly")) {
            jobs::AnswerNews part{i, jobs::AnswerState::Answering};
            part.answer.text = "so far";
            tell(part);
            std::this_thread::sleep_for(std::chrono::milliseconds(std::strtoll(order["partly"].c_str(), nullptr, 10)));
        }
        if (order["fail"] == std::to_string(i)) {
            tell({i, jobs::AnswerState::Failed, {}, {model.student.model + " is gone.", "Bring it back."}});
            continue;
        }
        jobs::AnswerNews news{i, jobs::AnswerState::Answered};
        news.answer.prompt = question.prompt;
        news.answer.text = question.prompt + (question.asItIs ? " as it is" : "") +
                           (question.cutsPrompt ? " cut" : "") + " with " + std::to_string(question.seed) + " of " +
                           model.student.model;
        if (order.contains("signals")) {
            news.answer.text = signalState();
        }
        news.answer.ended = model.validation.maxNewTokens > 1;
        news.answer.maxNewTokens = model.validation.maxNewTokens;
        news.answer.loadSeconds = 2.0;
        news.answer.seconds = 0.5;
        tell(news);
    }
    return toInt(ExitCode::Done);
}

// As core/bench/run_bench.h describes: ours takes a quarter of the published step's time.
int answerBench(const std::string& text)
{
    const jobs::BenchJob job = jobs::parseBenchJob(text).value();
    nlohmann::json answer;
    if (job.shape == "none") {
        answer["error"] = {{"what", "There is no such shape."}, {"hint", "Take another."}};
        answer["error"]["kind"] = static_cast<int>(FailureKind::Usage);
    } else {
        const bool hasPeaks = job.shape != "without-peaks"; // as where the kernel does not measure them
        const auto side = [&](const char* name, double seconds) {
            nlohmann::json row = {
                {"side", name}, {"tokens_per_second", 100.0 / seconds}, {"peak_bytes", hasPeaks ? 1'000'000 : 0}};
            for (const char* key : {"wall", "user", "sys", "processor"}) {
                row[key] = {{"low", seconds}, {"median", seconds}, {"high", seconds}};
            }
            return row;
        };
        nlohmann::json ours = side("ours", 0.5);
        ours["flops_per_second"] = 3e10;
        ours["product_share"] = 0.75;
        ours["ratio"] = {{"wall", 4.0}, {"processor", 4.0}};
        if (hasPeaks) {
            ours["ratio"]["memory"] = 28.0;
        }
        nlohmann::json result = {{"distance", job.distance}, {"loss_difference", 1e-7}, {"gradient_difference", 2e-7}};
        result["sides"].push_back(ours);
        result["sides"].push_back(side("published", 2.0));
        answer = nlohmann::json::parse(text);
        answer["title"] = "a pair";
        answer["rows"] = 10;
        answer["product_flops"] = 4e10;
        answer["hardware"] = {{"cpu", "A processor"}, {"cores", 2}};
        answer["versions"] = {{"dskd", "0"}, {"libtorch", "2"}};
        answer["results"].push_back(result);
    }
    std::cout << answer.dump() << std::endl;
    return toInt(ExitCode::Done);
}

} // namespace

int main(int argc, char** argv)
{
    if (const char* delay = std::getenv("FAKE_WORKER_LOADS_MS")) { // as a program with large libraries does
        std::this_thread::sleep_for(std::chrono::milliseconds(std::strtol(delay, nullptr, 10)));
    }
    if (const char* file = std::getenv("FAKE_WORKER_ENVIRONMENT")) { // where it writes what OpenMP would read
        std::ofstream notes(file);
        for (const char* variable : {"OMP_NUM_THREADS", "GOMP_SPINCOUNT"}) {
            const char* value = std::getenv(variable);
            notes << variable << '=' << (value == nullptr ? "none" : value) << '\n';
        }
    }
    std::signal(SIGTERM, [](int) { stopAsked = 1; });
    std::signal(SIGUSR1, [](int) { checkpointAsked = 1; });
    sigset_t requests;
    sigemptyset(&requests);
    sigaddset(&requests, SIGTERM);
    sigaddset(&requests, SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &requests, nullptr);
    std::fprintf(stderr, "fake worker starts\n");
    try {
        if (argc == 2 && std::string(argv[1]) == "--ask") {
            return answerQuestion();
        }
        if (argc == 3 && std::string(argv[1]) == "--bench") {
            return answerBench(argv[2]);
        }
        return argc == 2 ? work(RunLayout{argv[1]}) : toInt(ExitCode::Usage);
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return toInt(ExitCode::Failed);
    }
}
