#include "core/jobs/watchdogs.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/watch/event_texts.h"
#include "tests/support/paths.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <limits>
#include <sstream>

namespace dskd::jobs
{
namespace
{

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One point a step.
std::vector<store::MetricPoint> series(int steps, const std::function<double(double)>& valueAtProgress)
{
    std::vector<store::MetricPoint> points;
    for (int step = 1; step <= steps; ++step) {
        store::MetricPoint point;
        point.step = step;
        const double wobble = 0.02 * std::sin(step * 1.7); // deterministic noise
        point.value = valueAtProgress(static_cast<double>(step) / steps) + wobble;
        points.push_back(point);
    }
    return points;
}

std::vector<store::MetricPoint> validations(const std::vector<double>& values)
{
    std::vector<store::MetricPoint> points;
    for (std::size_t i = 0; i < values.size(); ++i) {
        store::MetricPoint point;
        point.step = static_cast<std::int64_t>(100 * (i + 1));
        point.value = values[i];
        points.push_back(point);
    }
    return points;
}

double falling(double progress)
{
    return 3.0 + 2.0 * std::exp(-6.0 * progress);
}

class Watchdogs : public testing::Test
{
protected:
    RunEvidence evidence = healthy();

    static RunEvidence healthy()
    {
        RunEvidence made;
        made.experiment.student.model = "/s";
        made.experiment.teacher.model = "/t";
        made.experiment.data.train = "/d.jsonl";
        made.experiment.train.lr = 5e-4;
        made.totalSteps = 600;
        made.series["loss"] = series(600, falling);
        made.series["nll_loss"] = series(600, falling);
        made.series["t2s_acc"] = series(600, [](double p) { return 0.9 - 0.6 * std::exp(-8.0 * p); });
        made.series["validation.loss"] = validations({3.6, 3.3, 3.2, 3.1, 3.05, 3.04});
        made.series["validation.rouge_l"] = validations({0.10, 0.15, 0.18, 0.20, 0.21, 0.215});
        made.events.push_back({1, 0.0, 0, "data", "1000 training and 100 validation samples.", ""});
        return made;
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> found;
        for (const Finding& finding : look(evidence)) {
            found.emplace_back(finding.signature);
        }
        return found;
    }
    Finding only() const
    {
        const std::vector<Finding> found = look(evidence);
        EXPECT_EQ(found.size(), 1u);
        return found.empty() ? Finding() : found.front();
    }

