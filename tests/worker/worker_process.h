#pragma once

#include "core/base/run_layout.h"
#include "core/store/attempt_rows.h"
#include "tests/support/temporary_folder.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/types.h>
#include <vector>

namespace dskd::test
{

// A run folder with tiny models that use the tokenizers of the demo. Removed again in the end.
class WorkerFolder
{
public:
    WorkerFolder();

    // An experiment of `steps` short steps in dual space over 24 records of the demo's data; one thread.
    [[nodiscard]] nlohmann::json experiment(int steps) const;
    // A fresh run folder with this configuration.
    [[nodiscard]] RunLayout makeRun(const std::string& name, const nlohmann::json& config) const;

    [[nodiscard]] std::string gpt2() const { return (m_folder / "gpt2").string(); }
    [[nodiscard]] std::string wideGpt2() const { return (m_folder / "gpt2-wide").string(); }
    [[nodiscard]] std::string llama() const { return (m_folder / "llama").string(); }
    [[nodiscard]] const std::filesystem::path& root() const { return m_folder.path(); }

private:
    TemporaryFolder m_folder;
};

// dskd-worker as a child process; killed when it outlives this object.
class WorkerProcess
{
public:
    explicit WorkerProcess(const std::vector<std::string>& arguments);
    explicit WorkerProcess(const RunLayout& run) : WorkerProcess(std::vector<std::string>{run.root.string()}) {}
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    void signal(int number) const;
    // Waits for the end. The exit code, or minus the signal that ended it.
    int wait();
    // What it printed on stdout; call after wait().
    [[nodiscard]] std::string output() const;

private:
    pid_t m_pid = -1;
    std::filesystem::path m_output;
};

// The values of a metric in run.db by step; a step that is there twice fails the test.
[[nodiscard]] std::map<std::int64_t, double> series(const RunLayout& run, const std::string& name);

// Waits until `count` workers have begun with the run (at most a minute).
void waitForAttempt(const RunLayout& run, std::size_t count);

// Waits until the metric `loss` has reached `step` (at most a minute).
void waitForStep(const RunLayout& run, std::int64_t step);

} // namespace dskd::test
