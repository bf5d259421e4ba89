#pragma once

#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/config/schema/experiment_json.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"
#include "tests/support/paths.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dskd::cli
{

// Commands that watch a fake worker. Whatever they start is killed at the end.
class Following : public test::JobTest
{
protected:
    int run(std::vector<std::string> words)
    {
        words.insert(words.end(), {"--json", "-w", w});
        out.str("");
        err.str("");
        Console console{out, err};
        return runCommandLine(std::move(words), console);
    }
    // The same while SIGTERM comes again and again: the first one that finds somebody watching ends that.
    int runUntilTerminated(std::vector<std::string> words)
    {
        const auto before = std::signal(SIGTERM, SIG_IGN);
        std::atomic<bool> ended = false;
        std::jthread terminating([&] {
            while (!ended) {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
                kill(getpid(), SIGTERM);
            }
        });
        const int code = run(std::move(words));
        ended = true;
        terminating.join();
        std::signal(SIGTERM, before);
        return code;
    }
    std::string configFile(const std::string& orders)
    {
        const std::string file = folder / "config.json";
        config::Experiment named = experiment(orders); // `dskd run` looks at the files, the fake worker at none
        named.student.model = demo + "/student-gpt2";
        named.teacher.model = demo + "/teacher";
        named.data.train = demo + "/data/train.jsonl";
        std::ofstream(file) << config::toJson(named).dump();
        return file;
    }
    // A folder that passes for a model; its name becomes that of the run.
    std::string modelFolder(const std::string& orders)
    {
        const auto model = folder / orders;
        std::filesystem::create_directories(model);
        std::filesystem::copy_file(demo + "/student-gpt2/config.json", model / "config.json",
                                   std::filesystem::copy_options::overwrite_existing);
        return model.string();
    }
    nlohmann::json json() { return nlohmann::json::parse(out.str()); }

    const std::string demo = test::sourceDir() + "/resources/demo";
    test::EnvironmentVariable worker{"DSKD_WORKER", test::program("fake_worker")};
    std::string w = folder / "w";
    std::ostringstream out;
    std::ostringstream err;
};

} // namespace dskd::cli
