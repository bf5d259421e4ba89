#include "core/jobs/bench_job.h"

#include "core/config/schema/choices.h"
#include "core/jobs/launch.h"
#include "core/jobs/worker_probe.h"

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::jobs
{
namespace
{

using nlohmann::json;

constexpr std::chrono::hours kLimit{24}; // the larger shapes take long; a person interrupts

constexpr std::array kKinds = {
    std::pair(BenchKind::Step, std::string_view("step")),
    std::pair(BenchKind::Loss, std::string_view("loss")),
    std::pair(BenchKind::Generate, std::string_view("generate")),
    std::pair(BenchKind::Align, std::string_view("align")),
};

Failure notUnderstood(const std::string& why)
{
    return {"The measurement is not understood: " + why, "dskd and dskd-worker must be of the same version.",
            FailureKind::Usage};
}

// False where no value has that name.
template <typename Enum>
bool readChoice(const std::string& name, Enum& value)
{
    for (const config::Choice<Enum>& choice : config::choicesOf<Enum>()) {
        if (choice.name == name) {
            value = choice.value;
            return true;
        }
    }
    return false;
}

} // namespace

std::string toText(const BenchJob& job)
{
    json object = {{"shape", job.shape},
                   {"distance", job.distance},
                   {"space", std::string(config::name(job.space))},
                   {"samples", job.samples},
                   {"length", job.length},
                   {"times", job.times},
                   {"threads", job.threads},
                   {"chunk_rows", job.chunkRows},
                   {"device", std::string(config::name(job.device))},
                   {"precision", std::string(config::name(job.precision))},
                   {"teacher", job.teacher},
                   {"student", job.student},
                   {"data", job.data}};
    for (const auto& [kind, word] : kKinds) {
        if (kind == job.kind) {
            object["kind"] = std::string(word);
        }
    }
    return object.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

Result<BenchJob> parseBenchJob(std::string_view text)
{
    BenchJob job;
    try {
        const json object = json::parse(text);
        const auto kindName = object.at("kind").get<std::string>();
        bool known = false;
        for (const auto& [kind, word] : kKinds) {
            if (word == kindName) {
                job.kind = kind;
                known = true;
            }
        }
        job.shape = object.at("shape").get<std::string>();
        job.distance = object.at("distance").get<std::string>();
        job.samples = object.at("samples").get<std::int64_t>();
        job.length = object.at("length").get<std::int64_t>();
        job.times = object.at("times").get<std::int64_t>();
        job.threads = object.at("threads").get<std::int64_t>();
        job.chunkRows = object.at("chunk_rows").get<std::int64_t>();
        job.teacher = object.at("teacher").get<std::string>();
        job.student = object.at("student").get<std::string>();
        job.data = object.at("data").get<std::string>();
        known = known && readChoice(object.at("space").get<std::string>(), job.space) &&
                readChoice(object.at("device").get<std::string>(), job.device) &&
                readChoice(object.at("precision").get<std::string>(), job.precision);
        if (!known) {
            return notUnderstood("kind, space, device or precision has an unknown name.");
        }
    } catch (const json::exception& error) {
        return notUnderstood(error.what());
    }
    if (job.samples < 1 || job.length < 1 || job.times < 1 || job.chunkRows < 1 || job.threads < 0 ||
        job.threads > kMostBenchThreads) {
        return notUnderstood("samples, length, times and chunk_rows must be 1 or more, threads 0 to " +
                             std::to_string(kMostBenchThreads) + ".");
    }
    return job;
}

Result<json> runBench(const BenchJob& job, const std::filesystem::path& worker, const std::atomic<bool>* cancelled)
{
    const Result<std::filesystem::path> program = worker.empty() ? findWorker() : Result<std::filesystem::path>(worker);
    if (!program) {
        return program.failure();
    }
    const Result<std::string> text = outputOf(*program, {"--bench", toText(job)}, kLimit, cancelled);
    if (!text) {
        return text.failure();
    }
    json answer = json::parse(*text, nullptr, /*allow_exceptions=*/false);
    if (!answer.is_object()) {
        return Failure{program->string() + " --bench does not answer in JSON.",
                       "It may belong to another version; build both programs from the same sources."};
    }
    if (const auto error = answer.find("error"); error != answer.end()) {
        return Failure{error->value("what", std::string("The worker could not measure.")),
                       error->value("hint", std::string()),
                       static_cast<FailureKind>(error->value("kind", static_cast<int>(FailureKind::Failed)))};
    }
    return answer;
}

} // namespace dskd::jobs
