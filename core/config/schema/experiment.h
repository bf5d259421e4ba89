#pragma once

// The complete configuration of one job, as it lies frozen in <run>/config.json. Aggregates with their defaults in
// place. What else is known of a field: its JSON name, range and explanation in fields.cpp and method_fields.cpp, the
// names of its choices in choice_tables.h, what fits together in validate.cpp, and whether an experiment uses it in
// methods/field_use.cpp. Relative paths are relative to the file they were read from and are made absolute on loading.

#include "core/base/distance.h"
#include "core/config/schema/alignment.h"

#include <cstdint>
#include <string>

namespace dskd::config
{

inline constexpr int kExperimentVersion = 1;

enum class JobKind { Train, Evaluate, Generate };
// Fine-tuning, distillation, or the policy gradient of the reverse KL over the student's own answers (MiniLLM).
enum class Objective { Sft, Kd, PolicyGradient };
// Whose mathematics where the published code and the papers differ (distill/METHOD.md 11): the papers', or what the
// first (DSKD) or second (DSKD v2) published code computes.
enum class Fidelity { Paper, ReferenceV1, ReferenceV2 };
// Where teacher and student distributions are compared: each through its own head (vanilla KD), through the student's
// head, through the teacher's head, or both of the last two (DSKD, paper Eqn. 10).
enum class Space { Different, Student, Teacher, Dual };
// The labels of the projected teacher: the answer's tokens, or those that the teacher itself finds most probable.
enum class T2sTarget { Gold, Teacher };
enum class ProjectorInit { Random, Pinv };
// The projector into the teacher's space: trained, recomputed from the student's current head, or kept from the start.
enum class S2tProjector { Trained, Tracked, Frozen };
// What makes the queries of cross-model attention look like its keys (DSKD-CMA-GA): nothing, a discriminator, the same
// as published (no gradient reaches the queries: a control), conditional transport, or Sinkhorn's optimal transport.
enum class KeyQueryMatching { Off, Gan, GanPublished, Ct, Sinkhorn };
// Which answers are trained on: the data's, or those that the teacher gives to its prompts (SeqKD).
enum class AnswerSource { Gold, Teacher };
// When the student's own answers are used: always alike, or the more often the worse it does (DistiLLM), from a buffer.
enum class OnPolicySchedule { Fixed, Adaptive };
// How DistiLLM's share of replayed answers runs over training.
enum class ReplayRatio { Decreasing, Constant, Increasing };
enum class FineTuning { Full, Lora };
// What a checkpoint of a LoRA run holds: a whole model with the adapter merged in, or the adapter alone (PEFT folder).
enum class LoraSaved { Merged, Adapter };
enum class DataFormat { Auto, Dolly, Alpaca, PromptCompletion, Chat };
// Chat: the template that each model's tokenizer_config.json names.
enum class Template { Alpaca, Plain, Custom, Chat, ChatMl, Llama2, Llama3, Gemma, Zephyr };
enum class Side { Left, Right };
enum class LossOn { Response, All };
enum class Schedule { Cosine, Constant, Linear };
enum class Precision { Fp32, Bf16 };
enum class Device { Auto, Cpu, Cuda };
enum class StudentInit { Weights, Random };

struct ModelRef {
    std::string model;     // Hugging Face model folder
    std::string tokenizer; // folder of the tokenizer; empty: the model folder
    std::string adapter;   // PEFT LoRA folder that is merged into the weights on loading; empty: none
};

struct StudentConfig : ModelRef {
    StudentInit init = StudentInit::Weights; // Random: architecture from config.json, fresh weights from stream "init"
};

struct DataConfig {
    std::string train;
    std::string validation; // may be empty: no validation
    DataFormat format = DataFormat::Auto;
    Template promptTemplate = Template::Alpaca;
    std::string customTemplate;                // with {instruction} and {input}; used when promptTemplate is Custom
    std::int64_t maxPromptLength = 256;        // tokens
    std::int64_t maxLength = 512;              // tokens of prompt + response + eos
    Side truncatePrompt = Side::Left;          // the side that is cut from a prompt that is too long
    LossOn lossOn = LossOn::Response;          // All: plain language modelling, prompt tokens are trained on too
    std::string systemPrompt;                  // what chat templates say first; empty: their own default or nothing
    AnswerSource answers = AnswerSource::Gold; // Teacher: generated once, before training, kept in the run folder
    std::int64_t limit = 0;                    // first N records of the training file; 0: all
    std::int64_t validationLimit = 0;
};

struct MethodConfig {
    Objective objective = Objective::Kd;
    Fidelity fidelity = Fidelity::Paper;
    Space space = Space::Dual;
    Alignment alignment = Alignment::None;
    Distance distance = Distance::Kl;        // in the student space, and in different spaces
    Distance teacherDistance = Distance::Kl; // in the teacher space; the paper fixes KL (Eqn. 9)
    double temperature = 2.0;
    double teacherTemperature =
        1.0; // additional divisor of the target logits in the student space and in different ones
    bool temperatureSquared = false; // multiply KD terms by temperature^2; the paper does not
    double kdRate = 0.5;             // alpha of Eqn. 15
    double skewLambda = 0.1;         // lambda of SKL and SRKL
    double adaptiveAlpha = 0.5;      // tail mass of AKL
    double beta = 0.5;               // of SYM and GJS
    T2sTarget t2sTarget = T2sTarget::Gold;
    bool agreementMask = false;      // student-space KD only where the projected teacher predicts its label (DSKD v2)
    double agreementThreshold = 1.0; // above this share of agreeing rows the mask is off
    bool correctnessMask = true;     // CMA, footnote 5: student-space KD only where the projected teacher is right
};

// Makes the queries of CMA and CLA look like the keys (DSKD-CMA-GA, L_KQ).
struct KeyQueryConfig {
    KeyQueryMatching matching = KeyQueryMatching::Off;
    double rate = 0.01;        // beta: weight of the matching loss
    std::int64_t hidden = 768; // width of discriminator and critics
    double lr = 1e-4;          // of discriminator and critics
    double weightDecay = 0.01;
    double dropout = 0.1;         // in discriminator and critics
    std::int64_t rows = 512;      // at most so many rows of each side are matched in a micro-batch, drawn at random
    double sinkhornEpsilon = 0.1; // entropy regularisation, relative to the mean cost
    std::int64_t sinkhornIterations = 50;
};

// From which answers the student is distilled: besides those of the data, its own (on-policy, DSKD v2 and GKD).
struct OnPolicyConfig {
    double ratio = 0.0; // share of the micro-batches that are distilled on the student's answers; 0: off. With
                        // the adaptive schedule its largest value
    OnPolicySchedule schedule = OnPolicySchedule::Fixed;
    double startEpoch = 0.0; // before it, none
    std::int64_t maxNewTokens = 128;
    double temperature = 1.0;
    double topP = 1.0;
    std::int64_t topK = 0;
    // DistiLLM (schedule Adaptive)
    double threshold = 0.0;         // share of own answers at the start
    double thresholdStep = 0.1;     // added when the validation loss has risen by `tolerance`
    double tolerance = 0.1;         // nats
    std::int64_t bufferSize = 1000; // answers kept for replay
    ReplayRatio replay = ReplayRatio::Decreasing;
};

// The policy gradient of MiniLLM (method.objective PolicyGradient).
struct PolicyGradientConfig {
    double teacherMix = 0.2;         // share of the teacher in the distribution that answers are sampled from
    double rewardScaling = 0.5;      // rewards are divided by it
    double rewardClip = 100.0;       // then clipped to +-this
    double discount = 0.95;          // gamma of the return
    bool lengthNormalisation = true; // returns are divided by the tokens that remain
    double clipRatio = 0.2;          // of the importance weight's change (PPO)
    std::int64_t innerEpochs = 4;    // passes over a set of rollouts
    std::int64_t rollouts = 16;      // answers sampled at once
    bool singleStep = true;          // adds the reverse KL of every single position (the regulariser)
    double dataRate = 1.0;           // weight of cross-entropy and KL on the data's answers
};

// Which weights of the student learn.
struct LoraConfig {
    std::int64_t rank = 8;
    double alpha = 16.0;  // the update is scaled by alpha / rank
    double dropout = 0.0; // of the adapter's input
    std::string targets;  // names of linear layers, separated by commas; empty: PEFT's default for the family
    LoraSaved saved = LoraSaved::Merged;
};

struct ProjectorConfig {
    double lr = 1e-3;
    double weightDecay = 0.01;
    ProjectorInit init = ProjectorInit::Random;
    bool bias = true;
    S2tProjector s2t = S2tProjector::Trained;
    std::int64_t topVocabulary = 0; // pinv: only the first K tokens that both vocabularies have; 0: all
    double rcond = 0.0;             // pinv: singular values below rcond x the largest count as 0; 0: by the dtype
};

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

struct LogConfig {
    std::int64_t probeSamples = 2; // validation samples whose attention and representation spaces are recorded
    std::int64_t probeEvery = 50;  // steps; 0: never
    // Tokens of each side that a recorded map holds at most, from the first on; 0: all of the sample.
    std::int64_t mapTokens = 512;
    std::int64_t gradientNormEvery = 0; // steps between recordings of each loss term's gradient norm; 0: never
    // Model folder, with its tokenizer, that the probes compare with where the method has no teacher; never learned
    // from. Empty: none.
    std::string probeTeacher;
};

struct ValidationConfig {
    std::int64_t every = 100;         // steps; 0: only at the end
    std::int64_t generateSamples = 0; // answers generated and scored by ROUGE-L at each validation
    std::int64_t maxNewTokens = 64;
    double temperature = 0.0; // 0: greedy
    double topP = 1.0;
    std::int64_t topK = 0;
};

struct CheckpointConfig {
    std::int64_t every = 0; // steps; 0: only at the end and when stopped
    std::int64_t keep = 1;  // older ones are deleted; the last and the best by validation loss stay
};

// What an Evaluate or Generate job works on.
struct EvaluateConfig {
    std::string data;   // JSONL to evaluate on, or prompts to answer
    std::string prompt; // a single prompt instead of `data`; used as it is, without template
    std::int64_t limit = 0;
    std::string output;     // JSONL that gets the answers beside <run>/answers.jsonl
    bool overwrite = false; // an `output` that is there already
};

struct Experiment {
    int version = kExperimentVersion;
    JobKind job = JobKind::Train;
    std::string name;
    std::string group;
    std::uint64_t seed = 10;
    StudentConfig student;
    ModelRef teacher; // empty model: none (SFT)
    DataConfig data;
    MethodConfig method;
    KeyQueryConfig keyQuery;
    OnPolicyConfig onPolicy;
    PolicyGradientConfig policyGradient;
    ProjectorConfig projector;
    TrainConfig train;
    LoraConfig lora;
    LogConfig log;
    ValidationConfig validation;
    CheckpointConfig checkpoint;
    EvaluateConfig evaluate;
};

} // namespace dskd::config
