#include "core/jobs/compare.h"

#include "core/base/atomic_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/metrics/metric_table.h"
#include "core/preflight/run_inputs.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "tests/support/job_fixture.h"

#include <cmath>
#include <nlohmann/json.hpp>

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

class Compare : public test::JobTest
{
protected:
    std::string finishedRun(config::Space space, std::uint64_t seed, std::vector<double> losses, double rouge)
    {
        config::Experiment e = experiment();
        e.method.space = space;
        e.seed = seed;
        e.log.probeEvery = static_cast<std::int64_t>(seed); // must not split the group
        const std::string id = createRun(workspace, e).value();
        const auto writer = store::RunWriter::open(layout(id)).value();
        EXPECT_TRUE(writer->beginAttempt(std::nullopt));
        std::int64_t step = 0;
        for (const double loss : losses) {
            ++step;
            writer->addMetrics(step, step, {{"validation.loss", loss}, {"loss", loss + 1}});
        }
        writer->addMetrics(step, step, {{"validation.rouge_l", rouge}});
        writer->addMetrics(step + 1, step, {{"validation.rouge_l", rouge / 2}});
        EXPECT_TRUE(writer->endAttempt(0, ""));
        return id;
    }
};

TEST_F(Compare, GroupsSeedsAndNamesWhatDiffers)
{
    const std::string a = finishedRun(config::Space::Dual, 10, {3.0, 2.0, 2.5}, 0.25);
    const std::string b = finishedRun(config::Space::Student, 10, {3.0, NAN}, 0.5);
    const std::string c = finishedRun(config::Space::Dual, 20, {4.0}, 0.75);
    const Comparison comparison = compareRuns(workspace, {a, b, c}).value();
    EXPECT_THAT(comparison.differingFields, ElementsAre("method.space"));
    EXPECT_THAT(comparison.metrics, ElementsAre("loss.last", "seconds", "validation.loss.best", "validation.loss.last",
                                                "validation.rouge_l.best", "validation.rouge_l.last"));
    ASSERT_EQ(comparison.groups.size(), 2u);
    const OutcomeGroup& dual = comparison.groups[0];
    EXPECT_EQ(dual.label, "dskd") << "the name that createRun gives";
    ASSERT_EQ(dual.runs.size(), 2u);
    EXPECT_EQ(dual.runs[1].seed, 20u);
    EXPECT_EQ(dual.runs[0].status, Status::Done);
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.best").mean, 3.0); // 2 and 4
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.best").deviation, std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.last").mean, 3.25); // 2.5 and 4
    EXPECT_DOUBLE_EQ(dual.values.at("validation.rouge_l.best").mean, 0.5) << "the higher the better: 0.25 and 0.75";
    const OutcomeGroup& student = comparison.groups[1];
    EXPECT_EQ(student.label, "dskd-student");
    EXPECT_EQ(student.values.at("validation.loss.best").mean, 3.0) << "NaN is never the best";
    EXPECT_TRUE(std::isnan(student.values.at("validation.loss.last").mean)) << "and never hidden";
}

TEST_F(Compare, ReadsTheLastLossOfAStepToo)
{
    const std::string run = newRun("");
    const auto writer = store::RunWriter::open(layout(run)).value();
    ASSERT_TRUE(writer->beginAttempt(std::nullopt));
    writer->addMetrics(1, 1, {{"loss", 4.0}, {"nll_loss", 3.0}});
    writer->addMetrics(2, 2, {{"loss", 2.0}, {"nll_loss", 1.5}, {"of_a_later_version", 7.0}});
    ASSERT_TRUE(writer->endAttempt(0, ""));
    const RunOutcome outcome = readOutcome(workspace, run).value();
    EXPECT_EQ(outcome.values.at("loss.last"), 2.0);
    EXPECT_EQ(outcome.values.at("nll_loss.last"), 1.5);
    EXPECT_EQ(outcome.values.at("of_a_later_version.last"), 7.0) << "a metric without a row is shown by its name";
}

TEST_F(Compare, DescribesAnEvaluationByTheRunThatTrainedItsModel)
{
    const auto evaluation = [&](const std::string& trained, double rouge) {
        config::Experiment e = runConfig(layout(trained)).value();
        e.job = config::JobKind::Evaluate;
        e.name = "eval " + e.name;
        e.student.model = layout(trained).checkpoint(3).string();
        std::filesystem::create_directories(e.student.model);
        e.teacher = {};
        e.method = {};
        e.method.objective = config::Objective::Sft;
        e.evaluate.data = "/test.jsonl";
        const std::string id = createRun(workspace, e).value();
        const auto writer = store::RunWriter::open(layout(id)).value();
        EXPECT_TRUE(writer->beginAttempt(std::nullopt));
        writer->addMetrics(0, 1, {{"validation.rouge_l", rouge}});
        EXPECT_TRUE(writer->endAttempt(0, ""));
        return id;
    };
    const std::string a = finishedRun(config::Space::Dual, 10, {3.0}, 0.25);
    const std::string b = finishedRun(config::Space::Dual, 20, {3.0}, 0.25);
    const std::string c = finishedRun(config::Space::Student, 10, {3.0}, 0.25);
    const Comparison comparison =
        compareRuns(workspace, {evaluation(a, 0.2), evaluation(b, 0.4), evaluation(c, 0.1)}).value();
    EXPECT_THAT(comparison.differingFields, ElementsAre("method.space"));
    ASSERT_EQ(comparison.groups.size(), 2u);
    EXPECT_DOUBLE_EQ(comparison.groups[0].values.at("validation.rouge_l.best").mean, 0.3);
    const Comparison both = compareRuns(workspace, {a, evaluation(a, 0.2)}).value();
    ASSERT_EQ(both.groups.size(), 2u);
    EXPECT_NE(comparableKey(both.groups[0], "validation.loss"), comparableKey(both.groups[1], "validation.loss"))
        << "validation and evaluation data differ";
}

