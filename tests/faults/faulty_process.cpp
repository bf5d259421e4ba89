#include "tests/faults/faulty_process.h"

#include "tests/support/paths.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace dskd::test
{
namespace
{

int waitFor(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string textOf(const std::filesystem::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

Ended run(const std::string& program, const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment, const std::filesystem::path& log)
{
    const TemporaryFolder output;
    std::vector<std::string> words{test::program(program)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const std::string printed = output / "printed";
    const pid_t child = fork();
    if (child == 0) {
        const int file = open(printed.c_str(), O_WRONLY | O_CREAT, 0644);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
        for (const auto& [name, value] : environment) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        execv(argv[0], argv.data());
        _exit(127);
    }
    Ended ended;
    ended.code = waitFor(child);
    ended.output = textOf(printed);
    std::ifstream calls(log);
    for (std::string line; std::getline(calls, line);) {
        ended.calls.push_back(line);
    }
    return ended;
}

} // namespace

Ended runWithFault(const std::string& program, const std::vector<std::string>& arguments,
                   const std::filesystem::path& root, const Fault& fault,
                   const std::map<std::string, std::string>& environment)
{
    const TemporaryFolder folder;
    const std::filesystem::path log = folder / "calls";
    std::map<std::string, std::string> all = environment;
    all["LD_PRELOAD"] = test::program("libfile_faults.so");
    all["DSKD_FAULT_ROOT"] = std::filesystem::canonical(root).string();
    all["DSKD_FAULT_KIND"] = fault.kind;
    all["DSKD_FAULT_AT"] = std::to_string(fault.at);
    all["DSKD_FAULT_LOG"] = log.string();
    return run(program, arguments, all, log);
}

Ended runProgram(const std::string& program, const std::vector<std::string>& arguments)
{
    return run(program, arguments, {}, {});
}

std::vector<long> faultPoints(std::size_t calls, std::size_t few)
{
    const char* wanted = std::getenv("DSKD_FAULT_POINTS");
    const std::string word = wanted != nullptr ? wanted : std::to_string(few);
    const std::size_t number =
        word == "all" ? calls : std::min<std::size_t>(calls, std::strtoul(word.c_str(), nullptr, 10));
    std::vector<long> points;
    for (std::size_t i = 0; i < number; ++i) {
        points.push_back(1 + static_cast<long>(number == 1 ? 0 : i * (calls - 1) / (number - 1)));
    }
    return points;
}

void countPoints(const std::string& what, std::size_t points)
{
    if (const char* figures = std::getenv("DSKD_FAULT_FIGURES")) {
        std::ofstream(figures, std::ios::app) << points << ' ' << what << '\n';
    }
}

} // namespace dskd::test
