// What a comparison makes of outcomes. How these are read of runs is in compare_runs_test.cpp.

#include "core/jobs/compare.h"

#include "core/config/schema/experiment_json.h"

#include <cmath>
#include <cstdint>
#include <gmock/gmock.h>
#include <string>
#include <utility>
#include <vector>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;

using Fields = std::vector<std::pair<std::string, std::string>>; // path and value as setField takes them

// An outcome without a folder. `fields` overwrite those of the default experiment.
RunOutcome outcome(const std::string& name, std::uint64_t seed, const Fields& fields, Status status = Status::Done)
{
    RunOutcome result{name + std::to_string(seed), name, seed, status, {}, {}, {}, {}};
    for (const auto& [path, value] : fields) {
        EXPECT_TRUE(config::setField(result.experiment, path, value)) << path;
    }
    return result;
}

std::vector<std::string> labels(const Comparison& comparison)
{
    std::vector<std::string> result;
    for (const OutcomeGroup& group : comparison.groups) {
        result.push_back(group.label);
    }
    return result;
}

const Fields kDual = {{"method.space", "dual"}};
const Fields kStudent = {{"method.space", "student"}};

TEST(GroupLabel, IsTheNameThatOnlyItsRunsShare)
{
    EXPECT_THAT(labels(compareOutcomes({outcome("DSKD, seed 10", 10, kDual), outcome("DSKD, seed 20", 20, kDual),
                                        outcome("plain-s10", 10, kStudent), outcome("plain-s20", 20, kStudent)})),
                ElementsAre("DSKD", "plain"));
    EXPECT_THAT(labels(compareOutcomes({outcome("gpt-10", 10, kDual), outcome("losses10", 10, kStudent)})),
                ElementsAre("gpt-10", "losses10"))
        << "a number that only happens to be the seed belongs to the name";
}

TEST(GroupLabel, IsTheDifferingFieldsWhereNamesDoNotTell)
{
    EXPECT_THAT(labels(compareOutcomes({outcome("try", 10, kDual), outcome("try", 10, kStudent)})),
                ElementsAre("space=dual", "space=student"));
    EXPECT_THAT(
        labels(compareOutcomes({outcome("one", 10, kDual), outcome("two", 20, kDual), outcome("", 1, kStudent)})),
        ElementsAre("space=dual", "space=student"));
    EXPECT_THAT(labels(compareOutcomes({outcome("one", 10, kDual), outcome("two", 20, kDual)})), ElementsAre("one"));
}

// As a run is read whose configuration is a named method.
RunOutcome named(const char* method, const Fields& others = {})
{
    Fields fields{{"method", method}};
    fields.insert(fields.end(), others.begin(), others.end());
    RunOutcome result = outcome("try", 10, fields);
    result.method = method;
    return result;
}

TEST(GroupLabel, IsTheMethodWhereManyFieldsMakeIt)
{
    EXPECT_THAT(labels(compareOutcomes({named("dskd-v2"), named("gkd"), named("sft")})),
                ElementsAre("dskd-v2, distance=kl, method.temperature=2.0, kd_rate=0.5", "gkd", "sft"));
    EXPECT_THAT(
        labels(compareOutcomes({named("dskd-cma"), named("dskd-v2"), named("dskd-v2", {{"train.lr", "0.25"}})})),
        ElementsAre("dskd-cma, train.lr=0.0005", "dskd-v2, train.lr=0.0005", "dskd-v2, train.lr=0.25"));
}

std::size_t groupsOf(const Fields& one, const Fields& other)
{
    return compareOutcomes({outcome("", 1, one), outcome("", 2, other)}).groups.size();
}

