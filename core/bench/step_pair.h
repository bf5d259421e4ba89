#pragma once

// Our step and the published one, from the same weights and with the same samples.

#include "core/bench/published_step.h"
#include "core/bench/shapes.h"
#include "core/config/schema/experiment.h"
#include "core/distill/distiller.h"
#include "core/jobs/bench_job.h"
#include "core/teacher/live_teacher.h"
#include "core/train/loop/adamw.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <memory>
#include <vector>

namespace dskd::bench
{

// The experiment that a job stands for: the method, the optimizer's defaults, LoRA where the shape has it.
[[nodiscard]] config::Experiment experimentOf(const jobs::BenchJob& job, const Shape& shape, Distance distance);

struct StepValues {
    double loss = 0.0;
    double gradientNorm = 0.0; // before clipping
};

struct StepComparison {
    StepValues ours;
    StepValues published;
    double gradientDifference = 0.0; // relative, over all parameters, before clipping (gradient_difference.h)
};

// Two students with the same random weights, and two sets of projectors, so that the first step of either side starts
// from the same; one teacher. Both are trained by their steps. Without dropout. Worker only, one thread.
class StepPair
{
public:
    // Throws Error where the models cannot be made. The job's length must fit the models' positions.
    StepPair(const Shape& shape, const jobs::BenchJob& job, Distance distance, at::Device device);

    // The trainer's step: packed rows, the fused loss, backward, clipping, AdamW. The teacher runs, or its rows come
    // from memory, as from the second epoch on; the first call remembers them.
    StepValues ours(bool teacherFromMemory);
    StepValues published();

    // A step of either side, in both of which the teacher runs. The gradients of both are in memory at once.
    StepComparison compare();

    [[nodiscard]] std::int64_t tokens() const; // that our student reads in a step
    [[nodiscard]] std::int64_t rows() const;   // that are scored
    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; }

    // Floating-point operations of the matrix products of our step: blocks, attention (its causal half), projectors and
    // heads, of the forward and the backward pass.
    [[nodiscard]] double products(bool teacherFromMemory) const;

private:
    struct Side {
        std::unique_ptr<model::CausalLm> student;
        std::unique_ptr<distill::Distiller> distiller;
        std::unique_ptr<train::AdamW> optimizer;
    };
    [[nodiscard]] Side makeSide(const Shape& shape) const;
    // The loss; its gradients lie in the side's optimizer, which then clips and steps and returns their norm before it.
    double backwardOurs(bool teacherFromMemory);
    double backwardPublished();
    double update(Side& side) const;

    config::Experiment m_experiment;
    at::Device m_device;
    std::vector<train::Example> m_examples;
    Side m_ours;
    Side m_published;
    std::unique_ptr<teacher::LiveTeacher> m_teacher;
    PublishedBatch m_publishedBatch;
};

// Floating-point operations of the loss's matrix products over `rows` rows with all gradients: heads and projectors.
[[nodiscard]] double lossProducts(config::Space space, std::int64_t rows, std::int64_t vocabulary,
                                  std::int64_t studentWidth, std::int64_t teacherWidth);

} // namespace dskd::bench
