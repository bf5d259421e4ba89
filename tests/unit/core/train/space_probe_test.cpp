// What the probes record of representation spaces, against plain float64 computations on the same rows.

#include "core/align/marked_answer.h"
#include "core/analysis/structure_distance.h"
#include "core/base/random_stream.h"
#include "core/base/result.h"
#include "core/config/schema/experiment_json.h"
#include "core/teacher/live_teacher.h"
#include "core/train/evaluate/probes.h"
#include "core/train/loop/step.h"
#include "tests/unit/core/train/trained_runs.h"
#include "tests/unit/core/train/word_tokenizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace dskd::train
{
namespace
{

using test::RecordingObserver;

// A pair with one tokenizer, and what probes look at it with.
struct Pair {
    config::Experiment experiment = test::tinyExperiment();
    Tokenizers tokenizers;
    std::unique_ptr<model::CausalLm> student = test::tinyModel(16, 5);
    teacher::LiveTeacher teacher{test::tinyModel(24, 7), config::LossOn::Response, 1 << 20};
    std::unique_ptr<distill::Distiller> distiller;
    std::vector<Example> examples = test::tinyExamples(5, 1);

    explicit Pair(const std::string& method = "dskd")
    {
        tokenizers.student = words();
        tokenizers.teacher = tokenizers.student;
        EXPECT_TRUE(config::setField(experiment, "method", method));
        distiller = std::make_unique<distill::Distiller>(experiment.method, distill::ModelPair{16, 24}, 3, 6);
        for (Example& example : examples) {
            example.record.responses = {""};
        }
    }
    [[nodiscard]] batch::StepRows rows(std::size_t sample)
    {
        const at::NoGradGuard noGrad;
        return stepRows(*student, &teacher, {{&examples[sample]}, {-1}}, config::LossOn::Response,
                        config::Alignment::None, 1.0, false);
    }
    [[nodiscard]] Probes probes(const std::vector<SpaceAxes>& kept = {}, bool withTeacher = true)
    {
        return {experiment, tokenizers, examples, *student, withTeacher ? &teacher : nullptr, *distiller, kept};
    }
};

// Sums over rows in float64 from hidden states and a head.
struct Sums {
    double entropy = 0.0;
    double correct = 0.0;
    double rows = 0.0;
    std::vector<std::int64_t> predicted;

    void add(const at::Tensor& hidden, const at::Tensor& head, const at::Tensor& labels)
    {
        const at::Tensor logits = at::mm(hidden.to(at::kDouble), head.to(at::kDouble).t());
        for (std::int64_t r = 0; r < logits.size(0); ++r) {
            const at::Tensor q = at::softmax(logits[r], 0);
            for (std::int64_t v = 0; v < q.size(0); ++v) {
                const double share = q[v].item<double>();
                entropy -= share * std::log(share);
            }
            predicted.push_back(logits[r].argmax().item<std::int64_t>());
            correct += predicted.back() == labels[r].item<std::int64_t>() ? 1.0 : 0.0;
            rows += 1.0;
        }
    }
};

double shareEqual(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b)
{
    double equal = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        equal += a[i] == b.at(i) ? 1.0 : 0.0;
    }
    return equal / static_cast<double>(a.size());
}

at::Tensor projectorOf(const distill::Distiller& distiller, const std::string& name)
{
    for (const auto& [projector, tensor] : distiller.projectors()) {
        if (projector == name) {
            return tensor.detach().to(at::kDouble);
        }
    }
    throw std::runtime_error("no projector " + name);
}

at::Tensor projected(const Pair& pair, const std::string& name, const at::Tensor& hidden)
{
    return at::linear(hidden.to(at::kDouble), projectorOf(*pair.distiller, name + ".weight"),
                      projectorOf(*pair.distiller, name + ".bias"));
}

} // namespace