    // A map of `rows` rows and 8 columns, each row `shares`.
    void addMap(std::int64_t sample, const std::vector<float>& shares, std::size_t rows = 6)
    {
        store::HeatMapRow map;
        map.step = 400;
        map.name = "cma.t2s";
        map.sample = sample;
        map.rowTokens.assign(rows, "s");
        map.columnTokens.assign(shares.size(), "t");
        for (std::size_t row = 0; row < rows; ++row) {
            map.values.insert(map.values.end(), shares.begin(), shares.end());
        }
        evidence.maps.push_back(map);
    }
};

bool offers(const Finding& finding, const std::string& field, const std::string& value)
{
    return std::any_of(finding.remedies.begin(), finding.remedies.end(), [&](const Remedy& remedy) {
        return remedy.fields == std::vector<std::pair<std::string, std::string>>{{field, value}};
    });
}

TEST_F(Watchdogs, FindNothingInAHealthyRun)
{
    EXPECT_THAT(names(), IsEmpty());
    evidence.series.clear();
    evidence.events.clear();
    EXPECT_THAT(names(), IsEmpty()) << "nothing was recorded";
}

TEST_F(Watchdogs, HaveNamesOfTheirOwn)
{
    std::vector<std::string_view> all;
    for (const Watchdog& watchdog : watchdogs()) {
        all.push_back(watchdog.name);
        EXPECT_FALSE(watchdog.sentence.empty());
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(Watchdogs, NameTheFirstValueThatIsNotFinite)
{
    evidence.series["loss"][499].value = std::nan("");
    evidence.series["nll_loss"][411].value = std::numeric_limits<double>::infinity();
    evidence.series["loss"][411].value = std::numeric_limits<double>::infinity();
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "not_finite");
    EXPECT_EQ(finding.metric, "nll_loss") << "the cause, not the sum";
    EXPECT_EQ(finding.step, 412);
    EXPECT_THAT(finding.seen, HasSubstr("cross-entropy was inf at step 412"));
    EXPECT_TRUE(offers(finding, "train.lr", "5e-05"));
    EXPECT_TRUE(offers(finding, "train.warmup_steps", "30"));
    EXPECT_TRUE(offers(finding, "projector.init", "pinv"));
    EXPECT_FALSE(offers(finding, "train.clip_norm", "1")) << "it was clipped";
}

TEST_F(Watchdogs, LookAtTrainingAlone)
{
    evidence.series["validation.loss"].back().value = std::nan("");
    EXPECT_THAT(names(), ElementsAre("not_finite"));
    evidence.experiment.job = config::JobKind::Evaluate;
    EXPECT_THAT(names(), IsEmpty()) << "no rate would mend an evaluation";
}

TEST_F(Watchdogs, KnowARunThatNaNEndedWithoutAPoint)
{
    evidence.notFinite =
        store::EventRow{9, 1.0, 57, store::kFailedEvent, "Training stopped at step 58: loss became NaN.", ""};
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "not_finite");
    EXPECT_THAT(finding.seen, HasSubstr("step 58"));
    EXPECT_EQ(finding.metric, "");
}

TEST_F(Watchdogs, SeeALossThatRises)
{
    evidence.series["loss"] = series(600, [](double p) { return p < 0.6 ? falling(p) : 3.0 + 5.0 * (p - 0.6); });
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "divergence");
    EXPECT_GT(finding.step, 360);
    EXPECT_LT(finding.step, 600);
    EXPECT_THAT(finding.seen, AllOf(HasSubstr("fell to 3."), HasSubstr("rose to 4.")));
    ASSERT_FALSE(finding.remedies.empty());
    EXPECT_EQ(finding.remedies.front().label, "lr ÷ 10");
}

TEST_F(Watchdogs, LetALossRiseByLessThanHalfOfWhatWasGained)
{
    evidence.series["loss"] = series(600, [](double p) { return p < 0.6 ? falling(p) : 3.05 + 0.5 * (p - 0.6); });
    EXPECT_THAT(names(), IsEmpty());
    evidence.series["loss"] = series(600, [](double p) { return p < 0.6 ? falling(p) : 3.05 + 5.0 * (p - 0.6); });
    evidence.experiment.onPolicy.ratio = 0.5;
    EXPECT_THAT(names(), IsEmpty()) << "own answers come and go, so that the loss is another one";
    evidence.experiment.onPolicy.ratio = 0.0;
    EXPECT_THAT(names(), ElementsAre("divergence"));
    evidence.series["loss"].resize(60);
    EXPECT_THAT(names(), IsEmpty()) << "too few steps to tell";
}

TEST_F(Watchdogs, LeaveALongRunOfNoiseAlone)
{
    evidence.series["loss"] = series(5000, [](double p) { return falling(p) + 0.3 * std::sin(p * 9000.0); });
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Watchdogs, SeeProjectorsThatBeganAtRandomAndDoNotLearn)
{
    evidence.series["t2s_acc"] = series(600, [](double p) { return 0.08 + 0.01 * p; });
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "stagnation");
    EXPECT_EQ(finding.metric, "t2s_acc");
    EXPECT_TRUE(offers(finding, "projector.init", "pinv"));

    evidence.experiment.projector.init = config::ProjectorInit::Pinv;
    EXPECT_THAT(names(), IsEmpty()) << "the initialisation was not skipped";
    evidence.experiment.projector.init = config::ProjectorInit::Random;
    evidence.series["t2s_acc"] = series(600, [](double p) { return 0.15 * p; });
    EXPECT_THAT(names(), IsEmpty()) << "it is low and rises";
}

