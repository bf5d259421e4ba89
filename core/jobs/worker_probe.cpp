#include "core/jobs/worker_probe.h"

#include "core/jobs/spawn.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dskd::jobs
{

namespace
{

constexpr std::chrono::milliseconds kCancelDelay{50};

// Everything the other end writes until it closes, or nothing when the limit passes or `cancelled` is set first.
std::optional<std::string> readAll(int descriptor, std::chrono::milliseconds limit, const std::atomic<bool>* cancelled)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string text;
    char buffer[4096];
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0 || (cancelled != nullptr && *cancelled)) {
            return std::nullopt;
        }
        pollfd ready{descriptor, POLLIN, 0};
        const auto wait = cancelled != nullptr ? std::min(left, kCancelDelay) : left;
        const int events = poll(&ready, 1, static_cast<int>(wait.count()));
        if (events == 0 || (events < 0 && errno == EINTR)) {
            continue;
        }
        if (events < 0) {
            return std::nullopt;
        }
        const ssize_t count = read(descriptor, buffer, sizeof buffer);
        if (count > 0) {
            text.append(buffer, static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            return text;
        }
    }
}

} // namespace

Result<std::string> outputOf(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                             std::chrono::milliseconds limit, const std::atomic<bool>* cancelled)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return Failure{"Cannot make a pipe: " + std::string(std::strerror(errno)) + ".", {}};
    }
    std::string name = program.string();
    std::vector<std::string> words = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::vector<std::string> environment = environmentFor();
    std::vector<char*> variables;
    variables.reserve(environment.size() + 1);
    for (std::string& variable : environment) {
        variables.push_back(variable.data());
    }
    variables.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, name.c_str(), &actions, nullptr, argv.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return Failure{"Cannot start " + name + ": " + std::strerror(error) + ".", {}};
    }
    const auto text = readAll(ends[0], limit, cancelled);
    close(ends[0]);
    if (!text) {
        kill(pid, SIGKILL);
    }
    int state = 0;
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    if (!text && cancelled != nullptr && *cancelled) {
        return Failure{name + " was cancelled.", {}};
    }
    if (!text) {
        return Failure{name + " did not answer within " + std::to_string(limit.count() / 1000) + " s.", {}};
    }
    if (const Result<void> loaded = requireLoaded(name, state); !loaded) {
        return loaded.failure();
    }
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
        return Failure{name +
                           (WIFSIGNALED(state) ? " was killed by signal " + std::to_string(WTERMSIG(state))
                                               : " ended with code " + std::to_string(WEXITSTATUS(state))) +
                           ".",
                       text->empty() ? "Run it in a terminal to see its output." : "Its output: " + *text};
    }
    return *text;
}

Result<nlohmann::json> askWorker(const std::filesystem::path& worker)
{
    const auto text = outputOf(worker, {"--version", "--measure", "--json"}, std::chrono::seconds(30));
    if (!text) {
        return text.failure();
    }
    auto answer = nlohmann::json::parse(*text, nullptr, false);
    if (answer.is_discarded() || !answer.is_object()) {
        return Failure{worker.string() + " --version --json does not answer in JSON.",
                       "It may belong to another version; build both programs from the same sources."};
    }
    return answer;
}

} // namespace dskd::jobs
