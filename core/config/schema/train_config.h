#pragma once

// How the student is trained: the optimizer, the machine, and which weights learn.

#include <cstdint>
#include <string>

namespace dskd::config
{

enum class FineTuning { Full, Lora };
// What a checkpoint of a LoRA run holds: a whole model with the adapter merged in, or the adapter alone (PEFT folder).
enum class LoraSaved { Merged, Adapter };
enum class Schedule { Cosine, Constant, Linear };
enum class Precision { Fp32, Bf16 };
enum class Device { Auto, Cpu, Cuda };

struct TrainConfig {
    std::int64_t steps = 0; // optimizer steps; 0: as many as `epochs` needs
    double epochs = 1.0;
    std::int64_t batchSize = 8;    // samples per micro-batch
    std::int64_t accumulation = 1; // micro-batches per step
    double lr = 5e-4;
    double minLr = 1e-7; // where the cosine ends
    Schedule schedule = Schedule::Cosine;
    std::int64_t warmupSteps = 0;
    double weightDecay = 0.01; // not applied to biases and norms
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double clipNorm = 1.0; // 0: no clipping
    double dropout = -1.0; // replaces the model's own dropout; negative: keep config.json's
    FineTuning fineTuning = FineTuning::Full;
    bool freezeEmbeddings = false;      // the input embedding (and a head tied to it) stays as it is
    bool gradientCheckpointing = false; // computes activations again in the backward pass instead of keeping them
    Precision precision = Precision::Fp32;
    Device device = Device::Auto;
    std::int64_t threads = 0;     // CPU threads of the worker; 0: all
    std::int64_t chunkRows = 256; // response rows per chunk of the fused head + divergence
};

// Which weights of the student learn.
struct LoraConfig {
    std::int64_t rank = 8;
    double alpha = 16.0;  // the update is scaled by alpha / rank
    double dropout = 0.0; // of the adapter's input
    std::string targets;  // names of linear layers, separated by commas; empty: PEFT's default for the family
    LoraSaved saved = LoraSaved::Merged;
};

} // namespace dskd::config
