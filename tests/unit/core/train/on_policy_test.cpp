#include "core/train/answers/on_policy.h"

#include "core/base/utf8.h"
#include "core/config/methods/method_table.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/causal_lm.h"
#include "core/train/answers/answers.h"
#include "core/train/job/training_setup.h"
#include "core/train/loop/step.h"
#include "core/train/loop/trainer.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <ATen/ATen.h>
#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

namespace dskd::train
{
namespace
{

// The demo's students with random weights; they answer nonsense, in real tokens.
class OnPolicyTest : public testing::TestWithParam<const char*>
{
protected:
    OnPolicyTest()
    {
        experiment.data.maxLength = 96;
        experiment.data.maxPromptLength = 48;
        experiment.method.alignment = config::Alignment::Eta;
        experiment.onPolicy.ratio = 0.5;
        experiment.onPolicy.maxNewTokens = 24;
        tokenizers = loadTokenizers(experiment);
        examples =
            loadExamples(experiment.data.train, 4, experiment.data, tokenizers, observer, experiment.method.alignment);
        student = loadStudent(experiment, std::nullopt, {}, observer);
        for (const Example& example : examples) {
            asked.push_back(&example);
        }
    }
    [[nodiscard]] std::vector<Example> answers(std::int64_t update, std::int64_t batch) const
    {
        std::vector<std::int64_t> numbers(examples.size());
        std::iota(numbers.begin(), numbers.end(), 0);
        const OnPolicy policy(experiment, tokenizers, student->config(), 10, 100);
        return policy.examplesOf(policy.sampled(*student, asked, numbers, update, batch).value(), examples);
    }