TEST(SpaceProbe, RecordsTheDistancesOfEverySampleAndTheirMeans)
{
    Pair pair;
    RecordingObserver seen;
    pair.probes().record(4, 0, seen);
    ASSERT_EQ(seen.structure.at(4).size(), 5U);
    double cosine = 0.0;
    double productMean = 0.0;
    for (std::size_t i = 0; i < 5; ++i) {
        const batch::StepRows rows = pair.rows(i);
        const auto expected = analysis::structureDistance(rows.student.hidden, rows.teacher.hidden);
        const SampleStructure& sample = seen.structure.at(4)[i];
        EXPECT_EQ(sample.sample, static_cast<std::int64_t>(i));
        EXPECT_EQ(sample.rows, pair.examples[i].student.rows());
        EXPECT_EQ(sample.cosine, expected.cosine);
        EXPECT_EQ(sample.product, expected.product);
        EXPECT_EQ(sample.cosineMean, expected.cosineMean);
        EXPECT_EQ(sample.productMean, expected.productMean);
        EXPECT_EQ(sample.productRows, expected.productRows);
        EXPECT_GT(sample.cosine, 0.0);
        cosine += expected.cosine / 5.0;
        productMean += expected.productMean / 5.0;
    }
    EXPECT_NEAR(seen.metrics.at(4).at("structure.cosine"), cosine, 1e-12 * cosine);
    EXPECT_NEAR(seen.metrics.at(4).at("structure.product_mean"), productMean, 1e-12 * productMean);
}

TEST(SpaceProbe, RecordsEntropiesAccuraciesAndAgreementsOfAllRows)
{
    Pair pair;
    RecordingObserver seen;
    pair.probes().record(0, 0, seen);
    Sums q, p, t2s, s2t;
    for (std::size_t i = 0; i < pair.examples.size(); ++i) {
        const batch::StepRows rows = pair.rows(i);
        const batch::SideRows& student = rows.student;
        const batch::SideRows& teacher = rows.teacher;
        q.add(student.hidden, student.head, student.labels);
        p.add(teacher.hidden, teacher.head, teacher.labels);
        t2s.add(projected(pair, "t2s", teacher.hidden), student.head, student.labels);
        s2t.add(projected(pair, "s2t", student.hidden), teacher.head, teacher.labels);
    }
    const std::map<std::string, double>& values = seen.metrics.at(0);
    for (const auto& [name, sums] :
         std::map<std::string, const Sums*>{{"q", &q}, {"p", &p}, {"t2s", &t2s}, {"s2t", &s2t}}) {
        // the models compute in float32
        EXPECT_NEAR(values.at("probe." + name + "_entropy"), sums->entropy / sums->rows, 1e-5) << name;
        EXPECT_NEAR(values.at("probe." + name + "_accuracy"), sums->correct / sums->rows, 1e-12) << name;
    }
    EXPECT_NEAR(values.at("probe.q_agreement"), shareEqual(q.predicted, p.predicted), 1e-12);
    EXPECT_NEAR(values.at("probe.s2t_agreement"), shareEqual(q.predicted, s2t.predicted), 1e-12);
    EXPECT_GT(values.at("probe.q_entropy"), 0.1);
}

TEST(SpaceProbe, RecordsWhatThereIsWithoutProjectorAndWithoutTeacher)
{
    Pair vanilla("vanilla");
    RecordingObserver seen;
    vanilla.probes().record(0, 0, seen);
    EXPECT_EQ(seen.structure.at(0).size(), 5U);
    EXPECT_TRUE(seen.metrics.at(0).contains("probe.p_entropy"));
    EXPECT_FALSE(seen.metrics.at(0).contains("probe.t2s_entropy"));
    for (const SpacePoint& point : seen.points.at(0)) {
        EXPECT_EQ(point.space, point.side) << "nothing is projected";
    }

    Pair sft("sft");
    RecordingObserver beside; // log.probe_teacher
    sft.probes().record(0, 0, beside);
    EXPECT_EQ(beside.structure.at(0).size(), 5U);
    EXPECT_EQ(beside.metrics.at(0).at("structure.cosine"), seen.metrics.at(0).at("structure.cosine"))
        << "the same models";

    RecordingObserver alone;
    sft.probes({}, /*withTeacher=*/false).record(0, 0, alone);
    EXPECT_TRUE(alone.structure.at(0).empty());
    EXPECT_EQ(alone.metrics.at(0).at("probe.q_entropy"), seen.metrics.at(0).at("probe.q_entropy"));
    EXPECT_EQ(alone.metrics.at(0).size(), 2U) << "entropy and accuracy of the student";
    ASSERT_FALSE(alone.points.at(0).empty());
    for (const SpacePoint& point : alone.points.at(0)) {
        EXPECT_EQ(point.space, Side::Student);
        EXPECT_EQ(point.side, Side::Student);
    }
}

