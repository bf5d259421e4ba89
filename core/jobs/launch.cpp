#include "core/jobs/launch.h"

#include "core/jobs/evidence.h"
#include "core/jobs/status.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace dskd::jobs
{
namespace
{

class Descriptor
{
public:
    explicit Descriptor(int number = -1) : m_number(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }
    void close()
    {
        if (m_number >= 0) {
            ::close(m_number);
        }
        m_number = -1;
    }

private:
    int m_number;
};

Failure systemFailure(const std::string& what)
{
    return {what + ": " + std::strerror(errno) + ".", {}};
}

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

    Program(const std::filesystem::path& worker, const RunLayout& run, const LaunchOptions& options)
        : words{worker.string(), run.root.string()}
    {
        for (char** variable = environ; *variable != nullptr; ++variable) {
            const std::string_view text(*variable);
            if (!options.environment.contains(std::string(text.substr(0, text.find('='))))) {
                variables.emplace_back(text);
            }
        }
        for (const auto& [name, value] : options.environment) {
            variables.push_back(name + "=" + value);
        }
        // OpenMP threads that wait by spinning take the core from the thread they wait for as soon as anything else
        // runs on the machine (measured: steps five times slower); the library reads this only while it is loaded.
        if (getenv("OMP_WAIT_POLICY") == nullptr && getenv("GOMP_SPINCOUNT") == nullptr) {
            variables.emplace_back("GOMP_SPINCOUNT=3000");
        }
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

// In the worker's process, up to exec. Only async-signal-safe calls.
[[noreturn]] void becomeWorker(const Program& program, const char* folder, int log, int null, int pipe)
{
    struct sigaction action {
    };
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        sigaction(signal, &action, nullptr);
    }
    // What asks a worker for something waits until its handlers are there to hear it; the worker unblocks both then.
    sigset_t requests;
    sigemptyset(&requests);
    sigaddset(&requests, SIGTERM);
    sigaddset(&requests, SIGUSR1);
    sigprocmask(SIG_SETMASK, &requests, nullptr);
    if (chdir(folder) != 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) {
        report(pipe, Report::Error, errno);
        _exit(127);
    }
    // Closed by exec, so that the pipe can still say why exec failed.
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        for (long number = sysconf(_SC_OPEN_MAX); number >= 3; --number) {
            fcntl(static_cast<int>(number), F_SETFD, FD_CLOEXEC);
        }
    }
    execve(program.argv[0], program.argv.data(), program.envp.data());
    report(pipe, Report::Error, errno);
    _exit(127);
}

// Forks twice: the process in the middle leads a new session and ends at once, so the worker has no controlling
// terminal, cannot get one, and is inherited by init.
Result<int> spawn(const Program& program, const RunLayout& run)
{
    const Descriptor log(open(run.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (log.number() < 0) {
        return systemFailure(run.log().string() + " cannot be written");
    }
    const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    int ends[2];
    if (null.number() < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        return systemFailure("The worker cannot be started");
    }
    const Descriptor readEnd(ends[0]);
    Descriptor writeEnd(ends[1]);
    const std::string folder = run.root.string();
    const pid_t middle = fork();
    if (middle < 0) {
        return systemFailure("The worker cannot be started");
    }
    if (middle == 0) {
        setsid();
        const pid_t worker = fork();
        if (worker == 0) {
            becomeWorker(program, folder.c_str(), log.number(), null.number(), writeEnd.number());
        }
        report(writeEnd.number(), worker > 0 ? Report::Pid : Report::Error, worker > 0 ? worker : errno);
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

// A worker that has written its last word may still need a moment to be gone.
bool stillAlive(const RunLayout& run)
{
    using namespace std::chrono_literals;
    for (int tries = 0; tries < 40; ++tries) {
        const Evidence evidence = gatherEvidence(run);
        if (evidence.liveness == Liveness::Elsewhere) {
            // Only its heartbeat can tell. A host that went silent must not block the run for ever.
            const Status status = readStatus(run).status;
            return status == Status::Running || status == Status::Starting;
        }
        if (!evidence.alive()) {
            return false;
        }
        if (!evidence.attempt || !evidence.attempt->ended) {
            return true;
        }
        std::this_thread::sleep_for(50ms);
    }
    return true;
}

Result<void> sendSignal(const RunLayout& run, int signal)
{
    try {
        const Evidence evidence = gatherEvidence(run);
        const std::string name = run.root.filename().string();
        if (evidence.liveness == Liveness::Elsewhere) {
            return Failure{"The worker of " + name + " runs on " + evidence.process->host + ", not on this machine.",
                           "Give the command there."};
        }
        if (!evidence.alive()) {
            return Failure{"No worker is running for " + name + ".", {}};
        }
        if (kill(evidence.process->pid, signal) != 0) {
            return systemFailure("The worker of " + name + " cannot be signalled");
        }
        if (evidence.liveness == Liveness::Suspended) {
            kill(evidence.process->pid, SIGCONT); // or it would never see the signal
        }
        return {};
    } catch (const Error& error) {
        return error.failure();
    }
}

} // namespace

Result<std::filesystem::path> findWorker()
{
    constexpr const char* kName = "dskd-worker";
    std::vector<std::filesystem::path> places;
    if (const char* wish = std::getenv("DSKD_WORKER"); wish != nullptr && *wish != '\0') {
        if (isProgram(wish)) {
            return std::filesystem::absolute(wish);
        }
        return Failure{std::string("DSKD_WORKER names ") + wish + ", which is not a program.", "Correct or unset it."};
    }
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) {
        places.push_back(self.parent_path() / kName);
        places.push_back(self.parent_path().parent_path() / "libexec" / "dskd" / kName);
    }
    if (const char* path = std::getenv("PATH")) {
        std::istringstream folders(path);
        for (std::string folder; std::getline(folders, folder, ':');) {
            if (!folder.empty()) {
                places.push_back(std::filesystem::path(folder) / kName);
            }
        }
    }
    for (const auto& place : places) {
        if (isProgram(place)) {
            return std::filesystem::absolute(place);
        }
    }
    return Failure{"The program dskd-worker was not found beside this program, nor in PATH.",
                   "Build it (-DDSKD_WORKER=ON), or name it in the environment variable DSKD_WORKER."};
}

Result<int> launchWorker(const RunLayout& relative, const LaunchOptions& options)
{
    const RunLayout run{std::filesystem::absolute(relative.root).lexically_normal()};
    std::error_code error;
    if (!std::filesystem::is_regular_file(run.config(), error)) {
        return Failure{run.root.string() + " is not a run folder: it has no config.json.", {}};
    }
    const Result<std::filesystem::path> worker =
        options.worker.empty() ? findWorker() : Result<std::filesystem::path>(options.worker);
    if (!worker) {
        return worker.failure();
    }
    // Held until launch.json is written, so that of two callers the second one sees the first one's worker.
    const Descriptor lock(open(run.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.number() < 0 || flock(lock.number(), LOCK_EX) != 0) {
        return systemFailure(run.root.string() + " cannot be locked");
    }
    try {
        if (stillAlive(run)) {
            return Failure{"A worker is already running for " + run.root.filename().string() + ".",
                           "Stop it first, or wait until it is done."};
        }
    } catch (const Error& failed) {
        return failed.failure();
    }
    const double now = unixTime();
    const Result<int> pid = spawn(Program(*worker, run, options), run);
    if (!pid) {
        return pid.failure();
    }
    ProcessIdentity identity = thisProcess();
    identity.startTicks = 0; // matches no process: it is gone already
    identity.pid = *pid;
    const Result<void> noted = writeLaunch(run, {identityOf(*pid).value_or(identity), now});
    return noted ? Result<int>(*pid) : Result<int>(noted.failure());
}

Result<void> requestStop(const RunLayout& run)
{
    return sendSignal(run, SIGTERM);
}

Result<void> requestCheckpoint(const RunLayout& run)
{
    return sendSignal(run, SIGUSR1);
}

Result<void> killWorker(const RunLayout& run)
{
    return sendSignal(run, SIGKILL);
}

} // namespace dskd::jobs
