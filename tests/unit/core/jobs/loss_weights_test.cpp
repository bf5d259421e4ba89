#include "core/jobs/loss_weights.h"

#include <gmock/gmock.h>
#include <set>
#include <string>

namespace dskd::jobs
{
namespace
{

std::vector<std::pair<std::string, double>> weights(const config::Experiment& experiment,
                                                    const std::set<std::string_view>& logged)
{
    std::vector<std::pair<std::string, double>> result;
    for (const LossWeight& weight :
         lossWeights(experiment, [&](std::string_view metric) { return logged.contains(metric); })) {
        result.emplace_back(weight.metric, weight.weight);
    }
    return result;
}

using testing::ElementsAre;
using testing::Pair;

TEST(LossWeights, OfFineTuningAreTheCrossEntropyAlone)
{
    config::Experiment sft;
    sft.method.objective = config::Objective::Sft;
    EXPECT_THAT(weights(sft, {"loss", "nll_loss", "accuracy"}), ElementsAre(Pair("nll_loss", 1.0)));
}

TEST(LossWeights, OfDistillationShareByItsRateAndDoNotCountTheSumTwice)
{
    config::Experiment kd;
    kd.method.kdRate = 0.25;
    EXPECT_THAT(weights(kd, {"loss", "nll_loss", "kd_loss", "t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "t2s_acc"}),
                ElementsAre(Pair("nll_loss", 0.75), Pair("t2s_ce_loss", 0.25), Pair("t2s_kd_loss", 0.25),
                            Pair("s2t_kd_loss", 0.25)));
}

TEST(LossWeights, OfDifferentSpacesAreThoseOfTheOneDistance)
{
    config::Experiment kd;
    kd.method.space = config::Space::Different;
    kd.method.kdRate = 0.5;
    EXPECT_THAT(weights(kd, {"loss", "nll_loss", "kd_loss"}), ElementsAre(Pair("nll_loss", 0.5), Pair("kd_loss", 0.5)));
    kd.method.kdRate = 1.0;
    EXPECT_THAT(weights(kd, {"loss", "nll_loss", "kd_loss"}), ElementsAre(Pair("kd_loss", 1.0)))
        << "a term of weight 0 is no layer";
}

TEST(LossWeights, OfKeyQueryMatchingHaveItsRate)
{
    config::Experiment kd;
    kd.keyQuery.matching = config::KeyQueryMatching::Gan;
    kd.keyQuery.rate = 0.125;
    EXPECT_THAT(weights(kd, {"nll_loss", "kq_loss"}), testing::Contains(Pair("kq_loss", 0.125)));
    kd.keyQuery.matching = config::KeyQueryMatching::Off;
    EXPECT_THAT(weights(kd, {"nll_loss", "kq_loss"}), testing::Not(testing::Contains(Pair("kq_loss", testing::_))));
}

TEST(LossWeights, OfPolicyGradientAreNone)
{
    config::Experiment gradient;
    gradient.method.objective = config::Objective::PolicyGradient;
    EXPECT_THAT(weights(gradient, {"loss", "nll_loss", "pg_loss"}), testing::IsEmpty());
}

} // namespace
} // namespace dskd::jobs
