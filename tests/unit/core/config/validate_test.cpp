#include "core/config/experiment_json.h"

#include <gmock/gmock.h>

namespace dskd::config
{
namespace
{

Experiment sound()
{
    Experiment e;
    e.student.model = "/student";
    e.teacher.model = "/teacher";
    e.data.train = "/train.jsonl";
    e.data.validation = "/dev.jsonl";
    return e;
}

std::vector<std::string> fieldsOf(const std::vector<Problem>& problems)
{
    std::vector<std::string> names;
    for (const Problem& problem : problems) {
        EXPECT_THAT(problem.what, testing::StartsWith(problem.field));
        names.push_back(problem.field);
    }
    return names;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Validate, AcceptsASoundExperiment)
{
    EXPECT_THAT(validate(sound()), IsEmpty());
    Experiment sft = sound();
    sft.method.objective = Objective::Sft;
    sft.teacher.model = "";
    EXPECT_THAT(validate(sft), IsEmpty());
}

TEST(Validate, WantsATeacherForDistillation)
{
    Experiment e = sound();
    e.teacher.model = "";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("teacher.model"));
}

TEST(Validate, RefusesAttentionAlignmentWithoutACommonSpace)
{
    Experiment e = sound();
    e.method.alignment = Alignment::Cma;
    EXPECT_THAT(validate(e), IsEmpty());
    e.method.space = Space::Different;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.space"));
    e.method.objective = Objective::Sft;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.alignment"));
}

TEST(Validate, RefusesAFidelityWithoutPublishedCodeToFollow)
{
    Experiment e = sound();
    for (const Alignment alignment : {Alignment::None, Alignment::Cma, Alignment::Cla, Alignment::Clp}) {
        e.method.alignment = alignment;
        e.method.fidelity = Fidelity::ReferenceV1;
        EXPECT_THAT(validate(e), IsEmpty());
        e.method.fidelity = Fidelity::ReferenceV2;
        const bool known = alignment == Alignment::None || alignment == Alignment::Cma;
        EXPECT_EQ(validate(e).empty(), known);
    }
    e.method.alignment = Alignment::EtaPublished;
    EXPECT_THAT(validate(e), IsEmpty());
    e.method.fidelity = Fidelity::ReferenceV1;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.fidelity"));
    e.method.alignment = Alignment::Eta;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.fidelity"));
    e.method.fidelity = Fidelity::ReferenceV2;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.fidelity"));
    e.method.fidelity = Fidelity::Paper;
    EXPECT_THAT(validate(e), IsEmpty());
    e.method.alignment = Alignment::EtaPublished;
    e.method.space = Space::Different;
    EXPECT_THAT(validate(e), IsEmpty());
    e.method.fidelity = Fidelity::ReferenceV2;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.fidelity"));
}

TEST(Validate, WantsRoomForAResponseAndAnEndOfTraining)
{
    Experiment e = sound();
    e.data.maxPromptLength = 512;
    e.train.epochs = 0;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("data.max_prompt_length", "train.epochs"));
    e = sound();
    e.train.steps = 10;
    e.train.warmupSteps = 11;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("train.warmup_steps"));
}

TEST(Validate, WantsACustomTemplateExactlyWhenItIsUsed)
{
    Experiment e = sound();
    e.data.promptTemplate = Template::Custom;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("data.custom_template"));
    e.data.customTemplate = "{instruction}\n";
    EXPECT_THAT(validate(e), IsEmpty());
    e.data.promptTemplate = Template::Plain;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("data.template"));
}

TEST(Validate, WantsWhatEachJobWorksOn)
{
    Experiment e;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("student.model", "teacher.model", "data.train"));
    e.student.model = "/student";
    e.job = JobKind::Evaluate;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("evaluate.data"));
    e.evaluate.data = "/d.jsonl";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre());
    e.evaluate.prompt = "a prompt has no reference answer";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("evaluate.prompt"));
    e.evaluate = {};
    e.job = JobKind::Generate;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("evaluate.prompt"));
    e.evaluate.prompt = "Hello";
    EXPECT_THAT(validate(e), IsEmpty());
    e.evaluate.data = "/d.jsonl";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("evaluate.prompt"));
}

} // namespace
} // namespace dskd::config
