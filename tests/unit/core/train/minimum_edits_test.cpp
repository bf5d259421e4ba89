// MinED from tokenizers to loss, against what the published code computes (tests/reference/published_mined.py).

#include "core/base/regular_file.h"
#include "core/batch/packed_rows.h"
#include "core/distill/distiller.h"
#include "core/preflight/rules.h"
#include "core/train/answers/on_policy.h"
#include "core/train/data/job_data.h"
#include "core/train/data/row_alignment.h"
#include "core/train/job/training_setup.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::train
{
namespace
{

using nlohmann::json;
using tokenizer::TokenId;

constexpr std::int64_t kStudentWidth = 5;
constexpr std::int64_t kTeacherWidth = 7;

at::Tensor counting(std::int64_t count)
{
    return at::arange(count, at::kDouble);
}

// The formulas that stand in for models in the script.
at::Tensor hiddenRows(const at::Tensor& ids, std::int64_t firstPosition, std::int64_t width)
{
    const at::Tensor position = counting(ids.size(0)) + static_cast<double>(firstPosition);
    return 1.5 * at::sin(0.7 * ids.to(at::kDouble).unsqueeze(1) + 0.3 * position.unsqueeze(1) + 1.1 * counting(width));
}
at::Tensor headOf(std::int64_t vocabulary, std::int64_t width)
{
    return at::cos(0.13 * counting(vocabulary).unsqueeze(1) + 0.9 * counting(width));
}

class PublishedMinimumEdits : public testing::Test
{
protected:
    PublishedMinimumEdits()
        : golden(json::parse(readTextFile(test::goldenDir() + "/published/mined/losses.json").value()))
    {
        method.space = config::Space::Different;
        method.alignment = config::Alignment::MinEd;
        method.fidelity = config::Fidelity::ReferenceV1;
        method.kdRate = 0.5;
        edits.emplace(*align::MinimumEdits::find(*teacher, *student, preflight::spellingRule(method), {}));
    }
    static std::unique_ptr<tokenizer::Tokenizer> load(const char* folder)
    {
        return tokenizer::loadTokenizer(test::sourceDir() + "/resources/demo/" + folder).value();
    }
    [[nodiscard]] dataset::Sample sampleOf(const tokenizer::Tokenizer& tokenizer, std::size_t number) const
    {
        dataset::Record record;
        record.prompt = golden.at("prompts").at(number).get<std::string>();
        record.responses = {golden.at("answers").at(number).get<std::string>()};
        return dataset::makeSample(record, tokenizer, {});
    }
    [[nodiscard]] batch::SideRows sideOf(const std::vector<dataset::Sample>& samples, std::int64_t vocabulary,
                                         std::int64_t width) const
    {
        batch::SideRows side;
        std::vector<at::Tensor> hidden;
        std::vector<at::Tensor> labels;
        for (const dataset::Sample& sample : samples) {
            const std::vector<std::int64_t> ids(sample.ids.begin(), sample.ids.end());
            const at::Tensor all = at::tensor(ids, at::kLong);
            hidden.push_back(hiddenRows(all.slice(0, sample.firstRow(), -1), sample.firstRow(), width));
            labels.push_back(all.slice(0, sample.firstRow() + 1));
            side.rowsPerSample.push_back(sample.rows());
        }
        side.hidden = at::cat(hidden);
        side.labels = at::cat(labels);
        side.head = headOf(vocabulary, width);
        return side;
    }

    json golden;
    config::MethodConfig method;
    std::unique_ptr<tokenizer::Tokenizer> teacher = load("teacher");
    std::unique_ptr<tokenizer::Tokenizer> student = load("student-llama");
    std::optional<align::MinimumEdits> edits;
};

TEST_F(PublishedMinimumEdits, ReadTheSameMap)
{
    std::int64_t sum = 0;
    const auto& map = edits->map().studentFromTeacher;
    ASSERT_EQ(static_cast<std::int64_t>(map.size()), golden.at("teacher_vocabulary").get<std::int64_t>());
    for (std::size_t id = 0; id < map.size(); ++id) {
        sum += static_cast<std::int64_t>(id) * map[id];
    }
    EXPECT_EQ(sum, golden.at("map_sum").get<std::int64_t>());
    EXPECT_EQ(edits->matched().student.size(), golden.at("mapped_student_tokens").get<std::size_t>());
}

TEST_F(PublishedMinimumEdits, GiveTheSameLossesAndGradients)
{
    std::vector<dataset::Sample> teacherSamples;
    std::vector<dataset::Sample> studentSamples;
    std::vector<RowAlignment> alignments;
    for (std::size_t i = 0; i < golden.at("answers").size(); ++i) {
        teacherSamples.push_back(sampleOf(*teacher, i));
        studentSamples.push_back(sampleOf(*student, i));
        ASSERT_EQ(studentSamples.back().ids, golden.at("student_ids").at(i).get<std::vector<TokenId>>());
        ASSERT_EQ(teacherSamples.back().ids, golden.at("teacher_ids").at(i).get<std::vector<TokenId>>());
        alignments.push_back(alignRows({*teacher, teacherSamples.back()}, {*student, studentSamples.back()},
                                       golden.at("answers").at(i).get<std::string>(), method.alignment, &*edits));
        // Rows have a partner only where the published warping gives one position.
        for (const align::TokenPair& pair : alignments.back().pairs) {
            EXPECT_EQ(
                golden.at("alignments").at(i).at("teacher_of_student").at(static_cast<std::size_t>(pair.studentRow)),
                json::array({pair.teacherRow}));
        }
    }
    batch::StepRows rows;
    rows.student = sideOf(studentSamples, golden.at("student_vocabulary").get<std::int64_t>(), kStudentWidth);
    rows.teacher = sideOf(teacherSamples, golden.at("teacher_vocabulary").get<std::int64_t>(), kTeacherWidth);
    rows.denominator = 1.0;
    setAlignment(rows, {&alignments[0], &alignments[1]}, method.alignment, at::kCPU);
    const auto aligned = rows.pairs.student.size(0);
    EXPECT_GT(aligned, rows.student.hidden.size(0) / 2);
    EXPECT_LT(aligned, rows.student.hidden.size(0));
    const align::MatchedTokens matched = edits->matched();
    distill::ModelPair pair{kStudentWidth, kTeacherWidth, {}};
    pair.vocabularies.commonStudent = at::tensor(matched.student, at::kLong);
    pair.vocabularies.commonTeacher = at::tensor(matched.teacher, at::kLong);

    constexpr double kSinglePrecision = 1e-5; // relative; the published code computes the loss in float32
    for (const json& expected : golden.at("cases")) {
        method.temperature = expected.at("temperature");
        rows.student.head = rows.student.head.detach().requires_grad_(true);
        const distill::Distiller distiller(method, pair, 8, 1, at::kCPU, at::kDouble);
        const distill::LossTerms terms = distiller.compute(rows);
        for (const char* name : {"nll_loss", "kd_loss", "loss"}) {
            const double value = expected.at(name);
            EXPECT_NEAR(terms.values.at(name) / value, 1.0, kSinglePrecision) << name;
        }
        terms.loss.backward();
        const at::Tensor gradient = rows.student.head.grad();
        const at::Tensor probe = at::sin(counting(gradient.numel()) * 0.37).view_as(gradient);
        EXPECT_NEAR((gradient * probe).sum().item<double>() / expected.at("head_gradient_dot").get<double>(), 1.0,
                    kSinglePrecision);
        EXPECT_NEAR(gradient.norm().item<double>() / expected.at("head_gradient_norm").get<double>(), 1.0,
                    kSinglePrecision);
    }
}

TEST(MinimumEdits, AlignAnswersOfTheStudentsOwn)
{
    const test::TemporaryFolder cache;
    const test::EnvironmentVariable cacheHome("XDG_CACHE_HOME", cache.path());
    config::Experiment experiment = demoExperiment("student-llama");
    experiment.data.maxLength = 96;
    experiment.data.maxPromptLength = 48;
    experiment.method.space = config::Space::Different;
    experiment.method.alignment = config::Alignment::MinEd;
    experiment.onPolicy.ratio = 1.0;
    experiment.onPolicy.maxNewTokens = 24;
    test::RecordingObserver observer;
    Tokenizers tokenizers = loadTokenizers(experiment);
    const std::atomic<bool> stop = true;
    EXPECT_FALSE(matchSpellings(tokenizers, experiment.method, observer, &stop));
    EXPECT_EQ(tokenizers.edits, nullptr);
    EXPECT_FALSE(prepareTraining(experiment, {cache.path() / "run"}, observer, &stop));
    ASSERT_TRUE(matchSpellings(tokenizers, experiment.method, observer));
    ASSERT_NE(tokenizers.edits, nullptr);
    Tokenizers again = loadTokenizers(experiment);
    ASSERT_TRUE(matchSpellings(again, experiment.method, observer));
    EXPECT_TRUE(again.edits->wasKept());
    const std::vector<Example> examples =
        loadExamples(experiment.data.train, 3, experiment.data, tokenizers, observer, experiment.method.alignment);
    std::vector<const Example*> asked;
    std::vector<std::int64_t> numbers;
    for (const Example& example : examples) {
        EXPECT_GE(example.alignment.pairs.size(), static_cast<std::size_t>(example.student.rows() / 2));
        asked.push_back(&example);
        numbers.push_back(static_cast<std::int64_t>(numbers.size()));
    }
    const auto student = loadStudent(experiment, std::nullopt, {}, observer);
    const OnPolicy policy(experiment, tokenizers, student->config(), 10, 10);
    const std::vector<Example> answers =
        policy.examplesOf(policy.sampled(*student, asked, numbers, 0, 0).value(), examples);
    ASSERT_FALSE(answers.empty());
    for (const Example& answer : answers) {
        EXPECT_EQ(answer.alignment.pairs, tokenizers.edits->align(answer.teacher.inputs(), answer.student.inputs()));
        EXPECT_FALSE(answer.alignment.pairs.empty()); // the prompt's end at least
    }
}

} // namespace
} // namespace dskd::train