TEST_F(Watchdogs, MeasureProjectorsByTheTeacherWhereItIsKnown)
{
    evidence.series["t2s_acc"] = series(600, [](double) { return 0.30; });
    EXPECT_THAT(names(), IsEmpty());
    evidence.series["t_acc"] = series(600, [](double) { return 0.70; });
    EXPECT_THAT(names(), ElementsAre("stagnation"));
    evidence.series["t_acc"] = series(600, [](double) { return 0.55; });
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Watchdogs, SeeAttentionThatCollapsesOnOneToken)
{
    evidence.experiment.method.alignment = config::Alignment::Cma;
    evidence.experiment.projector.init = config::ProjectorInit::Random;
    addMap(0, {0.86F, 0.02F, 0.02F, 0.02F, 0.02F, 0.02F, 0.02F, 0.02F});
    Finding finding = only();
    EXPECT_EQ(finding.signature, "attention_collapse");
    EXPECT_EQ(finding.step, 400);
    EXPECT_THAT(finding.seen, HasSubstr("86.0 %"));
    EXPECT_TRUE(offers(finding, "method.alignment", "eta"));
    addMap(1, {0.3F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F});
    EXPECT_THAT(names(), ElementsAre("attention_collapse")) << "half of the maps";
    addMap(2, {0.3F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F});
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Watchdogs, LetAttentionPreferATokenAndSeeWhenItTellsNoneApart)
{
    evidence.experiment.method.alignment = config::Alignment::Cma;
    addMap(0, {0.72F, 0.04F, 0.04F, 0.04F, 0.04F, 0.04F, 0.04F, 0.04F});
    EXPECT_THAT(names(), IsEmpty());
    evidence.maps.clear();
    addMap(0, std::vector<float>(8, 0.125F));
    EXPECT_THAT(only().headline, HasSubstr("is the same for all tokens"));
    evidence.maps.clear();
    addMap(0, {0.26F, 0.12F, 0.12F, 0.10F, 0.10F, 0.10F, 0.10F, 0.10F});
    EXPECT_THAT(names(), IsEmpty()) << "entropy 97 % of even attention";
    evidence.maps.front().step = 0;
    evidence.maps.front().values.assign(evidence.maps.front().values.size(), 0.125F);
    EXPECT_THAT(names(), IsEmpty()) << "before any training";
    evidence.maps.clear();
    addMap(0, {1.0F, 0.0F, 0.0F}, 3);
    EXPECT_THAT(names(), IsEmpty()) << "too small to tell";
}

TEST_F(Watchdogs, SeeLowCoverage)
{
    evidence.experiment.method.alignment = config::Alignment::Eta;
    evidence.series["align_ratio"] = series(600, [](double) { return 0.65; });
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "low_coverage");
    EXPECT_THAT(finding.seen, HasSubstr("65.0 %"));
    EXPECT_TRUE(offers(finding, "method.alignment", "cma"));
    evidence.series["align_ratio"] = series(600, [](double) { return 0.71; });
    EXPECT_THAT(names(), IsEmpty());
    evidence.series["align_ratio"] = series(10, [](double) { return 0.5; });
    EXPECT_THAT(names(), IsEmpty()) << "ten batches say little";
}

TEST_F(Watchdogs, SeeSidesOfDifferentLength)
{
    evidence.events.push_back(
        {2, 0.0, 0, store::kFailedEvent,
         "without an alignment both sides must have the same rows, not 31 and 28 Exception raised from ...", ""});
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "length_mismatch");
    EXPECT_THAT(finding.seen, HasSubstr("31 and 28"));
    EXPECT_TRUE(offers(finding, "method.alignment", "eta"));
    evidence.events.back().kind = "data";
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Watchdogs, SeeThatManyAnswersWereCutAway)
{
    const auto leave = [&](const std::string& number, const std::string& file = "/d: 900 x.jsonl") {
        evidence.events.push_back({2, 0.0, 0, store::kWarningEvent,
                                   file + ": " + number +
                                       " samples were left out because no response token remains within "
                                       "data.max_length tokens.",
                                   ""});
    };
    evidence.experiment.data.train = "/d: 900 x.jsonl";
    evidence.experiment.data.maxLength = 512;
    leave("9");
    EXPECT_THAT(names(), IsEmpty()) << "9 of 1009";
    leave("40", "/validation.jsonl");
    EXPECT_THAT(names(), IsEmpty()) << "nobody trains on those";
    evidence.events.resize(1);
    leave("40");
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "length_mismatch");
    EXPECT_THAT(finding.seen, AllOf(HasSubstr("40 samples"), HasSubstr("1000 are trained on"), HasSubstr("512")));
    EXPECT_TRUE(offers(finding, "data.max_length", "1024"));
}

