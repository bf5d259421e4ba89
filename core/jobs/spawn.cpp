#include "core/jobs/spawn.h"

#include "core/base/descriptor.h"
#include "core/base/program_files.h"
#include "core/base/system_failure.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace dskd::jobs
{
namespace
{

bool isProgram(const std::filesystem::path& file)
{
    std::error_code error;
    return std::filesystem::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

// What the processes between us and the worker report through the pipe.
struct Report {
    enum Kind { Pid, Error } kind;
    int value;
};

// Everything exec needs, made before fork: between fork and exec no memory may be allocated.
struct Program {
    std::vector<std::string> words;
    std::vector<std::string> variables;
    std::vector<char*> argv;
    std::vector<char*> envp;

    explicit Program(const DetachedProgram& wanted) : words(wanted.words), variables(environmentFor(wanted.environment))
    {
        for (std::string& word : words) {
            argv.push_back(word.data());
        }
        for (std::string& variable : variables) {
            envp.push_back(variable.data());
        }
        argv.push_back(nullptr);
        envp.push_back(nullptr);
    }
};

void report(int pipe, Report::Kind kind, int value)
{
    const Report message{kind, value};
    [[maybe_unused]] const ssize_t written = write(pipe, &message, sizeof(message));
}

// In the new process, up to exec. Only async-signal-safe calls.
[[noreturn]] void becomeProgram(const Program& program, bool holdsRequests, const char* folder, int log, int null,
                                int pipe)
{
    struct sigaction action {
    };
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        sigaction(signal, &action, nullptr);
    }
    sigset_t requests;
    sigemptyset(&requests);
    if (holdsRequests) {
        sigaddset(&requests, SIGTERM);
        sigaddset(&requests, SIGUSR1);
    }
    sigprocmask(SIG_SETMASK, &requests, nullptr);
    if (chdir(folder) != 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) {
        report(pipe, Report::Error, errno);
        _exit(kNotLoaded);
    }
    // Closed by exec, so that the pipe can still say why exec failed.
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        for (long number = sysconf(_SC_OPEN_MAX); number >= 3; --number) {
            fcntl(static_cast<int>(number), F_SETFD, FD_CLOEXEC);
        }
    }
    execve(program.argv[0], program.argv.data(), program.envp.data());
    report(pipe, Report::Error, errno);
    _exit(kNotLoaded);
}

} // namespace

Result<void> requireLoaded(const std::string& program, int waitState)
{
    if (WIFEXITED(waitState) && WEXITSTATUS(waitState) == kNotLoaded) {
        return Failure{program + " cannot be loaded: a library that it needs is missing.", kMissingLibraryHint};
    }
    return {};
}

std::vector<std::string> environmentFor(const std::map<std::string, std::string>& changed)
{
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (!changed.contains(std::string(text.substr(0, text.find('='))))) {
            variables.emplace_back(text);
        }
    }
    for (const auto& [name, value] : changed) {
        variables.push_back(name + "=" + value);
    }
    // OpenMP threads that wait by spinning take the core from the thread they wait for as soon as anything else runs on
    // the machine (measured: steps five times slower); the library reads this only while it is loaded.
    const auto decided = [&](const char* name) { return std::getenv(name) != nullptr || changed.contains(name); };
    if (!decided("OMP_WAIT_POLICY") && !decided("GOMP_SPINCOUNT")) {
        variables.emplace_back("GOMP_SPINCOUNT=3000");
    }
    return variables;
}

// Forks twice: the process in the middle leads a new session and ends at once, so the new one has no controlling
// terminal, cannot get one, and is inherited by init.
Result<int> spawnDetached(const DetachedProgram& wanted)
{
    const Program program(wanted);
    const Descriptor log(open(wanted.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (log.number() < 0) {
        return systemFailure(wanted.log.string() + " cannot be written");
    }
    const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    int ends[2];
    if (null.number() < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        return systemFailure(program.words[0] + " cannot be started");
    }
    const Descriptor readEnd(ends[0]);
    Descriptor writeEnd(ends[1]);
    const std::string folder = wanted.folder.string();
    const pid_t middle = fork();
    if (middle < 0) {
        return systemFailure(program.words[0] + " cannot be started");
    }
    if (middle == 0) {
        setsid();
        const pid_t child = fork();
        if (child == 0) {
            becomeProgram(program, wanted.holdsRequests, folder.c_str(), log.number(), null.number(),
                          writeEnd.number());
        }
        report(writeEnd.number(), child > 0 ? Report::Pid : Report::Error, child > 0 ? child : errno);
        _exit(0);
    }
    writeEnd.close();
    while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
    }
    int pid = 0;
    int error = 0;
    Report message{};
    for (ssize_t length = 0; (length = read(readEnd.number(), &message, sizeof(message))) != 0;) {
        if (length < 0 && errno != EINTR) {
            break;
        }
        if (length == sizeof(message)) {
            (message.kind == Report::Pid ? pid : error) = message.value;
        }
    }
    if (error != 0 || pid == 0) {
        errno = error;
        return systemFailure(program.words[0] + " cannot be started");
    }
    return pid;
}

void endWithStarter()
{
    // Of a starter that is gone already no signal comes: then the first word to it ends the program, by SIGPIPE.
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

Result<std::filesystem::path> findProgram(const std::string& name, const char* variable, const std::string& hint)
{
    std::vector<std::filesystem::path> places;
    if (const char* named = std::getenv(variable); named != nullptr && *named != '\0') {
        if (isProgram(named)) {
            return std::filesystem::absolute(named);
        }
        return Failure{std::string(variable) + " names " + named + ", which is not a program.", "Correct or unset it."};
    }
    if (const std::filesystem::path own = programFolder(); !own.empty()) {
        places.push_back(own / name);
    }
    if (const char* path = std::getenv("PATH")) {
        std::istringstream folders(path);
        for (std::string folder; std::getline(folders, folder, ':');) {
            if (!folder.empty()) {
                places.push_back(std::filesystem::path(folder) / name);
            }
        }
    }
    for (const auto& place : places) {
        if (isProgram(place)) {
            return std::filesystem::absolute(place);
        }
    }
    return Failure{"The program " + name + " was not found beside this program, nor in PATH.", hint};
}

} // namespace dskd::jobs
