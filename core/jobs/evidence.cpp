#include "core/jobs/evidence.h"

#include "core/base/atomic_file.h"
#include "core/base/descriptor.h"
#include "core/base/exit_codes.h"
#include "core/base/regular_file.h"
#include "core/base/system_failure.h"
#include "core/store/run_lock.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace dskd::jobs
{
namespace
{

bool sameProcess(const ProcessIdentity& a, const ProcessIdentity& b)
{
    return a.pid == b.pid && a.startTicks == b.startTicks && a.bootId == b.bootId && a.host == b.host;
}

std::string textOf(const Launch& launch)
{
    const nlohmann::json json = {{"pid", launch.process.pid},
                                 {"start_ticks", launch.process.startTicks},
                                 {"boot_id", launch.process.bootId},
                                 {"host", launch.process.host},
                                 {"time", launch.time},
                                 {"log_begin", launch.logBegin},
                                 {"killed", launch.killed}};
    return json.dump(2) + (launch.killed ? " \n" : "\n"); // of one length, so that each fits over the other
}

// Puts `text` over a file that is at least as long, which takes no space of the disk; blanks fill the rest.
Result<void> writeOver(const std::filesystem::path& path, std::string text)
{
    const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    struct stat facts {
    };
    if (file.number() < 0 || fstat(file.number(), &facts) != 0) {
        return systemFailure(path, "written");
    }
    if (text.size() > static_cast<std::size_t>(facts.st_size)) {
        return Failure{path.string() + " is too short for what is to be written over it.", {}};
    }
    text.resize(static_cast<std::size_t>(facts.st_size), ' ');
    const ssize_t written = pwrite(file.number(), text.data(), text.size(), 0);
    if (written < 0) {
        return systemFailure(path, "written");
    }
    return written == facts.st_size ? Result<void>() : Failure{path.string() + " was written in part.", {}};
}

} // namespace

std::optional<Launch> readLaunch(const RunLayout& run)
{
    const Result<std::string> text = readTextFile(run.launch());
    if (!text) {
        return std::nullopt;
    }
    try {
        const auto json = nlohmann::json::parse(*text);
        return Launch{{json.at("pid").get<int>(), json.at("start_ticks").get<std::uint64_t>(),
                       json.at("boot_id").get<std::string>(), json.at("host").get<std::string>()},
                      json.at("time").get<double>(),
                      json.value("log_begin", std::uint64_t{0}),
                      json.value("killed", false)};
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

Result<void> writeLaunch(const RunLayout& run, const Launch& launch)
{
    return writeFileAtomically(run.launch(), textOf(launch));
}

Result<void> noteKill(const RunLayout& run, const Evidence& evidence, bool killed)
{
    Launch launch = readLaunch(run).value_or(Launch{});
    if (!sameProcess(launch.process, *evidence.process)) { // it was started by hand
        launch.process = *evidence.process;
        launch.time = evidence.started;
    }
    launch.killed = killed;
    const Result<void> written = writeLaunch(run, launch);
    return written ? written : writeOver(run.launch(), textOf(launch)); // a full disk has no room for a second file
}

Evidence gatherEvidence(const RunLayout& run)
{
    store::RunReader reader = store::RunReader::open(run).value();
    return gatherEvidence(run, reader);
}

Evidence gatherEvidence(const RunLayout& run, store::RunReader& reader)
{
    Evidence evidence;
    const std::optional<Launch> launch = readLaunch(run);
    if (launch) {
        evidence.process = launch->process;
        evidence.started = launch->time;
    }
    const store::RunReader::Snapshot snapshot(reader);
    evidence.warning = reader.warning();
    std::vector<store::AttemptRow> attempts = reader.attempts();
    if (!attempts.empty()) {
        store::AttemptRow& newest = attempts.back();
        // A worker started by hand has no launch.json; one that was just launched has no attempt yet.
        if (!launch || newest.started >= launch->time || sameProcess(newest.process, launch->process)) {
            evidence.process = newest.process;
            evidence.started = newest.started;
            evidence.attempt = std::move(newest);
        }
    }
    evidence.killed = launch && launch->killed && sameProcess(*evidence.process, launch->process);
    if (evidence.process) {
        evidence.liveness = livenessOf(*evidence.process);
    }
    // A copy of a run folder names the worker of the original, which holds no lock here.
    if (evidence.alive() && evidence.attempt && !evidence.attempt->ended && !store::RunLock::isHeld(run)) {
        evidence.liveness = Liveness::Gone;
    }
    if (evidence.attempt) {
        evidence.heartbeat = reader.heartbeat();
        if (evidence.attempt->exitCode != toInt(ExitCode::Done)) {
            evidence.failed = reader.lastEvent(store::kFailedEvent);
        }
        if (evidence.failed && evidence.failed->time < evidence.attempt->started) {
            evidence.failed.reset();
        }
    }
    if (const auto plan = reader.plan()) {
        evidence.totalSteps = plan->totalSteps;
    }
    return evidence;
}

std::string logTail(const RunLayout& run)
{
    constexpr std::streamoff kBytes = 4096;
    constexpr int kLines = 20;
    std::ifstream file(run.log(), std::ios::binary | std::ios::ate);
    if (!file) {
        return {};
    }
    const std::streamoff size = file.tellg();
    const auto launch = readLaunch(run);
    const auto own = launch ? static_cast<std::streamoff>(launch->logBegin) : 0;
    file.seekg(std::clamp<std::streamoff>(size - kBytes, std::min(own, size), size));
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    std::size_t begin = text.size();
    for (int line = 0; line < kLines && begin != std::string::npos && begin > 0; ++line) {
        begin = text.rfind('\n', begin - 1);
    }
    return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

bool killedForMemory(const ProcessIdentity& process)
{
    const int file = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const std::string killed = "Killed process " + std::to_string(process.pid) + " ";
    std::array<char, 8192> record; // one message a read
    bool found = false;
    for (;;) {
        const ssize_t length = read(file, record.data(), record.size());
        if (length < 0 && errno == EPIPE) {
            continue; // messages were overwritten while we read
        }
        if (length <= 0) {
            break;
        }
        const std::string_view message(record.data(), static_cast<std::size_t>(length));
        if (message.find(killed) != std::string_view::npos) {
            found = true;
            break;
        }
    }
    close(file);
    return found;
}

} // namespace dskd::jobs