// What events are known by stands in the sources that write them.
TEST(WatchdogTexts, AreThoseThatTheWorkerWrites)
{
    const auto source = [](const std::string& file) {
        std::ifstream stream(test::sourceDir() + "/" + file);
        std::ostringstream text;
        text << stream.rdbuf();
        return text.str();
    };
    const auto holds = [](std::string_view text) { return HasSubstr(std::string(text)); };
    EXPECT_THAT(source("core/distill/compared_rows.cpp"), holds(kDifferentRows));
    EXPECT_THAT(source("core/distill/cross_model_attention.cpp"), holds(kDifferentSamples));
    EXPECT_THAT(source("core/train/data/job_data.cpp"), AllOf(holds(kLeftOut), holds(kNoResponseLeft)));
    EXPECT_THAT(source("core/train/job/training_setup.cpp"), holds(kTrainingSamples));
}

TEST_F(Watchdogs, TellToJudgeByRougeWhereTheLossRisesBesideIt)
{
    evidence.series["validation.loss"] = validations({3.6, 3.2, 3.1, 3.15, 3.2, 3.25});
    const Finding finding = only();
    EXPECT_EQ(finding.signature, "loss_against_rouge");
    EXPECT_FALSE(finding.harmful);
    EXPECT_EQ(finding.step, 300);
    EXPECT_EQ(finding.metric, "validation.loss");
    EXPECT_THAT(finding.seen, AllOf(HasSubstr("from 3.100 to 3.250"), HasSubstr("from 18.0 % to 21.5 %")));
    EXPECT_TRUE(offers(finding, "checkpoint.keep", "5"));
    evidence.series["validation.rouge_l"] = validations({0.10, 0.15, 0.18, 0.18, 0.17, 0.16});
    EXPECT_THAT(names(), IsEmpty()) << "both get worse: that is overfitting, which the curves say";
    evidence.series["validation.rouge_l"] = validations({0.10, 0.15, 0.18, 0.20, 0.21, 0.215});
    evidence.series["validation.loss"] = validations({3.6, 3.2, 3.15, 3.1, 3.12, 3.13});
    EXPECT_THAT(names(), IsEmpty()) << "one per cent is noise";
}

TEST_F(Watchdogs, MarkTheCurveThatShowsIt)
{
    evidence.series["loss"][411].value = std::nan("");
    Finding onNoCurve;
    onNoCurve.headline = "Attention goes to one token";
    std::vector<Finding> findings = look(evidence);
    findings.push_back(onNoCurve);
    EXPECT_THAT(marksOf(findings), ElementsAre(FindingMark{"loss", 412, "Not a number"}));
}

TEST_F(Watchdogs, OfferOnlyWhatAConfigurationMayBe)
{
    evidence.series["loss"][411].value = std::nan("");
    for (const Remedy& remedy : only().remedies) {
        const auto changed = withRemedy(evidence.experiment, remedy);
        ASSERT_TRUE(changed) << remedy.label;
        EXPECT_LE(config::validate(*changed).size(), config::validate(evidence.experiment).size()) << remedy.label;
    }
    EXPECT_FALSE(withRemedy(evidence.experiment, {"nonsense", {{"train.lr", "many"}}}));
}

} // namespace
} // namespace dskd::jobs
