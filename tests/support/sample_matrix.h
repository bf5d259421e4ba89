#pragma once

// Outcomes for tests of the matrix: distances and spaces over seeds, with ROUGE-L.

#include "core/config/schema/experiment_json.h"
#include "core/jobs/matrix_input.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::test
{

inline constexpr const char* kSampleRouge = "validation.rouge_l.best";

using FieldTexts = std::vector<std::pair<std::string, std::string>>; // as config::setField takes them

inline config::Experiment experimentWith(const FieldTexts& fields, std::uint64_t seed = 1)
{
    config::Experiment experiment;
    experiment.student.model = "/m/gpt2";
    experiment.teacher.model = "/m/teacher";
    experiment.data.train = "/d/train.jsonl";
    experiment.data.validation = "/d/valid.jsonl";
    experiment.seed = seed;
    for (const auto& [field, value] : fields) {
        EXPECT_TRUE(config::setField(experiment, field, value)) << field;
    }
    return experiment;
}

inline jobs::RunOutcome outcomeWith(const FieldTexts& fields, std::uint64_t seed, std::optional<double> rouge,
                                    jobs::Status status = jobs::Status::Done)
{
    jobs::RunOutcome run;
    for (const auto& [field, value] : fields) {
        run.runId += value + "-";
    }
    run.runId +=
        "s" + std::to_string(seed) + (status == jobs::Status::Done ? "" : "-" + std::string(jobs::name(status)));
    run.name = run.runId;
    run.seed = seed;
    run.status = status;
    if (rouge) {
        run.values[kSampleRouge] = *rouge;
    }
    run.experiment = experimentWith(fields, seed);
    return run;
}

// One run of each value, with the seeds 1, 2, …
inline void addSeeds(jobs::MatrixInput& input, const FieldTexts& fields, const std::vector<double>& values)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        input.outcomes.push_back(outcomeWith(fields, i + 1, values[i]));
    }
}

// Down kl and rkl, across diff and dual. In diff, kl is better by 0.10, 0.12 and 0.11; in dual by 0.01, -0.02 and 0.04.
inline jobs::MatrixInput sampleMatrix()
{
    jobs::MatrixInput input;
    addSeeds(input, {{"distance", "kl"}, {"space", "diff"}}, {0.30, 0.32, 0.31});
    addSeeds(input, {{"distance", "kl"}, {"space", "dual"}}, {0.30, 0.32, 0.31});
    addSeeds(input, {{"distance", "rkl"}, {"space", "diff"}}, {0.20, 0.20, 0.20});
    addSeeds(input, {{"distance", "rkl"}, {"space", "dual"}}, {0.29, 0.34, 0.27});
    return input;
}

inline jobs::MatrixRequest distanceBySpace()
{
    jobs::MatrixRequest request;
    request.rows = {"distance"};
    request.columns = {"space"};
    return request;
}

} // namespace dskd::test
