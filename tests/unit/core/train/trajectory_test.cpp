// Whole training runs against those that tests/reference/trajectory_reference.py computes by plain float64 operations
// and autograd from the papers' formulas: every value that is logged at every step, and the answers that the student
// gives. One case for DSKD, for each matching of queries and keys, and for each method on answers of the student's own.
//
// Switched off, because their random numbers are the generator's and not the method's: dropout (train.dropout,
// key_query.dropout), sampling (on_policy.temperature 0: the most probable token), drawing rows to match (fewer rows
// than key_query.rows). Projectors and critics begin with the values of the golden file.

#include "core/config/methods/method_table.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/safetensors.h"
#include "core/teacher/live_teacher.h"
#include "core/train/job/device.h"
#include "core/train/loop/trainer.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace dskd::train
{
namespace
{

using nlohmann::json;
using test::RecordingObserver;

// The program computes in float32. A value is off by the rounding of its own sums and of all updates before, which
// AdamW would scale up without the large train.epsilon of these runs: by 2e-6 of it at most. The tolerance leaves room
// for processors that sum in another order.
constexpr double kTolerance = 1e-5;         // of the value
constexpr double kNear0 = 0.1;              // below it, of this: rev_kl is the difference of larger numbers
constexpr std::uint64_t kDistillerSeed = 6; // as trajectory_reference.py has it: directions of kq_sliced_w

std::filesystem::path goldenFolder()
{
    return std::filesystem::path(test::goldenDir()) / "trajectory";
}

const json& golden()
{
    static const json content = json::parse(std::ifstream(goldenFolder() / "trajectories.json"));
    return content;
}

const json& caseOf(const std::string& name)
{
    for (const json& entry : golden().at("cases")) {
        if (entry.at("name") == name) {
            return entry;
        }
    }
    throw std::runtime_error("no case " + name);
}

constexpr const char* kCases[] = {"dskd", "cma_gan",  "cma_ct",  "cma_sinkhorn", "imitkd",
                                  "gkd",  "distillm", "minillm", "own_dskd",     "own_cma_gan"};

config::Experiment experimentOf(const json& entry)
{
    config::Experiment experiment;
    const std::string method = entry.at("method");
    if (!method.empty()) {
        EXPECT_TRUE(config::setField(experiment, "method", method));
    }
    for (const json& settings : {golden().at("settings"), entry.at("settings")}) {
        for (const auto& [field, value] : settings.items()) {
            const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
            EXPECT_TRUE(config::setField(experiment, field, text)) << field;
        }
    }
    EXPECT_EQ(config::methodNameOf(experiment).id, method) << "the settings are those of the method";
    experiment.student.model = "student";
    experiment.teacher.model = entry.at("teacher");
    return experiment;
}

dataset::Sample sampleOf(const json& entry)
{
    dataset::Sample sample;
    sample.ids = entry.at("ids").get<std::vector<tokenizer::TokenId>>();
    sample.promptLength = entry.at("prompt");
    sample.endsWithEos = true;
    return sample;
}

std::vector<Example> examplesOf(const json& samples, const std::string& teacherSide)
{
    std::vector<Example> examples;
    for (const json& entry : samples) {
        Example example;
        example.student = sampleOf(entry.at("student"));
        example.teacher = sampleOf(entry.at(teacherSide));
        examples.push_back(std::move(example));
    }
    return examples;
}

// One token a word; the last one ends a text.
std::shared_ptr<const tokenizer::Tokenizer> wordTokenizer(std::int64_t size)
{
    std::vector<std::string> pieces;
    for (std::int64_t id = 0; id + 1 < size; ++id) {
        pieces.push_back(std::to_string(id) + "-");
    }
    pieces.emplace_back("</s>");
    return std::make_shared<test::FakeTokenizer>(std::move(pieces), "</s>");
}

// The golden file's values, in place of those that the program drew. Critics stand below the name of the matching.
void begin(const distill::Distiller& distiller, const std::string& matching)
{
    const at::NoGradGuard noGrad;
    const model::TensorMap initial = model::readSafetensors(goldenFolder() / "initial.safetensors").value();
    for (auto [name, tensor] : distiller.projectors()) {
        tensor.copy_(initial.at(name));
    }
    for (auto [name, tensor] : distiller.critics()) {
        tensor.copy_(initial.at(matching + "." + name));
    }
}

TrainingSetup setupOf(const json& entry, const config::Experiment& experiment)
{
    TrainingSetup setup;
    const std::string teacher = entry.at("teacher");
    const bool shared = teacher == "teacher"; // one vocabulary, the same tokens on both sides
    setup.examples = examplesOf(golden().at("samples"), shared ? "student" : "other");
    setup.validation = examplesOf(golden().at("validation"), shared ? "student" : "other");
    model::LoadOptions options;
    setup.teacher = std::make_unique<teacher::LiveTeacher>(model::loadCausalLm(goldenFolder() / teacher).value(),
                                                           experiment.data.lossOn, 1 << 20);
    options.trainable = true;
    options.dropout = experiment.train.dropout;
    setup.student = model::loadCausalLm(goldenFolder() / "student", options).value();
    if (shared) {
        setup.tokenizers.student = wordTokenizer(setup.student->config().vocabularyRows);
        setup.tokenizers.teacher = setup.tokenizers.student;
    }
    const distill::ModelPair pair{setup.student->config().width, setup.teacher->head().size(1)};
    setup.distiller = std::make_unique<distill::Distiller>(config::onDataAnswers(experiment.method), pair,
                                                           experiment.train.chunkRows, kDistillerSeed, at::kCPU,
                                                           at::kFloat, experiment.projector, experiment.keyQuery);
    begin(*setup.distiller, config::fieldValue(experiment, "key_query.matching"));
    setup.optimizer = makeOptimizer(experiment, *setup.student, *setup.distiller);
    return setup;
}

struct Trained {
    RecordingObserver seen;
    TrainerState state;
};

Trained train(const json& entry, const config::Experiment& experiment)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    makeDeterministic(experiment.train.threads);
    TrainingSetup setup = setupOf(entry, experiment);
    Trained trained;
    RunControl control;
    EXPECT_EQ(Trainer(experiment, run, setup, trained.seen, control).run(), Outcome::Finished);
    trained.state = setup.state;
    return trained;
}

struct Difference {
    std::int64_t step;
    std::string metric;
    std::string values;
};

void PrintTo(const Difference& difference, std::ostream* out)
{
    *out << "step " << difference.step << ": " << difference.metric << " is " << difference.values;
}

// Every value that is not the golden file's, or is in one of the two only.
std::vector<Difference> differences(const json& entry, const RecordingObserver& seen)
{
    const std::set<std::string> costs{"tokens_per_second", "generated_tokens_per_second", "step_seconds",
                                      "memory_bytes"};
    std::map<std::int64_t, std::map<std::string, double>> expected;
    for (const auto& [step, values] : entry.at("steps").items()) {
        expected[std::stoll(step)] = values.get<std::map<std::string, double>>();
    }
    std::vector<Difference> found;
    for (const auto& [step, values] : expected) {
        const auto logged = seen.metrics.find(step);
        for (const auto& [name, value] : values) {
            if (logged == seen.metrics.end() || !logged->second.contains(name)) {
                found.push_back({step, name, "not logged"});
                continue;
            }
            const double other = logged->second.at(name);
            if (!(std::abs(other - value) <= kTolerance * std::max(kNear0, std::abs(value)))) {
                std::ostringstream text;
                text.precision(9);
                text << other << ", not " << value;
                found.push_back({step, name, text.str()});
            }
        }
    }
    for (const auto& [step, values] : seen.metrics) {
        for (const auto& [name, value] : values) {
            if (!costs.contains(name) && !expected[step].contains(name)) {
                found.push_back({step, name, std::to_string(value) + ", which the golden file does not have"});
            }
        }
    }
    return found;
}

// Of the last set of rollouts, or of DistiLLM's buffer: what a run remembers.
std::vector<std::vector<std::int64_t>> rememberedAnswers(const TrainerState& state)
{
    std::vector<std::vector<std::int64_t>> answers;
    for (const Rollout& rollout : state.rollouts.rollouts) {
        answers.push_back(rollout.answer.ids);
    }
    for (const OwnAnswer& answer : state.ownAnswers.buffer) {
        answers.push_back(answer.ids);
    }
    return answers;
}

TEST(Trajectories, AreAllCompared)
{
    std::vector<std::string> names;
    for (const json& entry : golden().at("cases")) {
        names.push_back(entry.at("name"));
    }
    EXPECT_THAT(names, testing::ElementsAreArray(kCases));
}

class Trajectory : public testing::TestWithParam<const char*>
{
};

TEST_P(Trajectory, IsThatOfTheFloat64Reference)
{
    const json& entry = caseOf(GetParam());
    const Trained trained = train(entry, experimentOf(entry));
    EXPECT_THAT(differences(entry, trained.seen), testing::IsEmpty());
    EXPECT_EQ(rememberedAnswers(trained.state), entry.at("answers").get<std::vector<std::vector<std::int64_t>>>());
}

INSTANTIATE_TEST_SUITE_P(Of, Trajectory, testing::ValuesIn(kCases),
                         [](const auto& instance) { return std::string(instance.param); });

// A setting that is a little off, in a run that is compared with the golden file of the right one.
struct Slip {
    const char* name; // of the case
    const char* field;
    const char* value;
    const char* tells; // the metric that must differ
};

void PrintTo(const Slip& slip, std::ostream* out)
{
    *out << slip.field << " " << slip.value << " in " << slip.name;
}

class TrajectorySlip : public testing::TestWithParam<Slip>
{
};

TEST_P(TrajectorySlip, IsFound)
{
    const Slip& slip = GetParam();
    const json& entry = caseOf(slip.name);
    config::Experiment experiment = experimentOf(entry);
    ASSERT_TRUE(config::setField(experiment, slip.field, slip.value));
    const std::vector<Difference> found = differences(entry, train(entry, experiment).seen);
    EXPECT_THAT(found, testing::Contains(testing::Field(&Difference::metric, testing::StrEq(slip.tells))));
}

INSTANTIATE_TEST_SUITE_P(
    Of, TrajectorySlip,
    testing::Values(
        Slip{"dskd", "train.lr", "0.0101", "loss"}, Slip{"dskd", "train.weight_decay", "0.11", "t2s_kd_loss"},
        Slip{"dskd", "train.beta2", "0.951", "t2s_kd_loss"}, Slip{"dskd", "train.clip_norm", "1.02", "nll_loss"},
        Slip{"dskd", "train.warmup_steps", "1", "nll_loss"}, Slip{"dskd", "method.kd_rate", "0.61", "grad_norm"},
        Slip{"dskd", "method.temperature", "2.02", "t2s_kd_loss"},
        Slip{"dskd", "projector.lr", "0.0101", "t2s_ce_loss"}, Slip{"cma_gan", "key_query.rate", "0.51", "loss"},
        Slip{"cma_gan", "key_query.lr", "0.0202", "kq_loss"},
        Slip{"cma_gan", "key_query.weight_decay", "0.33", "kq_loss"},
        Slip{"cma_gan", "method.correctness_mask", "false", "t2s_kd_loss"},
        Slip{"cma_ct", "key_query.rate", "0.51", "loss"}, Slip{"cma_ct", "key_query.lr", "0.0202", "kq_loss"},
        Slip{"cma_sinkhorn", "key_query.rate", "0.51", "loss"},
        Slip{"cma_sinkhorn", "key_query.sinkhorn_epsilon", "0.31", "kq_loss"},
        Slip{"imitkd", "on_policy.max_new_tokens", "5", "kd_loss"},
        Slip{"imitkd", "method.kd_rate", "0.61", "grad_norm"}, Slip{"gkd", "method.beta", "0.31", "kd_loss"},
        Slip{"gkd", "on_policy.ratio", "0.6", "on_policy.tokens"},
        Slip{"distillm", "method.skew_lambda", "0.11", "kd_loss"},
        Slip{"distillm", "on_policy.buffer_size", "6", "on_policy.replayed"},
        Slip{"minillm", "policy_gradient.teacher_mix", "0.21", "pg_loss"},
        Slip{"minillm", "policy_gradient.discount", "0.91", "pg_loss"},
        Slip{"minillm", "policy_gradient.reward_scaling", "0.51", "reward"},
        Slip{"minillm", "policy_gradient.clip_ratio", "0.21", "pg_loss"},
        Slip{"minillm", "policy_gradient.data_rate", "0.71", "loss"},
        Slip{"own_dskd", "method.kd_rate", "0.61", "grad_norm"}, Slip{"own_cma_gan", "key_query.rate", "0.51", "loss"}),
    [](const auto& instance) {
        std::string name = std::string(instance.param.name) + "_" + instance.param.field;
        std::replace(name.begin(), name.end(), '.', '_');
        return name;
    });

} // namespace
} // namespace dskd::train
