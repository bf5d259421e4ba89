#include "tests/worker/worker_process.h"

#include "core/model/causal_lm.h"
#include "core/store/run_reader.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/paths.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace dskd::test
{
namespace
{

namespace fs = std::filesystem;

const fs::path kDemo = fs::path(test::sourceDir()) / "resources" / "demo";

// A one-layer model with the vocabulary and the tokenizer of a demo model.
void writeModel(const fs::path& folder, const std::string& like, std::int64_t width, std::uint64_t seed)
{
    model::ModelConfig config = model::readModelConfig(kDemo / like).value();
    config.original.clear();
    config.width = width;
    config.headWidth = width / config.heads;
    config.innerWidth = 2 * width;
    config.layers = 1;
    config.vocabularyRows += 5; // rows beyond the tokenizer's, as many models have, and no round number
    config.embeddingDropout = config.attentionDropout = config.residualDropout = 0.1;
    fs::create_directories(folder);
    model::saveCausalLm(*model::createCausalLm(config, seed).value(), folder).value();
    for (const fs::path& file : tokenizer::tokenizerFiles(kDemo / like)) {
        fs::copy_file(file, folder / file.filename(), fs::copy_options::skip_existing);
    }
}

// Whether it comes true within a minute of what run.db holds.
bool within(const RunLayout& run, const std::function<bool(store::RunReader&)>& holds)
{
    for (int round = 0; round < 6000; ++round) {
        auto reader = store::RunReader::open(run);
        if (reader && holds(*reader)) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

} // namespace

WorkerFolder::WorkerFolder()
{
    writeModel(gpt2(), "student-gpt2", 16, 1);
    writeModel(wideGpt2(), "student-gpt2", 32, 2);
    writeModel(llama(), "student-llama", 16, 3);
}

nlohmann::json WorkerFolder::experiment(int steps) const
{
    return {{"version", 1},
            {"job", "train"},
            {"student", {{"model", gpt2()}}},
            {"teacher", {{"model", wideGpt2()}}},
            {"data",
             {{"train", (kDemo / "data" / "train.jsonl").string()},
              {"validation", (kDemo / "data" / "validation.jsonl").string()},
              {"limit", 24},
              {"validation_limit", 4},
              {"max_prompt_length", 48},
              {"max_length", 64}}},
            {"method", {{"objective", "kd"}, {"space", "dual"}}},
            {"train", {{"steps", steps}, {"batch_size", 2}, {"threads", 1}, {"device", "cpu"}}},
            {"log", {{"probe_every", 0}}},
            {"validation", {{"every", 4}}}};
}

RunLayout WorkerFolder::makeRun(const std::string& name, const nlohmann::json& config) const
{
    const RunLayout run{m_folder / name};
    fs::create_directories(run.root);
    std::ofstream(run.config()) << config.dump(2);
    return run;
}

WorkerProcess::WorkerProcess(const std::vector<std::string>& arguments)
{
    std::string pattern = (fs::temp_directory_path() / "dskd-worker-output-XXXXXX").string();
    const int output = mkstemp(pattern.data());
    m_output = pattern;
    std::vector<std::string> words{test::program("dskd-worker")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    m_pid = fork();
    if (m_pid == 0) {
        dup2(output, STDOUT_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(output);
}

WorkerProcess::~WorkerProcess()
{
    if (m_pid > 0) {
        signal(SIGKILL);
        wait();
    }
    std::error_code ignored;
    fs::remove(m_output, ignored);
}

void WorkerProcess::signal(int number) const
{
    ::kill(m_pid, number);
}

int WorkerProcess::wait()
{
    int status = 0;
    waitpid(m_pid, &status, 0);
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string WorkerProcess::output() const
{
    std::ostringstream text;
    text << std::ifstream(m_output).rdbuf();
    return text.str();
}

std::map<std::int64_t, double> series(const RunLayout& run, const std::string& name)
{
    store::RunReader reader = store::RunReader::open(run).value();
    std::map<std::int64_t, double> values;
    for (const store::MetricPoint& point : reader.series(name)) {
        EXPECT_TRUE(values.emplace(point.step, point.value).second) << name << " twice at step " << point.step;
    }
    return values;
}

void waitForAttempt(const RunLayout& run, std::size_t count)
{
    EXPECT_TRUE(within(run, [&](store::RunReader& reader) { return reader.attempts().size() >= count; }))
        << "attempt " << count << " did not begin within a minute";
}

void waitForStep(const RunLayout& run, std::int64_t step)
{
    EXPECT_TRUE(within(run,
                       [&](store::RunReader& reader) {
                           const auto points = reader.series("loss");
                           return !points.empty() && points.back().step >= step;
                       }))
        << "step " << step << " was not reached within a minute";
}

} // namespace dskd::test
