// The table of fields against the structs: nothing may be missing from it.

#include "core/config/schema/fields.h"

#include <gmock/gmock.h>
#include <set>
#include <stdexcept>
#include <utility>

namespace dskd::config
{
namespace
{

// Stands for a member of any type in a braced list.
struct Anything {
    template <typename T>
    operator T() const; // NOLINT: never defined, only its type counts
};

template <typename T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>)
{
    return requires
    {
        T{(static_cast<void>(I), Anything())...};
    };
}

// The number of members of an aggregate (a base counts as one).
template <typename T, std::size_t N = 40>
constexpr std::size_t memberCount()
{
    if constexpr (N == 0) {
        return 0;
    } else if constexpr (takes<T>(std::make_index_sequence<N>())) {
        return N;
    } else {
        return memberCount<T, N - 1>();
    }
}

std::size_t fieldsIn(const std::string& section)
{
    std::size_t count = 0;
    for (const Field& field : fields()) {
        const auto dot = field.info.path.find('.');
        count += (dot == std::string::npos ? "" : field.info.path.substr(0, dot)) == section ? 1 : 0;
    }
    return count;
}

TEST(FieldTable, HasARowForEveryMemberOfEveryStruct)
{
    const std::size_t sections = 14;
    EXPECT_EQ(fieldsIn("") + sections, memberCount<Experiment>());
    EXPECT_EQ(fieldsIn("teacher"), memberCount<ModelRef>());
    EXPECT_EQ(fieldsIn("student"), memberCount<ModelRef>() + memberCount<StudentConfig>() - 1);
    EXPECT_EQ(fieldsIn("data"), memberCount<DataConfig>());
    EXPECT_EQ(fieldsIn("method"), memberCount<MethodConfig>());
    EXPECT_EQ(fieldsIn("key_query"), memberCount<KeyQueryConfig>());
    EXPECT_EQ(fieldsIn("policy_gradient"), memberCount<PolicyGradientConfig>());
    EXPECT_EQ(fieldsIn("lora"), memberCount<LoraConfig>());
    EXPECT_EQ(fieldsIn("on_policy"), memberCount<OnPolicyConfig>());
    EXPECT_EQ(fieldsIn("projector"), memberCount<ProjectorConfig>());
    EXPECT_EQ(fieldsIn("train"), memberCount<TrainConfig>());
    EXPECT_EQ(fieldsIn("log"), memberCount<LogConfig>());
    EXPECT_EQ(fieldsIn("validation"), memberCount<ValidationConfig>());
    EXPECT_EQ(fieldsIn("checkpoint"), memberCount<CheckpointConfig>());
    EXPECT_EQ(fieldsIn("evaluate"), memberCount<EvaluateConfig>());
}

template <typename Enum, typename Rows>
void expectRowsInOrder(const Rows& rows)
{
    std::set<std::string_view> names;
    int value = 0;
    for (const auto& row : rows) {
        EXPECT_EQ(row.value, static_cast<Enum>(value++)) << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(row.sentence.ends_with('.')) << row.name;
        EXPECT_EQ(&rowOf(row.value), &row) << row.name;
    }
    EXPECT_THROW((void)rowOf(static_cast<Enum>(value)), std::logic_error) << "no silent default";
}

TEST(ChoiceTables, HaveARowForEveryDistanceAndAlignmentInTheOrderOfTheEnumerations)
{
    expectRowsInOrder<Distance>(kDistances);
    expectRowsInOrder<Alignment>(kAlignments);
}

TEST(ChoiceTables, SayOfAnAlignmentWhatFitsTogether)
{
    for (const AlignmentRow& row : kAlignments) {
        EXPECT_LE(row.attends + row.pairsRows + row.matchesSpellings, 1) << row.name << ": one way to meet";
        EXPECT_TRUE(row.attends || !(row.withinChunks || row.hasQueries)) << row.name << ": parts of attention";
        EXPECT_EQ(row.spaces == SpacesOf::Common, row.attends) << row.name;
        EXPECT_EQ(row.compares.empty(), row.spaces != SpacesOf::Different) << row.name;
        EXPECT_EQ(row.acrossVocabularies.empty(), row.value == Alignment::None) << row.name;
    }
}

TEST(FieldTable, HasAShortNameOfEachFieldThatMeansItAlone)
{
    std::set<std::string> names;
    for (const Field& field : fields()) {
        const FieldInfo& info = field.info;
        EXPECT_TRUE(names.insert(info.shortName).second) << info.path;
        EXPECT_EQ(resolveField(info.shortName).value(), info.path);
        EXPECT_EQ(shortField(info.path), info.shortName);
        const bool isWhole = info.shortName == info.path && info.path.find('.') != std::string::npos;
        EXPECT_EQ(isWhole, !resolveField(lastPart(info.path)) || *resolveField(lastPart(info.path)) != info.path)
            << info.path << ": as short as can be";
    }
    EXPECT_EQ(shortField("method.space"), "space");
    EXPECT_EQ(shortField("projector.lr"), "projector.lr") << "train has one too";
    EXPECT_EQ(shortField("method"), "method") << "no field, but an axis may be of whole methods";
    EXPECT_EQ(lastPart("projector.lr"), "lr");
    EXPECT_EQ(lastPart("seed"), "seed");
}

// Configuration files of users hold these names. A change here breaks them and needs a new version.
TEST(FieldTable, KeepsItsNames)
{
    std::vector<std::string> paths;
    for (const Field& field : fields()) {
        paths.push_back(field.info.path);
    }
    EXPECT_THAT(paths, testing::ElementsAreArray({"version",
                                                  "job",
                                                  "name",
                                                  "group",
                                                  "seed",
                                                  "student.model",
                                                  "student.tokenizer",
                                                  "student.init",
                                                  "student.adapter",
                                                  "teacher.model",
                                                  "teacher.tokenizer",
                                                  "teacher.adapter",
                                                  "data.train",
                                                  "data.validation",
                                                  "data.format",
                                                  "data.template",
                                                  "data.custom_template",
                                                  "data.max_prompt_length",
                                                  "data.max_length",
                                                  "data.truncate_prompt",
                                                  "data.loss_on",
                                                  "data.system_prompt",
                                                  "data.answers",
                                                  "data.limit",
                                                  "data.validation_limit",
                                                  "method.objective",
                                                  "method.fidelity",
                                                  "method.space",
                                                  "method.alignment",
                                                  "method.distance",
                                                  "method.teacher_distance",
                                                  "method.temperature",
                                                  "method.teacher_temperature",
                                                  "method.temperature_squared",
                                                  "method.kd_rate",
                                                  "method.skew_lambda",
                                                  "method.adaptive_alpha",
                                                  "method.beta",
                                                  "method.t2s_target",
                                                  "method.agreement_mask",
                                                  "method.agreement_threshold",
                                                  "method.correctness_mask",
                                                  "key_query.matching",
                                                  "key_query.rate",
                                                  "key_query.hidden",
                                                  "key_query.lr",
                                                  "key_query.weight_decay",
                                                  "key_query.dropout",
                                                  "key_query.rows",
                                                  "key_query.sinkhorn_epsilon",
                                                  "key_query.sinkhorn_iterations",
                                                  "on_policy.ratio",
                                                  "on_policy.schedule",
                                                  "on_policy.start_epoch",
                                                  "on_policy.max_new_tokens",
                                                  "on_policy.temperature",
                                                  "on_policy.top_p",
                                                  "on_policy.top_k",
                                                  "on_policy.threshold",
                                                  "on_policy.threshold_step",
                                                  "on_policy.tolerance",
                                                  "on_policy.buffer_size",
                                                  "on_policy.replay",
                                                  "policy_gradient.teacher_mix",
                                                  "policy_gradient.reward_scaling",
                                                  "policy_gradient.reward_clip",
                                                  "policy_gradient.discount",
                                                  "policy_gradient.length_normalisation",
                                                  "policy_gradient.clip_ratio",
                                                  "policy_gradient.inner_epochs",
                                                  "policy_gradient.rollouts",
                                                  "policy_gradient.single_step",
                                                  "policy_gradient.data_rate",
                                                  "projector.lr",
                                                  "projector.weight_decay",
                                                  "projector.init",
                                                  "projector.bias",
                                                  "projector.s2t",
                                                  "projector.top_vocabulary",
                                                  "projector.rcond",
                                                  "train.steps",
                                                  "train.epochs",
                                                  "train.batch_size",
                                                  "train.accumulation",
                                                  "train.lr",
                                                  "train.min_lr",
                                                  "train.schedule",
                                                  "train.warmup_steps",
                                                  "train.weight_decay",
                                                  "train.beta1",
                                                  "train.beta2",
                                                  "train.epsilon",
                                                  "train.clip_norm",
                                                  "train.dropout",
                                                  "train.fine_tuning",
                                                  "train.freeze_embeddings",
                                                  "train.gradient_checkpointing",
                                                  "train.precision",
                                                  "train.device",
                                                  "train.threads",
                                                  "train.chunk_rows",
                                                  "lora.rank",
                                                  "lora.alpha",
                                                  "lora.dropout",
                                                  "lora.targets",
                                                  "lora.saved",
                                                  "log.probe_samples",
                                                  "log.probe_lines",
                                                  "log.probe_every",
                                                  "log.map_tokens",
                                                  "log.probe_teacher",
                                                  "log.gradient_norm_every",
                                                  "validation.every",
                                                  "validation.generate_samples",
                                                  "validation.max_new_tokens",
                                                  "validation.temperature",
                                                  "validation.top_p",
                                                  "validation.top_k",
                                                  "checkpoint.every",
                                                  "checkpoint.keep",
                                                  "evaluate.data",
                                                  "evaluate.prompt",
                                                  "evaluate.limit",
                                                  "evaluate.output",
                                                  "evaluate.overwrite"}));
}

TEST(FieldTable, ExplainsEveryFieldInOneSentenceAndNamesItOnce)
{
    std::set<std::string> seen;
    for (const FieldInfo& field : fieldReference()) {
        EXPECT_TRUE(seen.insert(field.path).second) << field.path;
        EXPECT_THAT(field.explanation, testing::EndsWith(".")) << field.path;
        EXPECT_FALSE(field.defaultText.empty()) << field.path;
        EXPECT_EQ(field.type == "choice", !field.choices.empty()) << field.path;
    }
}

// Writes through one row must show in that row only: two rows for one member would be noticed here.
TEST(FieldTable, EveryRowWritesItsOwnMember)
{
    for (const Field& field : fields()) {
        nlohmann::json value;
        if (field.info.type == "choice") {
            value = field.info.choices.back() == nlohmann::json::parse(field.info.defaultText)
                        ? field.info.choices.front()
                        : field.info.choices.back();
        } else if (field.info.type == "boolean") {
            value = field.info.defaultText != "true";
        } else if (field.info.type == "string") {
            value = "changed";
        } else if (field.info.path == "version") {
            continue; // has only one value
        } else {
            value = field.info.type == "integer" ? nlohmann::json(77) : nlohmann::json(0.125);
        }
        Experiment changed;
        ASSERT_EQ(field.write(changed, value), std::nullopt) << field.info.path;
        for (const Field& other : fields()) {
            EXPECT_EQ(other.read(changed) != other.read(Experiment{}), &other == &field)
                << field.info.path << " against " << other.info.path;
        }
    }
}

} // namespace
} // namespace dskd::config