TEST(Groups, AreNotSplitByFieldsWithoutEffect)
{
    const Comparison trained = compareOutcomes(
        {outcome("", 1, {{"method", "sft"}, {"teacher.model", "/t"}, {"projector.lr", "0.1"}}),
         outcome("", 2, {{"method", "sft"}, {"method.space", "student"}, {"method.temperature", "9"}})});
    EXPECT_EQ(trained.groups.size(), 1U);
    EXPECT_THAT(trained.differingFields, testing::IsEmpty());

    EXPECT_EQ(groupsOf({{"space", "diff"}}, {{"space", "diff"}, {"projector.lr", "0.5"}}), 1U);
    EXPECT_EQ(groupsOf(kDual, {{"space", "dual"}, {"projector.lr", "0.5"}}), 2U) << "the dual space does project";
    EXPECT_EQ(groupsOf({{"teacher.model", "/a"}}, {{"teacher.model", "/b"}}), 2U) << "distillation asks the teacher";
    EXPECT_EQ(groupsOf({{"key_query.lr", "0.5"}}, kDual), 1U) << "no attention, no queries";
    EXPECT_EQ(groupsOf({{"on_policy.top_p", "0.5"}}, kDual), 1U) << "no answers of the student's own";
    EXPECT_EQ(groupsOf({{"lora.rank", "2"}}, kDual), 1U) << "all weights learn";
    EXPECT_EQ(groupsOf({{"method.skew_lambda", "0.5"}}, kDual), 1U) << "kl has no lambda";
    EXPECT_EQ(groupsOf({{"distance", "skl"}, {"method.skew_lambda", "0.5"}}, {{"distance", "skl"}}), 2U);
}

// SeqKD is fine-tuning on what a teacher answers.
TEST(Groups, OfSeqKdAreSplitByTheTeacher)
{
    EXPECT_EQ(groupsOf({{"method", "seqkd"}, {"teacher.model", "/a"}}, {{"method", "seqkd"}, {"teacher.model", "/b"}}),
              2U);
    EXPECT_EQ(groupsOf({{"method", "seqkd"}, {"teacher.model", "/a"}}, {{"method", "sft"}, {"teacher.model", "/a"}}),
              2U);
    EXPECT_EQ(groupsOf({{"method", "seqkd"}, {"method.temperature", "9"}}, {{"method", "seqkd"}}), 1U);
}

TEST(Groups, OfFineTuningAreSplitByTheFidelityWhereItHasAnEffect)
{
    const auto sft = [](const char* fidelity, const Fields& others) {
        Fields fields{{"method", "sft"}, {"method.fidelity", fidelity}};
        fields.insert(fields.end(), others.begin(), others.end());
        return fields;
    };
    const auto groups = [&](const Fields& others) {
        return groupsOf(sft("paper", others), sft("reference-v1", others));
    };
    EXPECT_EQ(groups({{"train.weight_decay", "0.01"}}), 2U) << "norms decay in the published code";
    EXPECT_EQ(groups({{"train.weight_decay", "0"}, {"train.warmup_steps", "5"}}), 2U) << "which ignores the warm-up";
    EXPECT_EQ(groups({{"train.weight_decay", "0"}, {"train.warmup_steps", "5"}, {"train.schedule", "linear"}}), 1U);
    EXPECT_EQ(groups({{"train.weight_decay", "0"}}), 1U);
}

TEST(Groups, AreNotSplitByHowOftenARunLooksAtItself)
{
    for (const char* path : {"validation.every", "validation.generate_samples", "checkpoint.every", "checkpoint.keep",
                             "log.probe_every", "log.probe_samples", "train.threads"}) {
        EXPECT_EQ(compareOutcomes({outcome("", 1, kDual), outcome("", 2, {{path, "7"}})}).groups.size(), 1U) << path;
    }
    EXPECT_EQ(
        compareOutcomes({outcome("", 1, kDual), outcome("", 2, {{"validation.max_new_tokens", "7"}})}).groups.size(),
        2U);
}

TEST(Groups, NameAFieldOnlyWhereItHasAnEffect)
{
    const Comparison comparison =
        compareOutcomes({outcome("", 1, {{"method.objective", "sft"}}), outcome("", 1, kDual)});
    EXPECT_THAT(comparison.differingFields, ElementsAre("method.objective"));
    EXPECT_THAT(labels(comparison), ElementsAre("objective=sft", "objective=kd"));
}

