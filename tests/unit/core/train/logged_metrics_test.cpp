// Every method for a step on the demo's teacher and students with random weights: what they log has a row in the table
// of metrics, and the table has no row that nothing logs.

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/metrics/metric_table.h"
#include "core/train/evaluate/answer_jobs.h"
#include "core/train/loop/trainer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_training.h"

#include <cmath>
#include <gmock/gmock.h>
#include <set>
#include <string>

namespace dskd::train
{
namespace
{

using Fields = std::vector<std::pair<std::string, std::string>>;

config::Experiment experimentWith(const Fields& fields, const std::string& student)
{
    const std::string demo = test::sourceDir() + "/resources/demo/";
    Fields all = fields;
    const Fields shared = {{"student.model", demo + student},
                           {"student.init", "random"},
                           {"teacher.model", demo + "teacher"},
                           {"data.train", demo + "data/train.jsonl"},
                           {"data.validation", demo + "data/train.jsonl"},
                           {"data.limit", "4"},
                           {"data.validation_limit", "1"},
                           {"data.max_length", "64"},
                           {"data.max_prompt_length", "48"},
                           {"validation.every", "1"},
                           {"validation.generate_samples", "1"},
                           {"validation.max_new_tokens", "4"},
                           {"on_policy.max_new_tokens", "8"},
                           {"policy_gradient.rollouts", "2"},
                           {"log.probe_every", "1"},
                           {"log.probe_samples", "1"},
                           {"log.gradient_norm_every", "1"},
                           {"train.batch_size", "2"},
                           {"train.steps", "1"},
                           {"train.threads", "1"},
                           {"train.device", "cpu"}};
    all.insert(all.end(), shared.begin(), shared.end());
    config::Experiment experiment;
    for (const auto& [path, value] : all) {
        EXPECT_TRUE(config::setField(experiment, path, value)) << path;
    }
    return experiment;
}

// Names and values that a job has logged.
std::multimap<std::string, double> logged(const config::Experiment& experiment)
{
    const test::TemporaryFolder folder;
    test::RecordingObserver seen;
    RunControl control;
    const bool trains = experiment.job == config::JobKind::Train;
    EXPECT_EQ(trains ? runTraining(experiment, {folder.path()}, seen, control)
                     : runEvaluation(experiment, {folder.path()}, seen, control),
              Outcome::Finished);
    std::multimap<std::string, double> values;
    for (const auto& [step, row] : seen.metrics) {
        values.insert(row.begin(), row.end());
    }
    return values;
}

TEST(LoggedMetrics, HaveARowWhateverTheMethod)
{
    std::map<std::string, config::Experiment> jobs;
    for (const config::NamedMethod& method : config::namedMethods()) {
        const std::string id(method.id);
        // MinED's map of two vocabularies takes long; of one it is made at once.
        const bool different = method.vocabularies == config::Vocabularies::Any && id != "mined";
        jobs.emplace(id, experimentWith({{"method", id}}, different ? "student-llama" : "student-gpt2"));
    }
    jobs.emplace("sinkhorn",
                 experimentWith({{"method", "dskd-cma"}, {"key_query.matching", "sinkhorn"}}, "student-llama"));
    jobs.emplace("an evaluation",
                 experimentWith({{"method", "sft"},
                                 {"job", "evaluate"},
                                 {"evaluate.limit", "2"},
                                 {"evaluate.data", test::sourceDir() + "/resources/demo/data/train.jsonl"}},
                                "teacher"));
    jobs.at("an evaluation").student.init = config::StudentInit::Weights;

    std::set<std::string_view> used{metrics::kSeconds}; // of the attempts, not logged
    for (const auto& [job, experiment] : jobs) {
        const auto values = logged(experiment);
        EXPECT_FALSE(values.empty()) << job;
        for (const auto& [name, value] : values) {
            const metrics::Metric* row = metrics::findMetric(name);
            ASSERT_NE(row, nullptr) << job << " logs " << name << ", which no row of core/metrics has";
            used.insert(row->name);
            const double rounding = 1e-5 * std::max(1.0, std::abs(value));
            EXPECT_GE(value, row->range.least - rounding) << job << " logs " << name;
            EXPECT_LE(value, row->range.most + rounding) << job << " logs " << name;
        }
    }
    for (const metrics::Metric& row : metrics::allMetrics()) {
        EXPECT_TRUE(used.contains(row.name)) << "nothing logs " << row.name;
    }
}

TEST(Evaluation, SaysHowFarItsAnswersAreAndHowFastTheyCome)
{
    config::Experiment experiment =
        experimentWith({{"method", "sft"},
                        {"job", "evaluate"},
                        {"evaluate.limit", "2"},
                        {"evaluate.data", test::sourceDir() + "/resources/demo/data/train.jsonl"}},
                       "teacher");
    experiment.student.init = config::StudentInit::Weights;
    const test::TemporaryFolder folder;
    test::RecordingObserver seen;
    RunControl control;
    ASSERT_EQ(runEvaluation(experiment, {folder.path()}, seen, control), Outcome::Finished);
    ASSERT_FALSE(seen.phases.empty());
    EXPECT_THAT(seen.phases.back(), testing::MatchesRegex("answers 2 of 2, .+ tok/s"));
    EXPECT_GT(seen.series("generated_tokens_per_second").at(0), 0.0);
}

TEST(Validation, SaysHowFarItsAnswersAre)
{
    test::RecordingObserver seen;
    RunControl control;
    const test::TemporaryFolder folder;
    ASSERT_EQ(runTraining(experimentWith({{"method", "sft"}}, "student-gpt2"), {folder.path()}, seen, control),
              Outcome::Finished);
    EXPECT_THAT(seen.phases, testing::Contains(testing::MatchesRegex("validating, answers 1 of 1, .+ tok/s")));
}

} // namespace
} // namespace dskd::train