TEST(SpaceProbe, DrawsEachStateAndItsCounterpartOnTheAxesOfTheFirstProbe)
{
    Pair pair;
    RecordingObserver seen;
    Probes probes = pair.probes();
    probes.record(0, 0, seen);
    ASSERT_EQ(seen.axes.size(), 2U);
    const SpaceAxes& axes = seen.axes[0];
    EXPECT_EQ(axes.space, Side::Student);
    EXPECT_EQ(axes.center.size(), 16U);
    EXPECT_EQ(seen.axes[1].center.size(), 24U);
    std::int64_t rows = 0;
    for (const Example& example : pair.examples) {
        rows += example.student.rows();
    }
    ASSERT_LT(rows, SpaceProbe::kMostRows);
    ASSERT_EQ(seen.points.at(0).size(), static_cast<std::size_t>(4 * rows)) << "two sides in two spaces";
    const auto placeOf = [&](const at::Tensor& state) {
        double x = 0.0;
        double y = 0.0;
        for (std::size_t i = 0; i < axes.center.size(); ++i) {
            const double centered = state[static_cast<std::int64_t>(i)].item<double>() - axes.center[i];
            x += centered * axes.first[i];
            y += centered * axes.second[i];
        }
        return std::pair(x, y);
    };
    const auto expectPoints = [&](std::int64_t step) {
        for (const SpacePoint& point : seen.points.at(step)) {
            if (point.space != Side::Student) {
                continue;
            }
            const auto sample = static_cast<std::size_t>(point.sample);
            const batch::StepRows of = pair.rows(sample);
            const at::Tensor state = point.side == Side::Student ? of.student.hidden[point.row].to(at::kDouble)
                                                                 : projected(pair, "t2s", of.teacher.hidden)[point.row];
            const auto [x, y] = placeOf(state);
            EXPECT_NEAR(point.x, x, 1e-4);
            EXPECT_NEAR(point.y, y, 1e-4);
            const dataset::Sample& text = pair.examples[sample].student;
            const auto predicts = static_cast<std::size_t>(text.firstRow() + point.row + 1);
            EXPECT_EQ(point.token, align::tokenLabel(*pair.tokenizers.student, text.ids[predicts]));
        }
    };
    expectPoints(0);
    {
        const at::NoGradGuard noGrad;
        for (const model::NamedTensor& parameter : pair.student->parameters()) { // the states move
            if (parameter.name.find("norm") != std::string::npos) {
                at::Tensor weight = parameter.tensor;
                weight.copy_(weight * at::linspace(0.5, 2.0, weight.size(0)));
            }
        }
    }
    probes.record(5, 0, seen);
    EXPECT_EQ(seen.axes.size(), 2U) << "they were fitted once";
    expectPoints(5);
    double moved = 0.0;
    for (std::size_t i = 0; i < seen.points.at(0).size(); ++i) {
        moved = std::max(moved, std::abs(seen.points.at(5)[i].x - seen.points.at(0)[i].x));
    }
    EXPECT_GT(moved, 0.01);
}

TEST(SpaceProbe, GoesOnDrawingOnTheAxesOfAnEarlierAttempt)
{
    Pair pair;
    RecordingObserver first;
    pair.probes().record(0, 0, first);
    RecordingObserver resumed;
    std::vector<SpaceAxes> other = first.axes;
    other[0].center[3] += 1.0;
    pair.probes(other).record(3, 0, resumed);
    EXPECT_TRUE(resumed.axes.empty());
    const double by = -other[0].first[3];
    EXPECT_NEAR(resumed.points.at(3)[0].x, first.points.at(0)[0].x + by, 1e-9);

    RecordingObserver refitted;
    other[0].center.push_back(0.0); // of a student of another width
    other[0].first.push_back(0.0);
    other[0].second.push_back(0.0);
    pair.probes(other).record(3, 0, refitted);
    ASSERT_EQ(refitted.axes.size(), 1U);
    EXPECT_EQ(refitted.axes[0].step, 3);
}