TEST(Groups, AverageTheRunsThatAreDone)
{
    std::vector<RunOutcome> runs = {outcome("", 1, kDual), outcome("", 2, kDual, Status::Failed),
                                    outcome("", 3, kDual)};
    runs[0].values["validation.loss.best"] = 2.0;
    runs[1].values["validation.loss.best"] = 9.0;
    runs[2].values["validation.loss.best"] = 4.0;
    const Comparison some = compareOutcomes(runs);
    EXPECT_EQ(some.groups[0].done, 2);
    EXPECT_EQ(some.groups[0].runs.size(), 3U);
    EXPECT_EQ(some.groups[0].values.at("validation.loss.best").count, 2);
    EXPECT_EQ(some.groups[0].values.at("validation.loss.best").mean, 3.0);
    EXPECT_FALSE(isCounted(some.groups[0], some.groups[0].runs[1]));
    for (RunOutcome& run : runs) {
        run.status = Status::Running;
    }
    const Comparison none = compareOutcomes(runs);
    EXPECT_EQ(none.groups[0].done, 0);
    EXPECT_EQ(none.groups[0].values.at("validation.loss.best").mean, 5.0) << "while none is done, all count";
}

TEST(Groups, CountASeedOnce)
{
    std::vector<RunOutcome> runs = {outcome("a", 1, kDual), outcome("b", 1, kDual), outcome("c", 1, kDual),
                                    outcome("d", 77, kDual)};
    runs[0].status = Status::Failed; // the first that came to its end counts
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].values["validation.loss.best"] = i < 3 ? 2.0 : 4.0;
    }
    const OutcomeGroup group = compareOutcomes(runs).groups.at(0);
    EXPECT_EQ(group.seeds, 2);
    EXPECT_EQ(group.done, 2);
    const Summary& loss = group.values.at("validation.loss.best");
    EXPECT_EQ(loss.count, 2);
    EXPECT_EQ(loss.mean, 3.0);
    EXPECT_NEAR(loss.deviation, std::sqrt(2.0), 1e-12);
    EXPECT_FALSE(isCounted(group, group.runs[0]));
    EXPECT_TRUE(isCounted(group, group.runs[1]));
    EXPECT_FALSE(isCounted(group, group.runs[2]));
    EXPECT_TRUE(isCounted(group, group.runs[3]));
}

TEST(Groups, CompareLossesPerTokenOnlyOfTheSameStudentOnTheSameData)
{
    const auto key = [](const Fields& fields, std::string_view metric) {
        return comparableKey(compareOutcomes({outcome("", 1, fields)}).groups[0], metric);
    };
    const Fields gpt2 = {{"student.model", "/gpt2"}};
    const Fields llama = {{"student.model", "/llama"}};
    EXPECT_NE(key(gpt2, "validation.loss.best"), key(llama, "validation.loss.best"));
    EXPECT_NE(key(gpt2, "nll_loss.last"), key(llama, "nll_loss.last"));
    EXPECT_EQ(key(gpt2, "validation.rouge_l.best"), key(llama, "validation.rouge_l.best"));
    const Fields otherData = {{"student.model", "/gpt2"}, {"data.validation", "/v.jsonl"}};
    EXPECT_NE(key(gpt2, "validation.loss.best"), key(otherData, "validation.loss.best"));
    EXPECT_NE(key(gpt2, "validation.rouge_l.best"), key(otherData, "validation.rouge_l.best"));
    EXPECT_EQ(key(gpt2, "seconds"), key(otherData, "seconds"));
    const Fields spelledOut = {{"student.model", "/gpt2"}, {"student.tokenizer", "/gpt2"}};
    EXPECT_EQ(key(gpt2, "validation.loss.best"), key(spelledOut, "validation.loss.best"));
}

