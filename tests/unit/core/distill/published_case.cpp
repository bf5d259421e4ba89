#include "tests/unit/core/distill/published_case.h"

#include "core/align/chunks.h"
#include "core/align/exact_alignment.h"
#include "core/align/vocabulary.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "tests/support/paths.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::Fidelity;
using nlohmann::json;
using test::FakeTokenizer;

std::filesystem::path goldenFile(const std::string& name)
{
    return std::filesystem::path(test::goldenDir()) / "published" / name;
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

FakeTokenizer teacherTokenizer()
{
    return {golden().at("teacher_tokens").get<std::vector<std::string>>(),
            golden().at("teacher_eos").get<std::string>()};
}

} // namespace

const json& golden()
{
    static const json content = json::parse(std::ifstream(goldenFile("losses.json")));
    return content;
}

PublishedCase::PublishedCase(const std::string& which)
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

at::Tensor PublishedCase::inside(const std::string& side) const
{
    return tensor(side + ".labels").flatten().ne(-100).nonzero().squeeze(1);
}

at::Tensor PublishedCase::outside(const std::string& side) const
{
    return tensor(side + ".labels").flatten().eq(-100).nonzero().squeeze(1);
}

batch::StepRows PublishedCase::rows() const
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

ModelPair PublishedCase::pair() const
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

Distiller PublishedCase::distiller() const
{
    Distiller distiller(method, pair(), 7, 1, at::kCPU, at::kFloat, projectors);
    const at::NoGradGuard noGrad;
    for (const auto& [key, parameter] : distiller.projectors()) {
        const std::string own = "projector." + name + "." + key;
        at::Tensor(parameter).copy_(tensor(has(own) ? own : "projector." + key));
    }
    return distiller;
}

FakeTokenizer PublishedCase::studentTokenizer() const
{
    const json& its = expected.at("method");
    const bool hasUnknown = its.value("unk", 0) >= 0; // GPT-2's unknown token is its eos
    const std::string eos = golden().at("student_eos").get<std::string>();
    return {golden().at("student_tokens").get<std::vector<std::string>>(), eos, hasUnknown ? eos : std::string()};
}

batch::SideRows PublishedCase::side(const std::string& which) const
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

void PublishedCase::addOutside(batch::StepRows& rows) const
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

void PublishedCase::addPairs(batch::StepRows& rows, bool byPlace) const
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

} // namespace dskd::distill
