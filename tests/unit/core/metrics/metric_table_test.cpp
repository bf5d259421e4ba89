#include "core/metrics/metric_table.h"

#include <gmock/gmock.h>
#include <set>

namespace dskd::metrics
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MetricTable, HasOneWholeRowForEachNameInTheOrderOfTheGroups)
{
    std::set<std::string_view> names;
    std::set<std::string_view> titles;
    Group group = Group::Loss;
    for (const Metric& metric : allMetrics()) {
        EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
        EXPECT_TRUE(titles.insert(metric.title).second) << metric.title;
        EXPECT_TRUE(metric.sentence.ends_with('.')) << metric.name;
        EXPECT_TRUE(metric.recorded.empty() || metric.recorded.ends_with('.')) << metric.name;
        EXPECT_LT(metric.range.least, metric.range.most) << metric.name;
        EXPECT_GE(metric.group, group) << metric.name;
        EXPECT_NE(metric.group, Group::Other) << metric.name;
        group = metric.group;
    }
}

TEST(MetricTable, KnowsWhatIsBetterAndWhatCannotBeRanked)
{
    for (const char* lower : {"validation.loss.best", "nll_loss.last", "seconds"}) {
        EXPECT_EQ(betterOf(lower), Better::Lower) << lower;
    }
    for (const char* higher :
         {"validation.rouge_l", "validation.accuracy.best", "validation.exact_match", "t2s_acc", "tokens_per_second"}) {
        EXPECT_EQ(betterOf(higher), Better::Higher) << higher;
    }
    for (const char* unknown :
         {"loss.last", "kd_loss", "lr", "grad_norm", "kq_accuracy.last", "probe.kq_accuracy", "a_rouge_of_tomorrow"}) {
        EXPECT_EQ(betterOf(unknown), Better::Unknown) << unknown;
    }
}

TEST(MetricTable, KnowsWhichMetricsDependOnTheVocabulary)
{
    for (const char* perToken : {"validation.loss.best", "nll_loss.last", "validation.accuracy", "accuracy"}) {
        EXPECT_TRUE(isPerToken(perToken)) << perToken;
    }
    for (const char* other : {"validation.rouge_l", "validation.exact_match", "kq_accuracy", "seconds", "nobody"}) {
        EXPECT_FALSE(isPerToken(other)) << other;
    }
}

TEST(MetricTable, TitlesANameWithItsEnd)
{
    EXPECT_EQ(titleOf("validation.loss.best"), "validation loss (best)");
    EXPECT_EQ(titleOf("validation.rouge_l.last"), "ROUGE-L (last)");
    EXPECT_EQ(shortTitleOf("validation.loss"), "val. loss");
    EXPECT_EQ(shortTitleOf("validation.rouge_l"), "ROUGE-L") << "short enough";
    EXPECT_EQ(titleOf("seconds"), "seconds");
}

TEST(MetricTable, ShowsSharesInPerCent)
{
    EXPECT_EQ(shownFactor("validation.rouge_l.best"), 100.0);
    EXPECT_EQ(shownTitle("validation.rouge_l.best"), "ROUGE-L (best), %");
    EXPECT_EQ(shownShortTitle("validation.rouge_l"), "ROUGE-L, %");
    EXPECT_EQ(shownFactor("validation.loss"), 1.0);
    EXPECT_EQ(shownTitle("validation.loss"), "validation loss");
    EXPECT_EQ(shownFactor("metric_of_tomorrow"), 1.0);
    EXPECT_EQ(shownFactor(Unit::Share), 100.0);
    EXPECT_EQ(shownFactor(Unit::Bytes), 1.0);
    EXPECT_EQ(shownTitle("coverage", Unit::Share), "coverage, %");
    EXPECT_EQ(shownTitle("memory", Unit::Bytes), "memory");
    EXPECT_EQ(descriptionOf("t2s_acc").substr(descriptionOf("t2s_acc").size() - 3), "(%)");
    for (const Metric& row : allMetrics()) { // what is a share is one by its range too
        EXPECT_EQ(row.unit == Unit::Share, row.range.least == 0.0 && row.range.most == 1.0) << row.name;
    }
}

