#include "core/config/schema/choices.h"

namespace dskd::config
{
namespace
{

constexpr Choice<JobKind> kJobs[] = {
    {JobKind::Train, "train"}, {JobKind::Evaluate, "evaluate"}, {JobKind::Generate, "generate"}};
constexpr Choice<Objective> kObjectives[] = {
    {Objective::Sft, "sft"}, {Objective::Kd, "kd"}, {Objective::PolicyGradient, "policy-gradient"}};
constexpr Choice<Space> kSpaces[] = {
    {Space::Different, "diff"}, {Space::Student, "student"}, {Space::Teacher, "teacher"}, {Space::Dual, "dual"}};
constexpr Choice<Alignment> kAlignments[] = {
    {Alignment::None, "none"},         {Alignment::Cma, "cma"},
    {Alignment::Eta, "eta"},           {Alignment::EtaPublished, "eta-published"},
    {Alignment::Cla, "cla"},           {Alignment::Clp, "clp"},
    {Alignment::Position, "position"}, {Alignment::MinEd, "mined"}};
constexpr Choice<T2sTarget> kT2sTargets[] = {{T2sTarget::Gold, "gold"}, {T2sTarget::Teacher, "teacher"}};
constexpr Choice<ProjectorInit> kProjectorInits[] = {{ProjectorInit::Random, "random"}, {ProjectorInit::Pinv, "pinv"}};
constexpr Choice<S2tProjector> kS2tProjectors[] = {
    {S2tProjector::Trained, "trained"}, {S2tProjector::Tracked, "tracked"}, {S2tProjector::Frozen, "frozen"}};
constexpr Choice<Distance> kDistances[] = {
    {Distance::Kl, name(Distance::Kl)},   {Distance::Rkl, name(Distance::Rkl)},   {Distance::Js, name(Distance::Js)},
    {Distance::Skl, name(Distance::Skl)}, {Distance::Srkl, name(Distance::Srkl)}, {Distance::Akl, name(Distance::Akl)},
    {Distance::Tvd, name(Distance::Tvd)}, {Distance::Sym, name(Distance::Sym)},   {Distance::Gjs, name(Distance::Gjs)},
    {Distance::Uld, name(Distance::Uld)}};
constexpr Choice<DataFormat> kFormats[] = {{DataFormat::Auto, "auto"},
                                           {DataFormat::Dolly, "dolly"},
                                           {DataFormat::Alpaca, "alpaca"},
                                           {DataFormat::PromptCompletion, "prompt-completion"},
                                           {DataFormat::Chat, "chat"}};
constexpr Choice<Template> kTemplates[] = {
    {Template::Alpaca, "alpaca"}, {Template::Plain, "plain"},   {Template::Custom, "custom"},
    {Template::Chat, "chat"},     {Template::ChatMl, "chatml"}, {Template::Llama2, "llama2"},
    {Template::Llama3, "llama3"}, {Template::Gemma, "gemma"},   {Template::Zephyr, "zephyr"}};
constexpr Choice<Side> kSides[] = {{Side::Left, "left"}, {Side::Right, "right"}};
constexpr Choice<LossOn> kLossOn[] = {{LossOn::Response, "response"}, {LossOn::All, "all"}};
constexpr Choice<Schedule> kSchedules[] = {
    {Schedule::Cosine, "cosine"}, {Schedule::Constant, "constant"}, {Schedule::Linear, "linear"}};
constexpr Choice<Precision> kPrecisions[] = {{Precision::Fp32, "fp32"}, {Precision::Bf16, "bf16"}};
constexpr Choice<Device> kDevices[] = {{Device::Auto, "auto"}, {Device::Cpu, "cpu"}, {Device::Cuda, "cuda"}};
constexpr Choice<StudentInit> kInits[] = {{StudentInit::Weights, "weights"}, {StudentInit::Random, "random"}};

constexpr Choice<Fidelity> kFidelities[] = {
    {Fidelity::Paper, "paper"}, {Fidelity::ReferenceV1, "reference-v1"}, {Fidelity::ReferenceV2, "reference-v2"}};
constexpr Choice<KeyQueryMatching> kMatchings[] = {{KeyQueryMatching::Off, "off"},
                                                   {KeyQueryMatching::Gan, "gan"},
                                                   {KeyQueryMatching::GanPublished, "gan-published"},
                                                   {KeyQueryMatching::Ct, "ct"},
                                                   {KeyQueryMatching::Sinkhorn, "sinkhorn"}};
constexpr Choice<AnswerSource> kAnswerSources[] = {{AnswerSource::Gold, "gold"}, {AnswerSource::Teacher, "teacher"}};
constexpr Choice<OnPolicySchedule> kOnPolicySchedules[] = {{OnPolicySchedule::Fixed, "fixed"},
                                                           {OnPolicySchedule::Adaptive, "adaptive"}};
constexpr Choice<ReplayRatio> kReplayRatios[] = {{ReplayRatio::Decreasing, "decreasing"},
                                                 {ReplayRatio::Constant, "constant"},
                                                 {ReplayRatio::Increasing, "increasing"}};
constexpr Choice<FineTuning> kFineTunings[] = {{FineTuning::Full, "full"}, {FineTuning::Lora, "lora"}};
constexpr Choice<LoraSaved> kLoraSaved[] = {{LoraSaved::Merged, "merged"}, {LoraSaved::Adapter, "adapter"}};

template <typename Enum>
std::string_view nameIn(std::span<const Choice<Enum>> choices, Enum value)
{
    for (const Choice<Enum>& choice : choices) {
        if (choice.value == value) {
            return choice.name;
        }
    }
    return "";
}

} // namespace

// clang-format off
template <> std::span<const Choice<JobKind>> choicesOf() { return kJobs; }
template <> std::span<const Choice<Objective>> choicesOf() { return kObjectives; }
template <> std::span<const Choice<Space>> choicesOf() { return kSpaces; }
template <> std::span<const Choice<Alignment>> choicesOf() { return kAlignments; }
template <> std::span<const Choice<Distance>> choicesOf() { return kDistances; }
template <> std::span<const Choice<DataFormat>> choicesOf() { return kFormats; }
template <> std::span<const Choice<Template>> choicesOf() { return kTemplates; }
template <> std::span<const Choice<Side>> choicesOf() { return kSides; }
template <> std::span<const Choice<LossOn>> choicesOf() { return kLossOn; }
template <> std::span<const Choice<Schedule>> choicesOf() { return kSchedules; }
template <> std::span<const Choice<Precision>> choicesOf() { return kPrecisions; }
template <> std::span<const Choice<Device>> choicesOf() { return kDevices; }
template <> std::span<const Choice<StudentInit>> choicesOf() { return kInits; }
template <> std::span<const Choice<T2sTarget>> choicesOf() { return kT2sTargets; }
template <> std::span<const Choice<ProjectorInit>> choicesOf() { return kProjectorInits; }
template <> std::span<const Choice<S2tProjector>> choicesOf() { return kS2tProjectors; }
template <> std::span<const Choice<Fidelity>> choicesOf() { return kFidelities; }
template <> std::span<const Choice<KeyQueryMatching>> choicesOf() { return kMatchings; }
template <> std::span<const Choice<AnswerSource>> choicesOf() { return kAnswerSources; }
template <> std::span<const Choice<OnPolicySchedule>> choicesOf() { return kOnPolicySchedules; }
template <> std::span<const Choice<ReplayRatio>> choicesOf() { return kReplayRatios; }
template <> std::span<const Choice<FineTuning>> choicesOf() { return kFineTunings; }
template <> std::span<const Choice<LoraSaved>> choicesOf() { return kLoraSaved; }

std::string_view name(JobKind value) { return nameIn<JobKind>(kJobs, value); }
std::string_view name(Objective value) { return nameIn<Objective>(kObjectives, value); }
std::string_view name(Space value) { return nameIn<Space>(kSpaces, value); }
std::string_view name(Alignment value) { return nameIn<Alignment>(kAlignments, value); }
std::string_view name(DataFormat value) { return nameIn<DataFormat>(kFormats, value); }
std::string_view name(Template value) { return nameIn<Template>(kTemplates, value); }
std::string_view name(Side value) { return nameIn<Side>(kSides, value); }
std::string_view name(LossOn value) { return nameIn<LossOn>(kLossOn, value); }
std::string_view name(Schedule value) { return nameIn<Schedule>(kSchedules, value); }
std::string_view name(Precision value) { return nameIn<Precision>(kPrecisions, value); }
std::string_view name(Device value) { return nameIn<Device>(kDevices, value); }
std::string_view name(StudentInit value) { return nameIn<StudentInit>(kInits, value); }
std::string_view name(T2sTarget value) { return nameIn<T2sTarget>(kT2sTargets, value); }
std::string_view name(ProjectorInit value) { return nameIn<ProjectorInit>(kProjectorInits, value); }
std::string_view name(S2tProjector value) { return nameIn<S2tProjector>(kS2tProjectors, value); }
std::string_view name(Fidelity value) { return nameIn<Fidelity>(kFidelities, value); }
std::string_view name(KeyQueryMatching value) { return nameIn<KeyQueryMatching>(kMatchings, value); }
std::string_view name(AnswerSource value) { return nameIn<AnswerSource>(kAnswerSources, value); }
std::string_view name(OnPolicySchedule value) { return nameIn<OnPolicySchedule>(kOnPolicySchedules, value); }
std::string_view name(ReplayRatio value) { return nameIn<ReplayRatio>(kReplayRatios, value); }
std::string_view name(FineTuning value) { return nameIn<FineTuning>(kFineTunings, value); }
std::string_view name(LoraSaved value) { return nameIn<LoraSaved>(kLoraSaved, value); }
// clang-format on

} // namespace dskd::config
