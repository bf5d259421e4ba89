#include "app/worker/answer_bench.h"

#include "app/worker/exception.h"
#include "core/bench/run_bench.h"
#include "core/jobs/bench_job.h"
#include "core/jobs/spawn.h"

#include <nlohmann/json.hpp>
#include <ostream>

namespace dskd::worker
{
namespace
{

nlohmann::json toJson(const Failure& failure)
{
    nlohmann::json error = {{"what", failure.what}, {"hint", failure.hint}};
    error["kind"] = static_cast<int>(failure.kind);
    nlohmann::json answer;
    answer["error"] = error;
    return answer;
}

nlohmann::json measured(const std::string& text)
{
    const Result<jobs::BenchJob> job = jobs::parseBenchJob(text);
    if (!job) {
        return toJson(job.failure());
    }
    try {
        return bench::runBench(*job);
    } catch (...) {
        return toJson(explainException("Lower --samples or --length, or choose a smaller shape.", "").failure);
    }
}

} // namespace

ExitCode answerBench(const std::string& job, std::ostream& out)
{
    jobs::endWithStarter(); // nobody else could read the answer
    out << measured(job).dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << std::endl;
    return ExitCode::Done;
}

} // namespace dskd::worker