TEST(MetricTable, FindsTheRowOfAFamilyWhereANameHasNoneOfItsOwn)
{
    const Metric* row = findMetric("probe.kq_mmd");
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->name, "probe.kq_*");
    EXPECT_EQ(groupOf("probe.kq_mmd.last"), Group::KeyQuery);
    EXPECT_EQ(titleOf("probe.kq_mmd.last"), "key-query mmd, probe samples (last)");
    EXPECT_EQ(findMetric("probe.agreement")->name, "probe.agreement");
    EXPECT_EQ(findMetric("kq_mmd_of_tomorrow"), nullptr);
}

TEST(MetricTable, ShowsAMetricWithoutARowByItsName)
{
    EXPECT_EQ(findMetric("entropy"), nullptr);
    EXPECT_EQ(titleOf("entropy"), "entropy");
    EXPECT_EQ(titleOf("entropy.best"), "entropy (best)");
    EXPECT_EQ(shortTitleOf("entropy"), "entropy");
    EXPECT_THAT(descriptionOf("entropy"), IsEmpty());
    EXPECT_EQ(groupOf("entropy"), Group::Other);
    EXPECT_EQ(unitOf("entropy"), Unit::None);
    EXPECT_FALSE(isCost("entropy"));
    EXPECT_EQ(titleOf(".best"), ".best") << "no name before the end";
}

TEST(MetricTable, PutsTheMostTellingMetricsFirst)
{
    EXPECT_THAT(
        headlineMetrics({"loss.last", "nll_loss.last", "seconds", "validation.accuracy.best", "validation.loss.best",
                         "validation.loss.last", "validation.rouge_l.best", "validation.rouge_l.last", "entropy.last"}),
        ElementsAre("validation.loss.best", "validation.rouge_l.best", "seconds", "validation.loss.last",
                    "validation.rouge_l.last", "nll_loss.last", "loss.last"));
    EXPECT_THAT(headlineMetrics({"entropy"}), IsEmpty());
}

TEST(MetricTable, OrdersNamesAsItsRows)
{
    EXPECT_THAT(inTableOrder({"zeta", "lr", "probe.kq_mmd", "alpha", "probe.kq_cosine", "validation.loss", "loss"}),
                ElementsAre("loss", "validation.loss", "probe.kq_cosine", "probe.kq_mmd", "lr", "alpha", "zeta"));
}

TEST(MetricTable, NamesTheTermsOfTheLossBeforeTheirSums)
{
    const auto terms = lossTerms();
    EXPECT_THAT(std::vector<std::string_view>(terms.begin(), terms.end()),
                ElementsAre("nll_loss", "t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "kq_loss", "pg_loss",
                            "single_step_loss", "kd_loss", "loss"));
}

TEST(MetricTable, GroupsWhatTheMachineDoesAndWhatIsAligned)
{
    for (const char* machine :
         {"tokens_per_second", "generated_tokens_per_second", "step_seconds", "memory_bytes", "seconds"}) {
        EXPECT_EQ(groupOf(machine), Group::Machine) << machine;
    }
    EXPECT_EQ(groupOf("align_ratio"), Group::Alignment);
    EXPECT_EQ(groupOf("lr"), Group::Optimisation);
    std::set<std::string_view> titles;
    for (int group = 0; group <= static_cast<int>(Group::Other); ++group) {
        const auto one = static_cast<Group>(group);
        EXPECT_FALSE(titleOf(one).empty()) << group;
        EXPECT_LE(shortTitleOf(one).size(), titleOf(one).size());
        EXPECT_TRUE(titles.insert(shortTitleOf(one)).second) << shortTitleOf(one);
    }
    EXPECT_EQ(shortTitleOf(Group::Structure), "Spaces");
}

TEST(MetricTable, DescribesAMetricWithItsUnit)
{
    EXPECT_EQ(descriptionOf("memory_bytes"), "Memory in use after the step, on the device that trains. (bytes)");
    EXPECT_EQ(descriptionOf("grad_norm"), "Norm of all gradients before clipping.");
}

} // namespace
} // namespace dskd::metrics