TEST(SpaceProbe, DrawsAtMostSoManyRowsChosenByTheSeed)
{
    Pair pair;
    pair.examples = test::tinyExamples(200, 3);
    for (Example& example : pair.examples) {
        example.record.responses = {""};
    }
    const auto rowsOf = [&](std::uint64_t seed) {
        pair.experiment.seed = seed;
        RecordingObserver seen;
        pair.probes().record(0, 0, seen);
        std::set<std::pair<std::int64_t, std::int64_t>> rows;
        std::int64_t count = 0;
        for (const SpacePoint& point : seen.points.at(0)) {
            if (point.space == Side::Student && point.side == Side::Student) {
                rows.emplace(point.sample, point.row);
                ++count;
            }
        }
        EXPECT_EQ(static_cast<std::int64_t>(rows.size()), count) << "each once";
        EXPECT_EQ(count, SpaceProbe::kMostRows);
        return rows;
    };
    EXPECT_EQ(rowsOf(1), rowsOf(1));
    EXPECT_NE(rowsOf(1), rowsOf(2));
}

TEST(SpaceProbe, ComparesTwoTokenizersWhereEtaPairsTheirTokens)
{
    config::Experiment experiment = demoExperiment("student-llama");
    ASSERT_TRUE(config::setField(experiment, "method", "dskd-cma"));
    experiment.data.maxLength = 64;
    experiment.data.maxPromptLength = 48;
    RecordingObserver seen;
    const Tokenizers tokenizers = loadTokenizers(experiment);
    ASSERT_FALSE(tokenizers.shared());
    std::vector<Example> examples = loadExamples(experiment.data.train, 3, experiment.data, tokenizers, seen);
    const auto student = loadStudent(experiment, std::nullopt, {}, seen);
    teacher::LiveTeacher teacher(model::loadCausalLm(experiment.teacher.model).value(), experiment.data.lossOn,
                                 1 << 20);
    distill::Distiller distiller(
        experiment.method, distill::ModelPair{student->config().width, teacher.liveModel()->config().width}, 64, 6);
    Probes(experiment, tokenizers, examples, *student, &teacher, distiller).record(0, 0, seen);

    ASSERT_EQ(seen.structure.at(0).size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        const Example& example = examples[i];
        const auto pairs = rowPartners(tokenizers, example, experiment.data.lossOn);
        ASSERT_FALSE(pairs.empty());
        const at::NoGradGuard noGrad;
        const batch::StepRows rows = stepRows(*student, &teacher, {{&example}, {-1}}, experiment.data.lossOn,
                                              experiment.method.alignment, 1.0, false);
        std::vector<at::Tensor> ofStudent;
        std::vector<at::Tensor> ofTeacher;
        for (const align::TokenPair& pair : pairs) {
            ofStudent.push_back(rows.student.hidden[pair.studentRow]);
            ofTeacher.push_back(rows.teacher.hidden[pair.teacherRow]);
        }
        const auto expected = analysis::structureDistance(at::stack(ofStudent), at::stack(ofTeacher));
        EXPECT_EQ(seen.structure.at(0)[i].rows, static_cast<std::int64_t>(pairs.size()));
        EXPECT_NEAR(seen.structure.at(0)[i].cosineMean, expected.cosineMean, 1e-9);
        EXPECT_NEAR(seen.structure.at(0)[i].product, expected.product, 1e-6 * (1.0 + expected.product));
    }
    EXPECT_TRUE(seen.metrics.at(0).contains("probe.s2t_agreement")) << "under a soft alignment where rows say the same";
    bool projectedTeacher = false;
    for (const SpacePoint& point : seen.points.at(0)) {
        projectedTeacher = projectedTeacher || (point.space == Side::Student && point.side == Side::Teacher);
    }
    EXPECT_TRUE(projectedTeacher);
}

} // namespace dskd::train