TEST(Groups, TakeTheSecondsOfRunsThatAreDone)
{
    std::vector<RunOutcome> runs = {outcome("", 1, kDual, Status::Running), outcome("", 1, kStudent)};
    runs[0].values = {{"seconds", 5.0}, {"validation.loss.best", 2.0}};
    runs[1].values = {{"seconds", 60.0}, {"validation.loss.best", 3.0}};
    const Comparison comparison = compareOutcomes(runs);
    EXPECT_FALSE(comparison.groups[0].values.contains("seconds")) << "it has taken 5 s so far";
    EXPECT_EQ(comparison.groups[0].values.at("validation.loss.best").mean, 2.0);
    EXPECT_EQ(comparison.groups[0].running, 1);
    EXPECT_EQ(comparison.groups[1].values.at("seconds").mean, 60.0);
    EXPECT_EQ(comparison.groups[1].running, 0);
    EXPECT_THAT(comparison.metrics, ElementsAre("seconds", "validation.loss.best"));
    EXPECT_THAT(compareOutcomes({runs[0]}).metrics, ElementsAre("validation.loss.best"))
        << "a metric that no group has is no column";
}

TEST(Groups, CountRunsWithALivingWorkerAsRunning)
{
    const Comparison comparison = compareOutcomes(
        {outcome("", 1, kDual, Status::Running), outcome("", 2, kDual, Status::Stalled),
         outcome("", 3, kDual, Status::Queued), outcome("", 4, kDual, Status::Failed), outcome("", 5, kDual)});
    EXPECT_EQ(comparison.groups.at(0).running, 2);
    EXPECT_EQ(comparison.groups.at(0).done, 1);
}

TEST(Groups, AreNotSplitByFactsThatDiffer)
{
    std::vector<RunOutcome> runs = {outcome("", 1, kDual), outcome("", 2, kDual), outcome("", 3, kDual)};
    runs[0].facts = {{"device", "CPU"}, {"code.version", "1"}};
    runs[1].facts = {{"device", "cuda:0"}, {"code.version", "1"}};
    const Comparison comparison = compareOutcomes(runs); // the third has recorded none
    EXPECT_EQ(comparison.groups.size(), 1U);
    EXPECT_THAT(comparison.differingFields, testing::IsEmpty());
    EXPECT_THAT(comparison.differingFacts, ElementsAre("device"));
}

TEST(GroupKey, IsEqualWhereAComparisonGroups)
{
    const auto key = [](const Fields& fields, std::uint64_t seed) {
        config::Experiment experiment = outcome("", seed, fields).experiment;
        experiment.seed = seed;
        return groupKey(experiment);
    };
    EXPECT_EQ(key(kDual, 1), key(kDual, 2));
    EXPECT_NE(key(kDual, 1), key(kStudent, 1));
    EXPECT_EQ(key(kDual, 1), key({{"space", "dual"}, {"validation.every", "7"}}, 1));
}

TEST(FindGroup, TakesALabelThenARunAndNamesWhatThereIs)
{
    const Comparison comparison = compareOutcomes({outcome("DSKD", 10, kDual), outcome("plain", 10, kStudent)});
    EXPECT_EQ(findGroup(comparison, "plain").value(), 1U);
    EXPECT_EQ(findGroup(comparison, "DSKD10").value(), 0U) << "the id of its run";
    const auto nobody = findGroup(comparison, "gkd");
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.failure().kind, FailureKind::NotFound);
    EXPECT_EQ(nobody.failure().hint, "There is: DSKD, plain.");
}

TEST(Summarize, IsTheMeanAndTheSampleDeviation)
{
    const Summary three = summarize({2.0, 4.0, 9.0});
    EXPECT_EQ(three.count, 3);
    EXPECT_DOUBLE_EQ(three.mean, 5.0);
    EXPECT_DOUBLE_EQ(three.deviation, std::sqrt(13.0)); // (9 + 1 + 16) / 2
    EXPECT_EQ(summarize({7.0}).deviation, 0.0);
    EXPECT_EQ(summarize({}).count, 0);
}

} // namespace
} // namespace dskd::jobs
