// The reference fidelities against the published criterion classes, run unmodified on tiny random models
// (tests/reference/published_losses.py). float32, as the classes compute.

#include "core/align/chunks.h"
#include "core/align/exact_alignment.h"
#include "core/align/vocabulary.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/distill/distiller.h"
#include "core/model/safetensors.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/paths.h"
#include "tests/support/step_rows.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::Fidelity;
using nlohmann::json;
using test::FakeTokenizer;

constexpr double kTolerance = 1e-5; // of a value, or of the largest element of a gradient

std::filesystem::path goldenFile(const std::string& name)
{
    return std::filesystem::path(test::goldenDir()) / "published" / name;
}

const json& golden()
{
    static const json content = json::parse(std::ifstream(goldenFile("losses.json")));
    return content;
}

template <typename Enum>
Enum choice(const json& name)
{
    for (const auto& entry : config::choicesOf<Enum>()) {
        if (entry.name == name.get<std::string>()) {
            return entry.value;
        }
    }
    throw std::runtime_error("unknown choice " + name.dump());
}

std::vector<std::int64_t> numbers(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.to(at::kLong).contiguous();
    return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

batch::Moments momentsOf(const at::Tensor& x)
{
    const at::Tensor wide = x.to(at::kDouble);
    return {wide.numel(), wide.sum().item<double>(), wide.square().sum().item<double>()};
}

// One case of the golden file as the trainer would hand it to a Distiller.
class PublishedCase
{
public:
    explicit PublishedCase(const std::string& which)
        : name(which), expected(golden().at("cases").at(which)),
          m_tensors(model::readSafetensors(goldenFile(expected.at("pair").get<std::string>() + ".safetensors")).value())
    {
        const json& its = expected.at("method");
        method.fidelity = choice<Fidelity>(expected.at("fidelity"));
        method.space = choice<config::Space>(its.at("space"));
        method.alignment = choice<Alignment>(its.at("alignment"));
        method.distance = choice<Distance>(its.at("distance"));
        method.temperature = golden().at("temperature").get<double>();
        method.teacherTemperature = golden().at("teacher_temperature").get<double>();
        method.kdRate = golden().at("kd_rate").get<double>();
        method.skewLambda = golden().at("skew_lambda").get<double>();
        method.adaptiveAlpha = golden().at("adaptive_alpha").get<double>();
        if (second() && its.contains("threshold")) {
            method.t2sTarget = config::T2sTarget::Teacher;
            method.agreementMask = true;
            method.agreementThreshold = its.at("threshold").get<double>();
        }
        if (second()) {
            projectors.bias = false;
            projectors.s2t = config::S2tProjector::Tracked;
        }
    }

    [[nodiscard]] bool second() const { return expected.at("fidelity") == "reference-v2"; }

    [[nodiscard]] const at::Tensor& tensor(const std::string& which) const { return m_tensors.at(which); }
    [[nodiscard]] bool has(const std::string& which) const { return m_tensors.contains(which); }

    // Positions (B x L, flat) that are response rows of a side, and the others.
    [[nodiscard]] at::Tensor inside(const std::string& side) const
    {
        return tensor(side + ".labels").flatten().ne(-100).nonzero().squeeze(1);
    }
    [[nodiscard]] at::Tensor outside(const std::string& side) const
    {
        return tensor(side + ".labels").flatten().eq(-100).nonzero().squeeze(1);
    }

    [[nodiscard]] batch::StepRows rows() const
    {
        batch::StepRows rows;
        rows.denominator = expected.at("denominator").get<double>();
        rows.student = side("student");
        rows.teacher = side("teacher");
        if (config::seesPaddedBatch(method)) {
            addOutside(rows);
        }
        if (method.alignment == Alignment::EtaPublished) {
            addPairs(rows, /*byPlace=*/false);
        } else if (method.alignment == Alignment::Position) {
            addPairs(rows, /*byPlace=*/true);
        }
        rows.student.hidden.requires_grad_(true);
        return rows;
    }

    [[nodiscard]] ModelPair pair() const
    {
        ModelPair pair{8, 12, {}};
        if (expected.at("pair") == "two_vocabularies" && second()) {
            const auto maps = align::publishedVocabularies(teacherTokenizer(), studentTokenizer());
            pair.vocabularies.studentFromTeacher =
                at::tensor(std::vector<std::int64_t>(maps.studentFromTeacher.begin(), maps.studentFromTeacher.end()));
            pair.vocabularies.commonStudent =
                at::tensor(std::vector<std::int64_t>(maps.commonStudent.begin(), maps.commonStudent.end()));
            pair.vocabularies.commonTeacher =
                at::tensor(std::vector<std::int64_t>(maps.commonTeacher.begin(), maps.commonTeacher.end()));
        }
        return pair;
    }

    // With the golden projectors.
    [[nodiscard]] Distiller distiller() const
    {
        Distiller distiller(method, pair(), 7, 1, at::kCPU, at::kFloat, projectors);
        const at::NoGradGuard noGrad;
        for (const auto& [key, parameter] : distiller.projectors()) {
            const std::string own = "projector." + name + "." + key;
            at::Tensor(parameter).copy_(tensor(has(own) ? own : "projector." + key));
        }
        return distiller;
    }

    std::string name;
    json expected;
    config::MethodConfig method;
    config::ProjectorConfig projectors;

private:
    [[nodiscard]] static FakeTokenizer teacherTokenizer()
    {
        return {golden().at("teacher_tokens").get<std::vector<std::string>>(),
                golden().at("teacher_eos").get<std::string>()};
    }
    [[nodiscard]] FakeTokenizer studentTokenizer() const
    {
        const json& its = expected.at("method");
        const bool hasUnknown = its.value("unk", 0) >= 0; // GPT-2's unknown token is its eos
        const std::string eos = golden().at("student_eos").get<std::string>();
        return {golden().at("student_tokens").get<std::vector<std::string>>(), eos, hasUnknown ? eos : std::string()};
    }

    [[nodiscard]] batch::SideRows side(const std::string& which) const
    {
        const at::Tensor at = inside(which);
        batch::SideRows rows;
        rows.hidden = tensor(which + ".hidden").flatten(0, 1).index_select(0, at);
        rows.labels = tensor(which + ".labels").flatten().index_select(0, at);
        rows.inputIds = tensor(which + ".ids").flatten().index_select(0, at);
        rows.head = tensor(which + ".head").clone();
        rows.embedding = tensor(which + ".embedding");
        rows.rowsPerSample = numbers(tensor(which + ".labels").ne(-100).sum(1));
        return rows;
    }

    void addOutside(batch::StepRows& rows) const
    {
        for (batch::SideRows* of : {&rows.student, &rows.teacher}) {
            const std::string which = of == &rows.student ? "student" : "teacher";
            const at::Tensor at = outside(which);
            batch::OutsideRows others;
            others.positions = at.numel();
            others.states = tensor(which + ".hidden").flatten(0, 1).index_select(0, at);
            others.hidden = momentsOf(others.states);
            others.rowsPerSample = numbers(tensor(which + ".labels").eq(-100).sum(1));
            const at::Tensor predicted = at::linear(others.states, of->head).argmax(1);
            others.predicted = momentsOf(of->embedding.index_select(0, predicted));
            of->outside = std::move(others);
        }
        if (!config::chunksPaddedBatch(method)) {
            return;
        }
        std::vector<std::int64_t> student;
        std::vector<std::int64_t> teacher;
        for (std::int64_t i = 0; i < tensor("student.offsets").size(0); ++i) {
            const align::Chunks chunks =
                align::publishedChunks(numbers(tensor("teacher.offsets")[i]), numbers(tensor("student.offsets")[i]));
            student.insert(student.end(), chunks.student.begin(), chunks.student.end());
            teacher.insert(teacher.end(), chunks.teacher.begin(), chunks.teacher.end());
        }
        rows.student.chunks = at::tensor(student).index_select(0, inside("student"));
        rows.teacher.chunks = at::tensor(teacher).index_select(0, inside("teacher"));
        rows.student.outside->chunks = at::tensor(student).index_select(0, outside("student"));
        rows.teacher.outside->chunks = at::tensor(teacher).index_select(0, outside("teacher"));
        rows.student.outside->states.requires_grad_(true);
    }

    void addPairs(batch::StepRows& rows, bool byPlace) const
    {
        const FakeTokenizer ours = studentTokenizer();
        const FakeTokenizer theirs = teacherTokenizer();
        std::vector<std::int64_t> student;
        std::vector<std::int64_t> teacher;
        std::int64_t studentBegin = 0;
        std::int64_t teacherBegin = 0;
        for (std::size_t i = 0; i < rows.student.rowsPerSample.size(); ++i) {
            const auto pieces = [](const FakeTokenizer& tokenizer, const at::Tensor& labels) {
                std::vector<std::string> spelled;
                for (const std::int64_t id : numbers(labels)) {
                    spelled.emplace_back(tokenizer.piece(static_cast<tokenizer::TokenId>(id)));
                }
                return spelled;
            };
            const std::int64_t studentCount = rows.student.rowsPerSample[i];
            const std::int64_t teacherCount = rows.teacher.rowsPerSample[i];
            std::vector<align::TokenPair> pairs;
            if (byPlace) {
                for (std::int32_t row = 0; row < std::min(studentCount, teacherCount); ++row) {
                    pairs.push_back({row, row});
                }
            } else {
                pairs = align::alignPublished(pieces(theirs, rows.teacher.labels.narrow(0, teacherBegin, teacherCount)),
                                              pieces(ours, rows.student.labels.narrow(0, studentBegin, studentCount)),
                                              golden().at("teacher_eos").get<std::string>(),
                                              golden().at("student_eos").get<std::string>());
            }
            for (const align::TokenPair& pair : pairs) {
                student.push_back(studentBegin + pair.studentRow);
                teacher.push_back(teacherBegin + pair.teacherRow);
            }
            studentBegin += studentCount;
            teacherBegin += teacherCount;
        }
        rows.pairs = {at::tensor(student), at::tensor(teacher)};
    }

    model::TensorMap m_tensors;
};

// The terms that both log under one name, or ours under another. With two vocabularies the second published code
// divides t2s_acc by the micro-batch and counts tokens that are not aligned.
std::vector<std::pair<std::string, std::string>> comparedTerms(const PublishedCase& test)
{
    std::vector<std::pair<std::string, std::string>> names{{"loss", "loss"},
                                                           {"nll_loss", "nll_loss"},
                                                           {"kd_loss", "kd_loss"},
                                                           {"accuracy", "accuracy"},
                                                           {"uld_loss", "kd_loss"},
                                                           {"t2s_ce_loss", "t2s_ce_loss"},
                                                           {"t2s_kd_loss", "t2s_kd_loss"},
                                                           {"s2t_kd_loss", "s2t_kd_loss"},
                                                           {"t2s_agreement", "t2s_agreement"},
                                                           {"align_ratio", "align_ratio"}};
    if (test.method.alignment == config::Alignment::None) {
        for (const char* name : {"t2s_acc", "t_acc", "s2t_agreement"}) {
            names.emplace_back(name, name);
        }
    }
    if (!test.second()) {
        for (const char* name : {"t2s_acc", "s2t_acc", "max_t2s_prob"}) {
            names.emplace_back(name, name);
        }
    }
    return names;
}

void expectClose(double actual, double expected, const std::string& what)
{
    EXPECT_NEAR(actual, expected, kTolerance * std::max(1.0, std::abs(expected))) << what;
}

void expectGradient(const at::Tensor& actual, const at::Tensor& expected, const std::string& what)
{
    ASSERT_TRUE(actual.defined()) << what;
    const double largest = expected.abs().max().item<double>();
    support::expectNear(actual.to(at::kDouble), expected.to(at::kDouble), kTolerance * std::max(1e-3, largest), what);
}

class Published : public testing::TestWithParam<std::string>
{
};

TEST_P(Published, LossAndTermsAreThoseOfTheCriterion)
{
    const PublishedCase test(GetParam());
    const LossTerms terms = test.distiller().compute(test.rows());
    expectClose(terms.loss.item<double>(), test.expected.at("terms").at("loss").get<double>(), "loss");
    int compared = 0;
    for (const auto& [theirs, ours] : comparedTerms(test)) {
        if (test.expected.at("terms").contains(theirs)) {
            ASSERT_TRUE(terms.values.contains(ours)) << ours;
            expectClose(terms.values.at(ours), test.expected.at("terms").at(theirs).get<double>(), theirs);
            ++compared;
        }
    }
    EXPECT_GE(compared, 4);
}

TEST_P(Published, GradientsAreThoseOfTheCriterion)
{
    const PublishedCase test(GetParam());
    const Distiller distiller = test.distiller();
    const batch::StepRows rows = test.rows();
    distiller.compute(rows).loss.backward();
    const at::Tensor expected = test.tensor("gradient." + test.name + ".hidden").flatten(0, 1);
    expectGradient(rows.student.hidden.grad(), expected.index_select(0, test.inside("student")), "response rows");
    const at::Tensor elsewhere = expected.index_select(0, test.outside("student"));
    if (config::attendsToPadding(test.method)) {
        EXPECT_GT(elsewhere.abs().max().item<double>(), 0.0); // the case is one where it matters
        expectGradient(rows.student.outside->states.grad(), elsewhere, "prompt and padding");
    } else {
        EXPECT_EQ(elsewhere.abs().max().item<double>(), 0.0);
    }
    for (const auto& [key, parameter] : distiller.projectors()) {
        const std::string which = "gradient." + test.name + "." + key;
        if (test.has(which)) {
            expectGradient(parameter.grad(), test.tensor(which), key);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Criteria, Published,
                         testing::Values("vanilla_kl", "vanilla_rkl", "vanilla_js", "vanilla_skl", "vanilla_srkl",
                                         "vanilla_akl", "dskd", "uld", "cma", "cma_kq", "cla", "clp", "dskd_v2",
                                         "dskd_v2_unmasked", "eta", "eta_unmasked", "eta_without_unk", "cma_v2"),
                         [](const auto& test) { return test.param; });

TEST(PublishedCases, AreAllTested)
{
    EXPECT_EQ(golden().at("cases").size(), 18u);
}

// The switch is not idle: the paper's value of the same batch is another one wherever the published code deviates.
TEST(PublishedCases, DifferFromThePaperWhereTheCodeDoes)
{
    for (const char* name : {"uld", "cma", "cla", "clp", "dskd_v2", "eta", "cma_v2"}) {
        PublishedCase test(name);
        test.method.fidelity = Fidelity::Paper;
        test.method.teacherTemperature = 1.0; // which is no difference of its own here
        batch::StepRows rows = test.rows();
        if (config::attendsWithinChunks(test.method)) {
            PublishedCase padded(name);
            rows.student.chunks = padded.rows().student.chunks;
            rows.teacher.chunks = padded.rows().teacher.chunks;
        }
        const double loss = test.distiller().compute(rows).loss.item<double>();
        EXPECT_GT(std::abs(loss - test.expected.at("terms").at("loss").get<double>()), 1e-3) << name;
    }
}

TEST(PublishedCases, PaddingCountsAsPublishedAndNotInThePaper)
{
    PublishedCase test("cma");
    batch::StepRows rows = test.rows();
    const auto loss = [&] { return test.distiller().compute(rows).loss.item<double>(); };
    const double published = loss();
    rows.teacher.outside->positions += 40; // a longer data.max_length
    EXPECT_GT(std::abs(loss() - published), 1e-4);
    test.method.fidelity = Fidelity::Paper;
    batch::StepRows bare = test.rows();
    ASSERT_FALSE(bare.teacher.outside.has_value());
    const double paper = test.distiller().compute(bare).loss.item<double>();
    EXPECT_NE(paper, published);
}

TEST(PublishedCases, AttentionWithoutTheRestOfTheBatchIsRefused)
{
    const PublishedCase test("cma");
    batch::StepRows rows = test.rows();
    rows.teacher.outside.reset();
    EXPECT_THROW((void)test.distiller().compute(rows), c10::Error);
}

// DeepSpeed averages over the micro-batches, whose denominator is the step's tokens over their number.
TEST(PublishedCases, MeansOfOneMicroBatchAreAveragedOverTheStep)
{
    for (const char* name : {"dskd_v2", "dskd_v2_unmasked", "eta", "eta_unmasked", "cma_v2"}) {
        const PublishedCase test(name);
        batch::StepRows rows = test.rows();
        rows.denominator *= 3.0;
        rows.microBatches = 3.0;
        const double loss = test.distiller().compute(rows).loss.item<double>();
        expectClose(3.0 * loss, test.expected.at("terms").at("loss").get<double>(), name);
    }
}

TEST(PublishedCases, PseudoInverseIsTheProjectorInit)
{
    for (const char* name : {"dskd_v2", "eta"}) {
        const PublishedCase test(name);
        Distiller distiller = test.distiller();
        (void)distiller.initialise(test.tensor("student.head"), test.tensor("teacher.head"));
        support::expectNear(distiller.projectors().front().second.detach(), test.tensor("initial_t2s"), 1e-4, name);
    }
}

// A detached path changes the loss, never the gradient: teacher's states outside the response are constants.
TEST(PublishedCases, NothingOfTheTeacherIsTrained)
{
    const PublishedCase test("cla");
    batch::StepRows rows = test.rows();
    rows.teacher.hidden = rows.teacher.hidden.clone().requires_grad_(true);
    rows.teacher.embedding = rows.teacher.embedding.clone().requires_grad_(true);
    rows.teacher.outside->states = rows.teacher.outside->states.clone().requires_grad_(true);
    const Distiller distiller = test.distiller();
    const LossTerms terms = distiller.compute(rows);
    terms.loss.backward();
    for (const at::Tensor& constant : {rows.teacher.hidden, rows.teacher.embedding, rows.teacher.outside->states}) {
        EXPECT_FALSE(constant.grad().defined() && constant.grad().abs().max().item<double>() > 0.0);
    }
    rows.teacher.outside->states = rows.teacher.outside->states.detach() * 3.0;
    EXPECT_GT(std::abs(distiller.compute(rows).loss.item<double>() - terms.loss.item<double>()), 1e-4);
}

} // namespace
} // namespace dskd::distill