TEST_F(Compare, LeavesOutWhatCannotBeReadAndNamesIt)
{
    const std::string good = finishedRun(config::Space::Dual, 10, {3.0}, 0.25);
    const std::string gone = finishedRun(config::Space::Dual, 20, {3.0}, 0.25);
    const std::string unconfigured = finishedRun(config::Space::Dual, 30, {3.0}, 0.25);
    const std::string damaged = finishedRun(config::Space::Dual, 40, {3.0}, 0.25);
    std::filesystem::remove_all(layout(gone).root);
    ASSERT_TRUE(writeFileAtomically(layout(unconfigured).config(), "{ no json"));
    ASSERT_TRUE(writeFileAtomically(layout(damaged).database(), std::string(4096, 'x')));
    const Comparison comparison = compareRuns(workspace, {gone, good, unconfigured, damaged}).value();
    ASSERT_EQ(comparison.groups.size(), 1u);
    ASSERT_EQ(comparison.groups[0].runs.size(), 1u);
    EXPECT_EQ(comparison.groups[0].runs[0].runId, good);
    ASSERT_EQ(comparison.leftOut.size(), 3u);
    EXPECT_EQ(comparison.leftOut[0].runId, gone);
    EXPECT_THAT(comparison.leftOut[0].why.what, testing::HasSubstr(layout(gone).root.string()));
    EXPECT_EQ(comparison.leftOut[1].runId, unconfigured);
    EXPECT_EQ(comparison.leftOut[2].runId, damaged);
    EXPECT_THAT(comparison.leftOut[2].why.what, testing::HasSubstr("run.db"));
    EXPECT_FALSE(compareRuns(workspace, {gone})) << "nothing is left";
}

TEST_F(Compare, SumsTheSecondsOfAllAttemptsByAClockThatNobodySets)
{
    const std::string id = createRun(workspace, experiment()).value();
    {
        const auto writer = store::RunWriter::open(layout(id)).value();
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        ASSERT_TRUE(writer->endAttempt(10, "Stopped."));
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        ASSERT_TRUE(writer->endAttempt(0, "Finished."));
    }
    { // the system's clock was set forward by two hours within the first attempt, and back within the second
        const store::Database other(layout(id).database(), store::Database::Access::ReadWrite);
        other.execute("UPDATE attempts SET ended = ended + 7200, seconds = 1.5 WHERE id = 1");
        other.execute("UPDATE attempts SET ended = ended - 7200, seconds = 2.25 WHERE id = 2");
    }
    EXPECT_DOUBLE_EQ(readOutcome(workspace, id).value().values.at(std::string(metrics::kSeconds)), 3.75);
}

TEST_F(Compare, NamesDataCodeAndDeviceWhereTheyDiffer)
{
    const auto made = [&](std::uint64_t seed, const std::string& hash, const std::string& version,
                          const std::string& device) {
        const std::string id = finishedRun(config::Space::Dual, seed, {3.0}, 0.25);
        preflight::RunInputs inputs;
        inputs.files = {{"data.train", "/train.jsonl", 100, hash}, {"student.model", "/m", 7, "whole:" + device}};
        EXPECT_TRUE(preflight::writeInputs(layout(id), inputs));
        const auto writer = store::RunWriter::open(layout(id)).value();
        EXPECT_TRUE(writer->setInfo("version", version));
        EXPECT_TRUE(writer->setInfo("libtorch", "2.1"));
        EXPECT_TRUE(writer->setInfo("device", device + "."));
        return id;
    };
    const std::string first = made(1, "whole:aa", "1.0", "CPU, 2 threads, float32");
    const std::string same = made(2, "whole:aa", "1.0", "CPU, 2 threads, float32");
    EXPECT_THAT(compareRuns(workspace, {first, same}).value().differingFacts, testing::IsEmpty());
    const std::string other = made(3, "whole:bb", "1.1", "cuda:0, float32");
    const Comparison comparison = compareRuns(workspace, {first, other}).value();
    EXPECT_EQ(comparison.groups.size(), 1U);
    EXPECT_THAT(comparison.differingFacts, ElementsAre("data.hash", "code.version", "device"));
    const auto& facts = comparison.groups[0].runs[1].facts;
    EXPECT_EQ(facts.at("code.version"), "1.1, LibTorch 2.1");
    EXPECT_EQ(facts.at("device"), "cuda:0, float32");
    EXPECT_EQ(facts.at("data.hash").size(), 16U);
    EXPECT_NE(facts.at("data.hash"), comparison.groups[0].runs[0].facts.at("data.hash"));
}

TEST_F(Compare, SpeaksOfARunThatIsNotThere)
{
    const auto missing = compareRuns(workspace, {"nobody"});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.failure().what, testing::HasSubstr("no run nobody"));
    EXPECT_TRUE(compareRuns(workspace, {}).value().groups.empty());
}

} // namespace
} // namespace dskd::jobs
