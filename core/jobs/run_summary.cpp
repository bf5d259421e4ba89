#include "core/jobs/run_summary.h"

#include "core/base/atomic_file.h"
#include "core/base/hash.h"
#include "core/base/regular_file.h"
#include "core/base/version.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace dskd::jobs
{
namespace
{

using nlohmann::json;

// Of the form of the file; the program's version stands beside it, because statuses hold its sentences.
constexpr int kFormat = 2;

// The file begins with the hash of what follows: a flipped bit in a number would not show otherwise.
constexpr std::size_t kDigits = 16;

std::string hashOf(std::string_view bytes)
{
    Fnv1a hash;
    hash.add(bytes);
    return hexadecimal(hash.value());
}

json optionalOf(const std::optional<std::int64_t>& value)
{
    return value ? json(*value) : json(nullptr);
}

json toJson(const RunTrace& trace)
{
    json files = json::array();
    for (const RunTrace::File& file : trace.files) {
        files.push_back(file.changed);
        files.push_back(file.size);
    }
    return files;
}

RunTrace traceOf(const json& files)
{
    RunTrace trace;
    for (std::size_t i = 0; i < trace.files.size(); ++i) {
        trace.files[i] = {files.at(2 * i).get<std::int64_t>(), files.at(2 * i + 1).get<std::int64_t>()};
    }
    return trace;
}

json toJson(const RunSummary& summary)
{
    const RunStatus& status = summary.status;
    return {status.status == Status::Done, status.sentence,    status.step,    status.totalSteps, status.phase,
            optionalOf(status.checkpoint), status.resumable,   summary.latest, summary.started,   summary.ended,
            summary.attemptStarted,        summary.attemptStep};
}

RunSummary summaryOf(const json& values)
{
    RunSummary summary;
    RunStatus& status = summary.status;
    status.status = values.at(0).get<bool>() ? Status::Done : Status::Stopped;
    status.sentence = values.at(1).get<std::string>();
    status.step = values.at(2).get<std::int64_t>();
    status.totalSteps = values.at(3).get<std::int64_t>();
    status.phase = values.at(4).get<std::string>();
    if (!values.at(5).is_null()) {
        status.checkpoint = values.at(5).get<std::int64_t>();
    }
    status.resumable = values.at(6).get<bool>();
    for (const auto& [name, value] : values.at(7).items()) {
        summary.latest[name] = value.get<double>();
    }
    summary.started = values.at(8).get<double>();
    summary.ended = values.at(9).get<double>();
    summary.attemptStarted = values.at(10).get<double>();
    summary.attemptStep = values.at(11).get<std::int64_t>();
    return summary;
}

} // namespace

RunSummary readSummary(const RunLayout& run)
{
    auto reader = store::RunReader::open(run);
    if (reader) {
        try {
            return readSummary(run, *reader, /*withLatest=*/true);
        } catch (const Error&) {
            // below: the status has the reason
        }
    }
    RunSummary summary;
    summary.status = readStatus(run);
    return summary;
}

RunSummary readSummary(const RunLayout& run, store::RunReader& reader, bool withLatest)
{
    RunSummary summary;
    summary.status = readStatus(run, reader);
    const store::RunReader::Snapshot snapshot(reader);
    if (withLatest) {
        for (const auto& [name, point] : reader.latest()) {
            summary.latest[name] = point.value;
        }
    }
    const std::vector<store::AttemptRow> attempts = reader.attempts();
    if (attempts.empty()) {
        return summary;
    }
    summary.started = attempts.front().started;
    summary.attemptStarted = attempts.back().started;
    summary.attemptStep = attempts.back().resumeStep.value_or(0);
    if (!isAlive(summary.status.status)) {
        const auto beat = reader.heartbeat();
        const double lastSign = std::max(attempts.back().started, beat ? beat->time : 0.0);
        summary.ended = attempts.back().ended.value_or(lastSign); // it ended without recording its end
    }
    return summary;
}

SummaryCache::SummaryCache(WorkspaceLayout workspace) : m_workspace(std::move(workspace))
{
    const Result<std::string> bytes = readTextFile(m_workspace.summaries());
    if (!bytes || bytes->size() < kDigits || bytes->substr(0, kDigits) != hashOf(bytes->substr(kDigits))) {
        return; // missing, or damaged: the runs are read again
    }
    const json file = json::from_cbor(bytes->substr(kDigits), /*strict=*/true, /*allow_exceptions=*/false);
    try {
        if (!file.is_object() || file.at("format") != kFormat || file.at("version") != kVersion) {
            return;
        }
        for (const auto& [id, known] : file.at("runs").items()) {
            m_runs[id] = {traceOf(known.at(0)), summaryOf(known.at(1))};
        }
    } catch (const json::exception&) {
        m_runs.clear(); // damaged: the runs are read again
    }
}

std::optional<RunSummary> SummaryCache::find(const std::string& runId, const RunTrace& trace) const
{
    const auto known = m_runs.find(runId);
    return known != m_runs.end() && known->second.trace == trace ? std::optional(known->second.summary) : std::nullopt;
}

void SummaryCache::remember(const std::string& runId, const RunTrace& trace, const RunSummary& summary)
{
    const bool ended = summary.status.status == Status::Done || summary.status.status == Status::Stopped;
    if (!ended || summary.status.failure || !isSettled(trace)) {
        return;
    }
    m_runs[runId] = {trace, summary};
    ++m_added;
}

Result<void> SummaryCache::save()
{
    json runs = json::object();
    for (const auto& [id, known] : m_runs) {
        std::error_code error;
        if (std::filesystem::exists(m_workspace.run(id).root, error)) { // else it was deleted
            runs[id] = {toJson(known.trace), toJson(known.summary)};
        }
    }
    const json file = {{"format", kFormat}, {"version", kVersion}, {"runs", std::move(runs)}};
    std::string bytes;
    json::to_cbor(file, bytes);
    Result<void> written = writeFileAtomically(m_workspace.summaries(), hashOf(bytes) + bytes);
    if (written) {
        m_added = 0;
    }
    return written;
}

} // namespace dskd::jobs
