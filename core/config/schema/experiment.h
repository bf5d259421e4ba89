#pragma once

// The complete configuration of one job, as it lies frozen in <run>/config.json. Aggregates with their defaults in
// place, one header for each part. What else is known of a field: its JSON name, range and explanation in fields.cpp
// and method_fields.cpp, the names of its choices in method_choices.h and job_choices.h, what fits together in
// validate.cpp, and whether an experiment uses it in methods/field_use.cpp. Relative paths are relative to the file
// they were read from and are made absolute on loading.

#include "core/config/schema/data_config.h"
#include "core/config/schema/log_config.h"
#include "core/config/schema/method_config.h"
#include "core/config/schema/model_ref.h"
#include "core/config/schema/on_policy_config.h"
#include "core/config/schema/train_config.h"

#include <cstdint>
#include <string>

namespace dskd::config
{

inline constexpr int kExperimentVersion = 1;

enum class JobKind { Train, Evaluate, Generate };

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
