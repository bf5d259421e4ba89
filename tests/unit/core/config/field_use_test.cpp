#include "core/config/methods/field_use.h"

#include "core/config/methods/method_table.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace dskd::config
{
namespace
{

TEST(MethodGroups, HoldEveryFieldOfAMethodOnce)
{
    std::set<std::string_view> grouped;
    for (const FieldGroup& group : methodGroups()) {
        EXPECT_TRUE(group.sentence.ends_with('.')) << group.title;
        for (const std::string_view field : group.fields) {
            EXPECT_TRUE(grouped.insert(field).second) << field;
            EXPECT_NO_THROW((void)fieldValue(Experiment(), field)) << field;
        }
    }
    for (const FieldInfo& field : fieldReference()) {
        const std::string section = field.path.substr(0, field.path.find('.'));
        const bool ofTheMethod = section == "method" || section == "key_query" || section == "on_policy" ||
                                 section == "policy_gradient" || section == "projector" || section == "lora";
        EXPECT_TRUE(!ofTheMethod || grouped.contains(field.path)) << field.path;
    }
}

TEST(WhyUnused, IsEmptyForWhatTheDefaultMethodUses)
{
    const Experiment dual;
    for (const char* field : {"method.space", "method.distance", "method.teacher_distance", "method.t2s_target",
                              "projector.lr", "projector.s2t", "train.lr", "teacher.model", "on_policy.ratio"}) {
        EXPECT_EQ(whyUnused(dual, field), "") << field;
    }
}

TEST(WhyUnused, SaysWhatWouldGiveAFieldAnEffect)
{
    Experiment e;
    EXPECT_THAT(std::string(whyUnused(e, "method.skew_lambda")), testing::HasSubstr("skl"));
    EXPECT_THAT(std::string(whyUnused(e, "key_query.rate")), testing::HasSubstr("cma"));
    EXPECT_THAT(std::string(whyUnused(e, "on_policy.top_p")), testing::HasSubstr("on_policy.ratio"));
    EXPECT_THAT(std::string(whyUnused(e, "policy_gradient.discount")), testing::HasSubstr("policy-gradient"));
    EXPECT_THAT(std::string(whyUnused(e, "lora.rank")), testing::HasSubstr("train.fine_tuning"));
    EXPECT_EQ(whyUnused(e, "train.epochs"), "");
    e.train.steps = 5;
    EXPECT_THAT(std::string(whyUnused(e, "train.epochs")), testing::HasSubstr("train.steps"));
    e.method.teacherDistance = Distance::Srkl;
    EXPECT_EQ(whyUnused(e, "method.skew_lambda"), "") << "the teacher space has it";
    e.method.space = Space::Different;
    EXPECT_NE(whyUnused(e, "method.skew_lambda"), "") << "which is not compared any more";
    EXPECT_NE(whyUnused(e, "projector.lr"), "");
    e.method.objective = Objective::Sft;
    EXPECT_NE(whyUnused(e, "teacher.model"), "");
    e.data.answers = AnswerSource::Teacher;
    EXPECT_EQ(whyUnused(e, "teacher.model"), "") << "SeqKD's teacher answers";
}

TEST(WhyUnused, KnowsThatOnlyProbesWithoutATeacherLoadOne)
{
    Experiment e;
    e.log.probeTeacher = "/teacher";
    EXPECT_THAT(std::string(whyUnused(e, "log.probe_teacher")), testing::HasSubstr("method.objective sft"));
    EXPECT_FALSE(needsProbeTeacher(e));
    e.method.objective = Objective::Sft;
    EXPECT_EQ(whyUnused(e, "log.probe_teacher"), "");
    EXPECT_TRUE(needsProbeTeacher(e));
    e.log.probeEvery = 0;
    EXPECT_THAT(std::string(whyUnused(e, "log.probe_teacher")), testing::HasSubstr("log.probe_every"));
    EXPECT_FALSE(needsProbeTeacher(e));
}

TEST(WhyUnused, KnowsWhichAlignmentsAreRecordedAsMaps)
{
    Experiment e;
    EXPECT_THAT(std::string(whyUnused(e, "log.map_tokens")), testing::HasSubstr("cma"));
    for (const Alignment alignment : {Alignment::Cma, Alignment::Clp, Alignment::Eta}) {
        e.method.alignment = alignment;
        EXPECT_EQ(whyUnused(e, "log.map_tokens"), "") << rowOf(alignment).name;
    }
    e.method.alignment = Alignment::MinEd;
    EXPECT_NE(whyUnused(e, "log.map_tokens"), "");
    e.method.alignment = Alignment::Cma;
    e.log.probeSamples = 0;
    EXPECT_EQ(whyUnused(e, "log.map_tokens"),
              "Only with log.probe_every above 0, and log.probe_samples above 0 or log.probe_lines.");
}

TEST(WhyUnused, KnowsThatNamedLinesStandInPlaceOfTheFirstSamples)
{
    Experiment e;
    EXPECT_EQ(whyUnused(e, "log.probe_samples"), "");
    EXPECT_EQ(whyUnused(e, "log.probe_lines"), "");
    e.log.probeLines = "3, 17";
    EXPECT_THAT(std::string(whyUnused(e, "log.probe_samples")), testing::HasSubstr("log.probe_lines"));
    e.log.probeSamples = 0;
    e.method.alignment = Alignment::Cma;
    EXPECT_EQ(whyUnused(e, "log.map_tokens"), "") << "the named ones are recorded";
    e.log.probeEvery = 0;
    EXPECT_NE(whyUnused(e, "log.probe_lines"), "");
}

TEST(WhyUnused, SaysFirstThatNothingIsDistilled)
{
    Experiment sft;
    sft.method.objective = Objective::Sft;
    for (const char* field :
         {"method.distance", "method.teacher_distance", "method.teacher_temperature", "method.t2s_target",
          "method.agreement_mask", "method.agreement_threshold", "projector.init", "projector.s2t"}) {
        EXPECT_THAT(std::string(whyUnused(sft, field)), testing::HasSubstr("Only distillation")) << field;
    }
}

TEST(WhyUnused, KnowsWhatAReferenceComputesWith)
{
    Experiment e;
    e.method.fidelity = Fidelity::ReferenceV2;
    EXPECT_THAT(std::string(whyUnused(e, "method.teacher_distance")), testing::HasSubstr("reference-v2"));
    EXPECT_THAT(std::string(whyUnused(e, "method.teacher_temperature")), testing::HasSubstr("published"));
    e.method.space = Space::Teacher;
    EXPECT_EQ(whyUnused(e, "method.distance"), "") << "it is the teacher space's there";
    e.method.distance = Distance::Skl;
    e.method.teacherDistance = Distance::Akl;
    EXPECT_EQ(whyUnused(e, "method.skew_lambda"), "");
    EXPECT_NE(whyUnused(e, "method.adaptive_alpha"), "");
    e.method.fidelity = Fidelity::Paper;
    EXPECT_NE(whyUnused(e, "method.distance"), "");
    EXPECT_NE(whyUnused(e, "method.skew_lambda"), "");
    EXPECT_EQ(whyUnused(e, "method.adaptive_alpha"), "");
}

TEST(WhyUnused, KnowsWhatAReferenceChangesInFineTuning)
{
    Experiment sft;
    sft.method.objective = Objective::Sft;
    EXPECT_EQ(whyUnused(sft, "method.fidelity"), "") << "norms decay";
    sft.train.weightDecay = 0.0;
    EXPECT_THAT(std::string(whyUnused(sft, "method.fidelity")), testing::HasSubstr("train.weight_decay"));
    sft.train.warmupSteps = 3;
    EXPECT_EQ(whyUnused(sft, "method.fidelity"), "") << "the cosine ignores the warm-up";
    sft.train.schedule = Schedule::Linear;
    EXPECT_NE(whyUnused(sft, "method.fidelity"), "");
    sft.method.objective = Objective::Kd;
    EXPECT_EQ(whyUnused(sft, "method.fidelity"), "");
}

TEST(WhyUnused, KnowsThatThePublishedMinedComparesByKlAlone)
{
    Experiment e;
    applyMethod(e, **findMethod("mined"));
    e.method.distance = Distance::Js;
    EXPECT_EQ(whyUnused(e, "method.distance"), "");
    e.method.fidelity = Fidelity::ReferenceV1;
    EXPECT_THAT(std::string(whyUnused(e, "method.distance")), testing::HasSubstr("kl alone"));
    e.method.distance = Distance::Skl;
    EXPECT_NE(whyUnused(e, "method.skew_lambda"), "");
}

TEST(WhyUnused, KnowsWhichScheduleReadsWhat)
{
    Experiment e;
    e.train.schedule = Schedule::Cosine;
    EXPECT_EQ(whyUnused(e, "train.min_lr"), "");
    EXPECT_EQ(whyUnused(e, "train.warmup_steps"), "");
    e.method.fidelity = Fidelity::ReferenceV1;
    EXPECT_THAT(std::string(whyUnused(e, "train.warmup_steps")), testing::HasSubstr("no warm-up"));
    e.train.schedule = Schedule::Linear;
    EXPECT_EQ(whyUnused(e, "train.warmup_steps"), "");
    EXPECT_THAT(std::string(whyUnused(e, "train.min_lr")), testing::HasSubstr("cosine"));
}

TEST(WhyUnused, AsksForThePseudoInverseOnlyWhereATrackedProjectorIs)
{
    Experiment e;
    e.projector.s2t = S2tProjector::Tracked;
    EXPECT_EQ(whyUnused(e, "projector.rcond"), "") << "the dual space has the teacher's";
    e.method.space = Space::Student;
    EXPECT_NE(whyUnused(e, "projector.rcond"), "");
    EXPECT_NE(whyUnused(e, "projector.top_vocabulary"), "");
    e.projector.init = ProjectorInit::Pinv;
    EXPECT_EQ(whyUnused(e, "projector.rcond"), "");
}

TEST(WhyUnused, ReadsTheParametersOfADistanceFromItsRow)
{
    EXPECT_EQ(whyUnused(Experiment(), "method.skew_lambda"), "Only the distances skl and srkl have it.");
    EXPECT_EQ(whyUnused(Experiment(), "method.adaptive_alpha"), "Only the distance akl has it.");
    EXPECT_EQ(whyUnused(Experiment(), "method.beta"), "Only the distances sym and gjs have it.");
    EXPECT_EQ(whyUnused(Experiment(), "key_query.rate"), "Only attention has queries (method.alignment cma or cla).");
    Experiment uld;
    applyMethod(uld, **findMethod("uld"));
    for (const char* field : {"method.temperature", "method.temperature_squared", "method.teacher_temperature"}) {
        EXPECT_THAT(std::string(whyUnused(uld, field)), testing::HasSubstr("no temperature")) << field;
    }
    uld.method.alignment = Alignment::None;
    uld.method.space = Space::Dual;
    EXPECT_EQ(whyUnused(uld, "method.temperature"), "") << "kl in the teacher space has one";
    EXPECT_NE(whyUnused(uld, "method.teacher_temperature"), "");
}

TEST(WhyUnused, AnAdaptiveScheduleNeedsAShareToAdapt)
{
    Experiment e;
    e.onPolicy.schedule = OnPolicySchedule::Adaptive;
    EXPECT_THAT(std::string(whyUnused(e, "on_policy.replay")), testing::HasSubstr("on_policy.ratio"));
    e.onPolicy.ratio = 0.5;
    EXPECT_EQ(whyUnused(e, "on_policy.replay"), "");
    e.onPolicy.schedule = OnPolicySchedule::Fixed;
    EXPECT_THAT(std::string(whyUnused(e, "on_policy.replay")), testing::HasSubstr("adaptive"));
}

// What a named method sets it uses: otherwise its switches would be grey in its own dialog.
TEST(WhyUnused, LeavesNoMethodASettingWithoutEffect)
{
    for (const NamedMethod& method : namedMethods()) {
        Experiment experiment;
        applyMethod(experiment, method);
        for (const auto& [field, value] : method.fields) {
            EXPECT_TRUE(whyUnused(experiment, field).empty())
                << method.id << ' ' << field << ": " << whyUnused(experiment, field);
        }
    }
}

} // namespace
} // namespace dskd::config
