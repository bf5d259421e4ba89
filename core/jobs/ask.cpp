#include "core/jobs/ask.h"

#include "core/base/descriptor.h"
#include "core/base/exit_codes.h"
#include "core/base/last_words.h"
#include "core/base/system_failure.h"
#include "core/base/utf8.h"
#include "core/jobs/launch.h"
#include "core/jobs/spawn.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace dskd::jobs
{
namespace
{

constexpr int kLookForCancelMs = 50;
constexpr std::chrono::milliseconds kLookForEnd{10};

bool isSet(const std::atomic<bool>* flag)
{
    return flag != nullptr && *flag;
}

// A file without a name, in memory.
Descriptor memoryFile(const char* name)
{
    return Descriptor(memfd_create(name, MFD_CLOEXEC));
}

Result<void> writeAll(const Descriptor& file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = write(file.number(), text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return systemFailure("The question cannot be written");
        }
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return lseek(file.number(), 0, SEEK_SET) == 0 ? Result<void>() : systemFailure("The question cannot be written");
}

std::string readAll(const Descriptor& file)
{
    std::string text;
    std::array<char, 4096> buffer{};
    for (off_t at = 0;;) {
        const ssize_t count = pread(file.number(), buffer.data(), buffer.size(), at);
        if (count <= 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
        at += count;
    }
}

// The worker as a child: its question on stdin, its news from a pipe, its errors kept in memory. Killed when this goes.
class AskingWorker
{
public:
    static Result<AskingWorker> start(const std::filesystem::path& program, std::string_view question)
    {
        AskingWorker worker;
        const Descriptor in = memoryFile("dskd-question");
        worker.m_errors = memoryFile("dskd-worker-errors");
        int ends[2];
        if (!in.isOpen() || !worker.m_errors.isOpen() || pipe2(ends, O_CLOEXEC) != 0) {
            return systemFailure(program.string() + " cannot be started");
        }
        worker.m_out = Descriptor(ends[0]);
        const Descriptor writeEnd(ends[1]);
        if (const Result<void> written = writeAll(in, question); !written) {
            return written.failure();
        }
        std::array<std::string, 2> words{program.string(), "--ask"};
        char* argv[] = {words[0].data(), words[1].data(), nullptr};
        std::vector<std::string> environment = environmentFor();
        std::vector<char*> variables;
        variables.reserve(environment.size() + 1);
        for (std::string& variable : environment) {
            variables.push_back(variable.data());
        }
        variables.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in.number(), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, writeEnd.number(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, worker.m_errors.number(), STDERR_FILENO);
        // In a group of its own, so that Ctrl-C ends it through us alone and the reason is known; and whatever signals
        // our thread blocks or ignores, it does not.
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes, &signals);
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes, &signals);
        posix_spawnattr_setflags(
            &attributes, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
        const int error = posix_spawn(&worker.m_pid, argv[0], &actions, &attributes, argv, variables.data());
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) {
            worker.m_pid = 0;
            errno = error;
            return systemFailure(program.string() + " cannot be started");
        }
        return worker;
    }

    AskingWorker(AskingWorker&& other) noexcept
        : m_out(std::move(other.m_out)), m_errors(std::move(other.m_errors)), m_pid(std::exchange(other.m_pid, 0))
    {
    }
    AskingWorker& operator=(AskingWorker&&) = delete;
    ~AskingWorker()
    {
        if (m_pid > 0) {
            kill(m_pid, SIGKILL);
            while (waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }

    // Gives every line to `onLine` until the worker closes its end; false when `cancelled` turned true before, after
    // the lines that had come by then.
    template <typename OnLine>
    bool readLines(const OnLine& onLine, const std::atomic<bool>* cancelled)
    {
        std::string text;
        std::array<char, 4096> buffer{};
        for (;;) {
            const bool ends = isSet(cancelled);
            pollfd ready{m_out.number(), POLLIN, 0};
            const int events = poll(&ready, 1, ends ? 0 : kLookForCancelMs);
            if (events == 0 && ends) {
                return false;
            }
            if (events == 0 || (events < 0 && errno == EINTR)) {
                continue;
            }
            const ssize_t count = read(m_out.number(), buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count <= 0) {
                return true;
            }
            text.append(buffer.data(), static_cast<std::size_t>(count));
            for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
                onLine(std::string_view(text).substr(0, end));
                text.erase(0, end + 1);
            }
        }
    }

    // Waits for the end: why it came without all answers. None when `cancelled` turned true before it.
    std::optional<Failure> whyItEnded(const std::atomic<bool>* cancelled)
    {
        int state = 0;
        while (waitpid(m_pid, &state, WNOHANG) == 0) {
            if (isSet(cancelled)) {
                return std::nullopt;
            }
            std::this_thread::sleep_for(kLookForEnd);
        }
        m_pid = 0;
        if (const Result<void> loaded = requireLoaded("dskd-worker", state); !loaded) {
            return loaded.failure();
        }
        const std::string errors = readAll(m_errors);
        if (const auto words = findLastWords(errors)) {
            return Failure{words->sentence, {}};
        }
        if (WIFSIGNALED(state)) {
            return Failure{"The worker was killed by signal " + std::to_string(WTERMSIG(state)) + ".",
                           WTERMSIG(state) == SIGKILL
                               ? "Memory may have run out: ask fewer or smaller models beside a training."
                               : ""};
        }
        if (WEXITSTATUS(state) == toInt(ExitCode::Stopped)) {
            return Failure{"Somebody stopped the worker before its answer (SIGTERM).", "Ask again."};
        }
        return Failure{"The worker ended with code " + std::to_string(WEXITSTATUS(state)) + " and without an answer.",
                       errors.empty() ? "" : "It printed: " + errors.substr(0, errors.find('\n'))};
    }

private:
    AskingWorker() = default;

    Descriptor m_out;
    Descriptor m_errors;
    pid_t m_pid = 0;
};

Result<void> checkPrompt(const AskedPrompt& prompt)
{
    if (prompt.text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return Failure{"The prompt is empty, so there is nothing to answer.", {}, FailureKind::Usage};
    }
    if (!isValidUtf8(prompt.text)) {
        return Failure{"The prompt is not UTF-8.", "Set the terminal to UTF-8.", FailureKind::Usage};
    }
    return {};
}

} // namespace

Result<void> ask(const WorkspaceLayout& workspace, const AskRequest& request, const AskedPrompt& prompt,
                 const AskListener& listener, const AskOptions& options)
{
    if (const Result<void> good = checkPrompt(prompt); !good) {
        return good.failure();
    }
    if (request.runs.empty()) {
        return Failure{"No run is named that could answer.", {}, FailureKind::Usage};
    }
    const Result<std::filesystem::path> program =
        options.worker.empty() ? findWorker() : Result<std::filesystem::path>(options.worker);
    if (!program) {
        return program.failure();
    }
    const std::vector<AskedModel> models = askedModels(workspace, request); // holds the checkpoints until the end
    std::vector<AskedColumn> columns;
    columns.reserve(models.size());
    for (const AskedModel& model : models) {
        columns.push_back(model.column);
    }
    listener.onColumns(columns);
    Question question{prompt.text, prompt.asItIs, prompt.seed, {}, prompt.cut};
    std::vector<std::size_t> columnOf; // of each model of the question
    for (std::size_t i = 0; i < models.size(); ++i) {
        if (models[i].trouble) {
            listener.onNews({i, AnswerState::Failed, {}, *models[i].trouble});
        } else {
            question.models.push_back(models[i].experiment);
            columnOf.push_back(i);
        }
    }
    if (columnOf.empty()) {
        return {};
    }

    Result<AskingWorker> worker = AskingWorker::start(*program, toText(question));
    if (!worker) {
        return worker.failure();
    }
    std::vector<bool> ended(columnOf.size(), false);
    const auto onLine = [&](std::string_view line) {
        Result<AnswerNews> news = parseNews(line);
        if (!news || news->model >= columnOf.size()) {
            return; // a library may print too; a model without an answer is reported below
        }
        ended[news->model] = news->state == AnswerState::Answered || news->state == AnswerState::Failed;
        news->model = columnOf[news->model];
        listener.onNews(*news);
    };
    const Failure cancelled{"The asking was cancelled.", {}};
    if (!worker->readLines(onLine, options.cancelled)) {
        return cancelled;
    }
    if (std::find(ended.begin(), ended.end(), false) == ended.end()) {
        return {};
    }
    const std::optional<Failure> why = worker->whyItEnded(options.cancelled);
    if (!why) {
        return cancelled;
    }
    for (std::size_t i = 0; i < ended.size(); ++i) {
        if (!ended[i]) {
            listener.onNews({columnOf[i], AnswerState::Failed, {}, *why});
        }
    }
    return {};
}

} // namespace dskd::jobs
