#include "core/bench/run_bench.h"

#include "core/base/distance.h"
#include "core/base/processor_name.h"
#include "core/base/usable_threads.h"
#include "core/base/version.h"
#include "core/batch/step_rows.h"
#include "core/bench/gradient_difference.h"
#include "core/bench/measure.h"
#include "core/bench/measure_align.h"
#include "core/bench/memory_needed.h"
#include "core/bench/published_step.h"
#include "core/bench/shapes.h"
#include "core/bench/step_pair.h"
#include "core/config/schema/choices.h"
#include "core/distill/distiller.h"
#include "core/model/causal_lm.h"
#include "core/model/generate.h"
#include "core/train/job/device.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <torch/version.h>
#include <utility>
#include <vector>

namespace dskd::bench
{
namespace
{

using nlohmann::json;

constexpr std::uint64_t kRowSeed = 7;

std::vector<Distance> distancesOf(const jobs::BenchJob& job)
{
    if (job.distance == "all") {
        return {kAllDistances.begin(), kAllDistances.end()};
    }
    std::string all;
    for (const DistanceRow& row : kDistances) {
        if (row.name == job.distance) {
            return {row.value};
        }
        all += std::string(row.name) + ", ";
    }
    throw Error("There is no distance \"" + job.distance + "\".", "The distances: " + all + "or all of them: all.",
                FailureKind::Usage);
}

void requirePositions(const model::ModelConfig& config, std::int64_t length)
{
    if (length > config.maxPositions) {
        throw Error("A sample of " + std::to_string(length) + " positions is longer than the " +
                        std::to_string(config.maxPositions) + " that a model of this shape has.",
                    "Lower --length.", FailureKind::Usage);
    }
}

json toJson(const Quartiles& seconds)
{
    return {{"low", seconds.low}, {"median", seconds.median}, {"high", seconds.high}};
}

json sideOf(const std::string& name, const Measured& measured)
{
    return {{"side", name},
            {"wall", toJson(measured.wall)},
            {"user", toJson(measured.user)},
            {"sys", toJson(measured.sys)},
            {"processor", toJson(measured.processor)},
            {"peak_bytes", measured.peakBytes}};
}

json sideOf(const std::string& name, const Measured& measured, double tokens)
{
    json side = sideOf(name, measured);
    side["tokens_per_second"] = tokens / measured.wall.median;
    return side;
}

// Of one of our sides: the products that it computes, and how it compares with the other code.
void addOurs(json& side, const Measured& ours, const Measured& other, double products, double productRate)
{
    side["flops"] = products;
    side["flops_per_second"] = products / ours.wall.median;
    side["product_share"] = products / ours.wall.median / productRate;
    json ratio = {{"wall", other.wall.median / ours.wall.median}};
    if (ours.processor.median > 0.0) {
        ratio["processor"] = other.processor.median / ours.processor.median;
    }
    if (ours.peakBytes > 0 && other.peakBytes > 0) {
        ratio["memory"] = static_cast<double>(other.peakBytes) / static_cast<double>(ours.peakBytes);
    }
    side["ratio"] = std::move(ratio);
}

double relative(double ours, double theirs)
{
    return std::abs(ours - theirs) / std::max(std::abs(theirs), 1e-30);
}

json measureStep(const Shape& shape, const jobs::BenchJob& job, at::Device device, Distance distance,
                 double productRate, json& about)
{
    StepPair pair(shape, job, distance, device);
    about["tokens"] = pair.tokens();
    about["rows"] = pair.rows();
    const StepComparison first = pair.compare(); // from the same weights
    (void)pair.ours(/*teacherFromMemory=*/true); // remembers the teacher's rows
    const std::array<std::function<void()>, 3> works{[&] { (void)pair.ours(true); }, [&] { (void)pair.ours(false); },
                                                     [&] { (void)pair.published(); }};
    const std::vector<Measured> measured = measureInTurns(device, works, job.times);
    const auto tokens = static_cast<double>(pair.tokens());
    json sides = json::array();
    sides.push_back(sideOf("ours, teacher from memory", measured[0], tokens));
    addOurs(sides.back(), measured[0], measured[2], pair.products(true), productRate);
    sides.push_back(sideOf("ours", measured[1], tokens));
    addOurs(sides.back(), measured[1], measured[2], pair.products(false), productRate);
    sides.push_back(sideOf("published", measured[2], tokens));
    return {{"distance", std::string(name(distance))},
            {"loss_difference", relative(first.ours.loss, first.published.loss)},
            {"gradient_difference", first.gradientDifference},
            {"sides", std::move(sides)}};
}

// Random states as a final norm leaves them, and heads that give them logits of a deviation near 3.
batch::SideRows randomSide(std::int64_t rows, std::int64_t vocabulary, std::int64_t width, at::Generator& generator,
                           const at::TensorOptions& options)
{
    const auto normal = [&](at::IntArrayRef sizes, double deviation) {
        return at::empty(sizes, at::TensorOptions(at::kFloat)).normal_(0.0, deviation, generator).to(options);
    };
    batch::SideRows side;
    side.hidden = normal({rows, width}, 1.0);
    side.head = normal({vocabulary, width}, 3.0 / std::sqrt(static_cast<double>(width)));
    side.embedding = side.head;
    side.labels = at::empty({rows}, at::kLong).random_(0, vocabulary, generator).to(options.device());
    side.inputIds = side.labels;
    side.rowsPerSample = {rows};
    return side;
}

json measureLoss(const Shape& shape, const jobs::BenchJob& job, at::Device device, Distance distance,
                 double productRate, json& about)
{
    const config::Experiment experiment = experimentOf(job, shape, distance);
    const std::int64_t vocabulary = shape.student.vocabularyRows;
    const std::int64_t count = dollyLikeRows(job.samples, job.length);
    about["rows"] = count;
    const at::ScalarType dtype = train::dtypeOf(job.precision);
    at::Generator generator = at::detail::createCPUGenerator(kRowSeed);
    batch::StepRows rows;
    const at::TensorOptions options = at::TensorOptions(device).dtype(dtype);
    rows.student = randomSide(count, vocabulary, shape.student.width, generator, options);
    rows.teacher = randomSide(count, vocabulary, shape.teacher.width, generator, options);
    rows.teacher.labels = rows.student.labels;
    rows.teacher.inputIds = rows.student.inputIds;
    rows.denominator = static_cast<double>(count);
    rows.student.hidden.requires_grad_(true);
    rows.student.head.requires_grad_(true);
    distill::Distiller distiller(experiment.method, {shape.student.width, shape.teacher.width}, job.chunkRows,
                                 experiment.seed, device, dtype);
    const PublishedProjectors projectors(distiller.projectors().begin(), distiller.projectors().end());
    std::vector<at::Tensor> learning{rows.student.hidden, rows.student.head};
    learning.reserve(learning.size() + projectors.size());
    for (const auto& projector : projectors) {
        learning.push_back(projector.second);
    }
    const auto clearGradients = [&] {
        for (const at::Tensor& tensor : learning) {
            tensor.mutable_grad() = at::Tensor();
        }
    };
    const auto gradients = [&] {
        std::vector<at::Tensor> all;
        all.reserve(learning.size());
        for (const at::Tensor& tensor : learning) {
            all.push_back(tensor.grad());
        }
        return all;
    };
    const auto ours = [&] {
        clearGradients();
        distiller.beginStep();
        const distill::LossTerms terms = distiller.compute(rows);
        terms.loss.backward();
        return terms.loss.item<double>();
    };
    const auto eager = [&] {
        clearGradients();
        const PublishedLoss loss = publishedLoss(
            experiment.method, {rows.student.hidden, rows.student.head, rows.teacher.hidden, rows.teacher.head},
            rows.student.labels, rows.denominator, projectors);
        loss.loss.backward();
        return loss.loss.item<double>();
    };
    const double ourLoss = ours();
    std::vector<at::Tensor> ourGradients = gradients();
    const double eagerLoss = eager();
    const double apart = gradientDifference(ourGradients, gradients());
    ourGradients.clear(); // else they would be in memory while the peaks are measured
    const std::array<std::function<void()>, 2> works{[&] { (void)ours(); }, [&] { (void)eager(); }};
    const std::vector<Measured> measured = measureInTurns(device, works, job.times);
    json sides = json::array();
    sides.push_back(sideOf("ours", measured[0], static_cast<double>(count)));
    addOurs(sides.back(), measured[0], measured[1],
            lossProducts(job.space, count, vocabulary, shape.student.width, shape.teacher.width), productRate);
    sides.push_back(sideOf("eager", measured[1], static_cast<double>(count)));
    return {{"distance", std::string(name(distance))},
            {"loss_difference", relative(ourLoss, eagerLoss)},
            {"gradient_difference", apart},
            {"sides", std::move(sides)}};
}

json measureGenerate(const Shape& shape, const jobs::BenchJob& job, at::Device device, json& about)
{
    requireMemoryOfAnswers(shape, job, device);
    std::vector<std::vector<std::int64_t>> prompts;
    std::int64_t longest = 0;
    for (const train::Example& example :
         dollyLikeExamples(job.samples, kPromptPositions, shape.student.vocabularyRows, kRowSeed)) {
        const auto& ids = example.student.ids;
        prompts.emplace_back(ids.begin(), ids.begin() + example.student.promptLength);
        longest = std::max(longest, example.student.promptLength);
    }
    requirePositions(shape.student, longest + job.length);
    model::LoadOptions load;
    load.dtype = train::dtypeOf(job.precision);
    load.device = device;
    const auto student = orThrow(model::createCausalLm(shape.student, kRowSeed, load), FailureKind::BadModel);
    model::GenerateOptions options;
    options.maxNewTokens = job.length; // without an end, so that every answer has all of them
    std::size_t drawn = 0;
    const std::array<std::function<void()>, 1> works{[&] {
        drawn = 0;
        for (const std::vector<std::int64_t>& answer : model::generate(*student, prompts, options)) {
            drawn += answer.size();
        }
    }};
    const std::vector<Measured> measured = measureInTurns(device, works, job.times);
    about["tokens"] = drawn;
    json result;
    result["sides"].push_back(sideOf("ours", measured[0], static_cast<double>(drawn)));
    return result;
}

json hardware()
{
    return {{"cpu", processorName()}, {"cores", usableThreads()}};
}

json versions()
{
    return {{"dskd", kVersion}, {"libtorch", TORCH_VERSION}};
}

json runAlign(const jobs::BenchJob& job)
{
    const AlignMeasured measured = measureAlign(job);
    json result;
    for (const AlignMeasured::Side& side : measured.sides) {
        json row = sideOf(std::to_string(side.threads) + (side.threads == 1 ? " thread" : " threads"), side.measured);
        row["records_per_second"] = static_cast<double>(measured.records) / side.measured.wall.median;
        result["sides"].push_back(row);
    }
    json answer = {{"kind", "align"},        {"teacher", job.teacher},      {"student", job.student},
                   {"data", job.data},       {"records", measured.records}, {"times", job.times},
                   {"hardware", hardware()}, {"versions", versions()}};
    answer["results"].push_back(result);
    return answer;
}

} // namespace

json runBench(const jobs::BenchJob& job)
{
    if (job.kind == jobs::BenchKind::Align) {
        return runAlign(job);
    }
    const Shape shape = orThrow(findShape(job.shape), FailureKind::Usage);
    const at::Device device = train::pickDevice(job.device);
    train::makeDeterministic(job.threads); // as trainings compute
    std::vector<Distance> distances;
    if (job.kind != jobs::BenchKind::Generate) {
        distances = distancesOf(job);
        requirePositions(shape.student, job.length);
        requirePositions(shape.teacher, job.length);
    }
    for (const Distance distance : distances) {
        requireMemory(shape, job, distance, device);
    }
    json about = {{"shape", std::string(shape.name)},
                  {"title", std::string(shape.title)},
                  {"space", std::string(config::name(job.space))},
                  {"samples", job.samples},
                  {"length", job.length},
                  {"times", job.times},
                  {"chunk_rows", job.chunkRows},
                  {"device", device.str()},
                  {"precision", std::string(config::name(job.precision))},
                  {"threads", at::get_num_threads()},
                  {"hardware", hardware()},
                  {"versions", versions()}};
    json results = json::array();
    if (job.kind == jobs::BenchKind::Generate) {
        about["kind"] = "generate";
        results.push_back(measureGenerate(shape, job, device, about));
    } else {
        const bool step = job.kind == jobs::BenchKind::Step;
        about["kind"] = step ? "step" : "loss";
        const double rate = productRate(device, train::dtypeOf(job.precision));
        about["product_flops"] = rate;
        for (const Distance distance : distances) {
            results.push_back(step ? measureStep(shape, job, device, distance, rate, about)
                                   : measureLoss(shape, job, device, distance, rate, about));
        }
    }
    about["results"] = std::move(results);
    return about;
}

} // namespace dskd::bench