    test::RecordingObserver observer;
    config::Experiment experiment = demoExperiment(GetParam());
    Tokenizers tokenizers;
    std::vector<Example> examples;
    std::vector<const Example*> asked;
    std::unique_ptr<model::CausalLm> student;
};

INSTANTIATE_TEST_SUITE_P(Tokenizers, OnPolicyTest, testing::Values("student-gpt2", "student-llama"),
                         [](const auto& instance) {
                             return std::string(instance.param) == "student-gpt2" ? "shared" : "different";
                         });

TEST_P(OnPolicyTest, AnswersThePromptsInTheTokensOfBothSides)
{
    const std::vector<Example> made = answers(0, 0);
    ASSERT_EQ(made.size(), examples.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
        const dataset::Sample& own = made[i].student;
        const dataset::Sample& gold = examples[i].student;
        ASSERT_EQ(own.promptLength, gold.promptLength);
        EXPECT_TRUE(std::equal(own.ids.begin(), own.ids.begin() + own.promptLength, gold.ids.begin()));
        EXPECT_EQ(own.responseOffsets.size(), own.ids.size() - static_cast<std::size_t>(own.promptLength));
        EXPECT_LE(own.rows(), 24);
        const std::vector<tokenizer::TokenId> teacherAnswer(made[i].teacher.ids.begin() + made[i].teacher.promptLength,
                                                            made[i].teacher.ids.end());
        const std::string& text = made[i].record.responses.front();
        const bool whole = static_cast<std::int64_t>(made[i].teacher.ids.size()) < experiment.data.maxLength;
        if (!tokenizers.shared() && whole && isValidUtf8(text)) { // a random student stops within characters
            EXPECT_EQ(tokenizers.teacher->decode(teacherAnswer, true), text);
        }
        EXPECT_EQ(made[i].teacher.endsWithEos, own.endsWithEos);
        for (const align::TokenPair& pair : made[i].alignment.pairs) {
            EXPECT_LT(pair.studentRow, own.rows());
            EXPECT_LT(pair.teacherRow, made[i].teacher.rows());
        }
        EXPECT_FALSE(made[i].alignment.pairs.empty());
    }
}

TEST_P(OnPolicyTest, SamplesTheSameForTheSameStepAndOtherwiseForAnother)
{
    const auto ids = [&](std::int64_t update, std::int64_t batch) {
        std::vector<std::vector<tokenizer::TokenId>> all;
        for (const Example& example : answers(update, batch)) {
            all.push_back(example.student.ids);
        }
        return all;
    };
    EXPECT_EQ(ids(3, 1), ids(3, 1));
    EXPECT_NE(ids(3, 1), ids(3, 2));
    EXPECT_NE(ids(3, 1), ids(4, 1));
}

// A chat model ends its answers by several tokens, of which its tokenizer calls one the end of text.
TEST_P(OnPolicyTest, TakesAnAnswerForEndedByAnyOfTheModelsEnds)
{
    const tokenizer::Tokenizer& spoken = *tokenizers.student;
    const auto idsOf = [&](const char* text) {
        const std::vector<tokenizer::TokenId> ids = spoken.encode(text).ids;
        return std::vector<std::int64_t>(ids.begin(), ids.end());
    };
    const std::int64_t otherEnd = idsOf("!").back(); // which would be text in other places
    model::ModelConfig chat = student->config();
    chat.eosIds.push_back(otherEnd);
    const OnPolicy policy(experiment, tokenizers, chat, 10, 100);
    const std::vector<std::int64_t> said = idsOf("good day to you");
    std::vector<std::int64_t> byOwn = said;
    byOwn.push_back(spoken.special().eos.value());
    std::vector<std::int64_t> byOther = said;
    byOther.push_back(otherEnd);
    const Example cut = policy.exampleOf(examples[0], said);
    const Example own = policy.exampleOf(examples[0], byOwn);
    const Example other = policy.exampleOf(examples[0], byOther);
    EXPECT_FALSE(cut.student.endsWithEos);
    EXPECT_TRUE(own.student.endsWithEos);
    EXPECT_TRUE(other.student.endsWithEos);
    EXPECT_EQ(other.student.ids.back(), otherEnd) << "the student learns the end that it chose";
    EXPECT_EQ(other.record.responses, cut.record.responses) << "an end is none of the text";
    EXPECT_EQ(other.student.responseOffsets, own.student.responseOffsets);
    EXPECT_EQ(other.alignment.pairs, own.alignment.pairs) << "ends stand for each other";
    EXPECT_EQ(other.alignment.pairs.size(), cut.alignment.pairs.size() + 1);
    EXPECT_TRUE(other.teacher.endsWithEos);
    if (!tokenizers.shared()) {
        EXPECT_EQ(other.teacher.ids, own.teacher.ids) << "the teacher ends as it always does";
        EXPECT_EQ(other.teacher.ids.size(), cut.teacher.ids.size() + 1);
    }
}

TEST_P(OnPolicyTest, LeavesTheEndOfAnAnswerOutOfItsTextWhicheverItIs)
{
    model::ModelConfig terse = student->config();
    terse.original.clear();
    terse.eosIds.resize(static_cast<std::size_t>(tokenizers.student->size()));
    std::iota(terse.eosIds.begin(), terse.eosIds.end(), 0); // any token ends an answer
    const auto model = model::createCausalLm(terse, 1).value();
    AnswerOptions options;
    options.maxNewTokens = 4;
    const std::vector<GeneratedAnswer> answers = answerPrompts(*model, *tokenizers.student, examples, options);
    ASSERT_EQ(answers.size(), examples.size());
    for (const GeneratedAnswer& answer : answers) {
        EXPECT_TRUE(answer.ended);
        EXPECT_EQ(answer.answer, "");
    }
}

// One step on the student's own answers: what is learned from them and what from the data's.
TEST_P(OnPolicyTest, TakesTheCrossEntropyFromTheDataAndTheDistancesFromTheAnswers)
{
    experiment.onPolicy.ratio = 1.0;
    experiment.method.distance = Distance::Rkl;
    test::TemporaryFolder folder;
    TrainingSetup setup = prepareTraining(experiment, {folder.path()}, observer).value();
    const OnPolicy policy(experiment, setup.tokenizers, setup.student->config(), 10, 100);
    ScheduleState state;
    const RunLayout run{folder.path()};
    const std::vector<std::vector<std::int64_t>> batches{{0, 1}, {2, 3}};
    const auto values = [&](const OnPolicy* onPolicy) {
        return runStep({*setup.student, setup.teacher.get(), *setup.distiller, *setup.optimizer, run, onPolicy, &state},
                       setup.examples, batches, config::LossOn::Response, 1)
            .value()
            .values;
    };
    auto gold = values(nullptr);
    auto own = values(&policy);
    EXPECT_NEAR(own.at("nll_loss"), gold.at("nll_loss"), 1e-5);
    EXPECT_NE(own.at("s2t_kd_loss"), gold.at("s2t_kd_loss"));
    EXPECT_GT(own.at("on_policy.tokens"), 0.0);
    EXPECT_NEAR(own.at("loss"), 0.5 * own.at("nll_loss") + 0.5 * own.at("kd_loss"), 1e-5);
    EXPECT_EQ(values(&policy), own) << "and the same again";
}

TEST_P(OnPolicyTest, ReplaysWhatTheBufferHoldsAndRemembersWhatIsFresh)
{
    experiment.onPolicy.ratio = 1.0;
    experiment.onPolicy.threshold = 1.0;
    experiment.onPolicy.schedule = config::OnPolicySchedule::Adaptive;
    experiment.onPolicy.replay = config::ReplayRatio::Increasing; // at the start nothing fresh once the buffer is full
    experiment.onPolicy.bufferSize = 4;
    test::TemporaryFolder folder;
    TrainingSetup setup = prepareTraining(experiment, {folder.path()}, observer).value();
    const OnPolicy policy(experiment, setup.tokenizers, setup.student->config(), 10, 100);
    ScheduleState state;
    const RunLayout run{folder.path()};
    const auto values = [&] {
        return runStep({*setup.student, setup.teacher.get(), *setup.distiller, *setup.optimizer, run, &policy, &state},
                       setup.examples, {{0, 1}, {2, 3}}, config::LossOn::Response, 1)
            .value()
            .values;
    };
    const auto first = values();
    EXPECT_EQ(first.at("on_policy.replayed"), 0.0);
    EXPECT_EQ(first.at("on_policy.threshold"), 1.0);
    ASSERT_EQ(state.buffer.size(), 4U);
    const ScheduleState before = state;
    const auto second = values();
    EXPECT_EQ(second.at("on_policy.replayed"), second.at("on_policy.tokens"));
    EXPECT_GT(second.at("on_policy.replayed"), 0.0);
    EXPECT_EQ(state, before) << "nothing new to remember";
}

TEST_P(OnPolicyTest, TrainsTheSameWhereTheGradientsOfItsTermsAreMeasured)
{
    const auto measured = [&](std::int64_t every) {
        config::Experiment each = experiment;
        each.onPolicy.ratio = 1.0;
        each.onPolicy.maxNewTokens = 8;
        each.data.limit = 4;
        each.data.maxLength = 56;
        each.data.maxPromptLength = 40;
        each.train.batchSize = 2;
        each.train.steps = 2;
        each.train.lr = 1e-3;
        each.log.gradientNormEvery = every;
        return trained(each);
    };
    const test::RecordingObserver with = measured(1);
    const test::RecordingObserver without = measured(0);
    for (const char* name : {"loss", "nll_loss", "kd_loss", "grad_norm", "on_policy.tokens"}) {
        ASSERT_EQ(without.series(name).size(), 2U) << name;
        EXPECT_EQ(with.series(name), without.series(name)) << name;
    }
    for (const char* term : {"nll_loss", "t2s_kd_loss", "s2t_kd_loss"}) {
        const std::string name = std::string("grad_norm.") + term;
        EXPECT_EQ(with.series(name).size(), 2U) << name << ", the distances on answers of the student's own";
        EXPECT_TRUE(without.series(name).empty());
    }
}

// Steps of every method that distils on own answers, and the policy gradient: no term is lost on the way.
TEST_P(OnPolicyTest, EveryMethodLearnsFromOwnAnswersInEveryTrainedTensor)
{
    int tried = 0;
    for (const config::NamedMethod& method : config::namedMethods()) {
        SCOPED_TRACE(std::string(method.id));
        config::Experiment each = experiment;
        config::applyMethod(each, method);
        const bool policy = each.method.objective == config::Objective::PolicyGradient;
        each.onPolicy.ratio = policy ? 0.0 : 1.0;
        each.onPolicy.threshold = 1.0;
        each.policyGradient.rollouts = 4;
        each.data.validation = each.data.train;
        each.data.validationLimit = 2;
        each.data.limit = 4;
        each.data.maxLength = 56;
        each.data.maxPromptLength = 40;
        each.onPolicy.maxNewTokens = 8;
        each.train.batchSize = 2;
        each.train.steps = 2;
        each.train.lr = 1e-3;
        const bool fits = method.vocabularies == config::Vocabularies::Any || tokenizers.shared();
        if (!fits || !config::learnsFromTeacher(each.method) || !config::validate(each).empty()) {
            continue;
        }
        ++tried;
        test::TemporaryFolder folder;
        const RunLayout run{folder.path()};
        test::RecordingObserver seen;
        RunControl control;
        TrainingSetup setup = prepareTraining(each, run, seen).value();
        ASSERT_EQ(Trainer(each, run, setup, seen, control).run(), Outcome::Finished);
        for (const auto& [step, values] : seen.metrics) {
            for (const auto& [name, value] : values) {
                EXPECT_TRUE(std::isfinite(value)) << name << " at step " << step;
            }
        }
        if (!policy) {
            EXPECT_GT(seen.metrics.at(2).at("on_policy.tokens"), 0.0);
        }
        // With one tokenizer every chunk is one token, which there is nothing to choose from.
        const bool chosen = !config::attendsWithinChunks(each.method) || !tokenizers.shared();
        for (const auto& [name, tensor] : setup.optimizer->state()) {
            if (name.ends_with(".exp_avg") && (chosen || name.find("query") == std::string::npos)) {
                EXPECT_GT(tensor.abs().max().item<float>(), 0.0F) << name;
            }
        }
    }
    EXPECT_GE(tried, tokenizers.shared() ? 12 : 6);
}

} // namespace
} // namespace dskd::train
