#pragma once

// The choices of a job, its models, its data and its training (choice.h).

#include "core/config/schema/choice.h"
#include "core/config/schema/experiment.h"

namespace dskd::config
{

template <>
inline constexpr Choice<JobKind> kChoices<JobKind>[] = {
    {JobKind::Train, "train"},
    {JobKind::Evaluate, "evaluate"},
    {JobKind::Generate, "generate"},
};
template <>
inline constexpr Choice<AnswerSource> kChoices<AnswerSource>[] = {
    {AnswerSource::Gold, "gold", "The answers of the data."},
    {AnswerSource::Teacher, "teacher",
     "The teacher's own answers to the prompts of the data, generated before training (SeqKD)."},
};
template <>
inline constexpr Choice<FineTuning> kChoices<FineTuning>[] = {
    {FineTuning::Full, "full"},
    {FineTuning::Lora, "lora"},
};
template <>
inline constexpr Choice<LoraSaved> kChoices<LoraSaved>[] = {
    {LoraSaved::Merged, "merged"},
    {LoraSaved::Adapter, "adapter"},
};
template <>
inline constexpr Choice<DataFormat> kChoices<DataFormat>[] = {
    {DataFormat::Auto, "auto"},     {DataFormat::Dolly, "dolly"},
    {DataFormat::Alpaca, "alpaca"}, {DataFormat::PromptCompletion, "prompt-completion"},
    {DataFormat::Chat, "chat"},
};
template <>
inline constexpr Choice<Template> kChoices<Template>[] = {
    {Template::Alpaca, "alpaca"}, {Template::Plain, "plain"},   {Template::Custom, "custom"},
    {Template::Chat, "chat"},     {Template::ChatMl, "chatml"}, {Template::Llama2, "llama2"},
    {Template::Llama3, "llama3"}, {Template::Gemma, "gemma"},   {Template::Zephyr, "zephyr"},
};
template <>
inline constexpr Choice<Side> kChoices<Side>[] = {
    {Side::Left, "left"},
    {Side::Right, "right"},
};
template <>
inline constexpr Choice<LossOn> kChoices<LossOn>[] = {
    {LossOn::Response, "response"},
    {LossOn::All, "all"},
};
template <>
inline constexpr Choice<Schedule> kChoices<Schedule>[] = {
    {Schedule::Cosine, "cosine"},
    {Schedule::Constant, "constant"},
    {Schedule::Linear, "linear"},
};
template <>
inline constexpr Choice<Precision> kChoices<Precision>[] = {
    {Precision::Fp32, "fp32"},
    {Precision::Bf16, "bf16"},
};
template <>
inline constexpr Choice<Device> kChoices<Device>[] = {
    {Device::Auto, "auto"},
    {Device::Cpu, "cpu"},
    {Device::Cuda, "cuda"},
};
template <>
inline constexpr Choice<StudentInit> kChoices<StudentInit>[] = {
    {StudentInit::Weights, "weights"},
    {StudentInit::Random, "random"},
};

} // namespace dskd::config
