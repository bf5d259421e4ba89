#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/config/schema/number_list.h"

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

TEST(Validate, RefusesDistancesThatAreInfiniteWhereMinimumEditsMatchNothing)
{
    Experiment e = sound();
    e.method.space = Space::Different;
    e.method.alignment = Alignment::MinEd;
    for (const Distance distance :
         {Distance::Kl, Distance::Js, Distance::Skl, Distance::Srkl, Distance::Tvd, Distance::Gjs}) {
        e.method.distance = distance;
        EXPECT_THAT(validate(e), IsEmpty()) << name(distance);
    }
    for (const Distance distance : {Distance::Rkl, Distance::Akl, Distance::Sym, Distance::Uld}) {
        e.method.distance = distance;
        EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.distance")) << name(distance);
    }
    e.method.distance = Distance::Rkl;
    EXPECT_THAT(validate(e).front().what, testing::EndsWith("choose kl, js, skl, srkl, tvd or gjs."));
    e.method.distance = Distance::Gjs;
    e.method.beta = 1.0; // the reverse KL
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.distance"));
    EXPECT_THAT(validate(e).front().what, testing::EndsWith("choose kl, js, skl, srkl or tvd."));
    e.method.fidelity = Fidelity::ReferenceV1; // knows the forward KL only
    EXPECT_THAT(validate(e), IsEmpty());
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

TEST(Validate, WantsAnAdapterToBelongToWeightsInAFolder)
{
    Experiment e = sound();
    e.train.fineTuning = FineTuning::Lora;
    e.lora.saved = LoraSaved::Adapter;
    EXPECT_THAT(validate(e), IsEmpty());
    e.student.adapter = "/adapter";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("lora.saved"));
    e.lora.saved = LoraSaved::Merged;
    EXPECT_THAT(validate(e), IsEmpty());
}

TEST(Validate, WantsTargetsToNameSomething)
{
    Experiment e = sound();
    e.lora.targets = "q_proj, v_proj";
    EXPECT_THAT(validate(e), IsEmpty());
    e.lora.targets = " , ";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("lora.targets"));
}

TEST(Validate, WantsASystemMessageOnlyWhereATemplateHasAPlaceForIt)
{
    Experiment e = sound();
    e.data.systemPrompt = "Be brief.";
    for (const Template t : {Template::Alpaca, Template::Plain, Template::Gemma}) {
        e.data.promptTemplate = t;
        EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("data.system_prompt")) << name(t);
    }
    for (const Template t : {Template::Chat, Template::ChatMl, Template::Llama2, Template::Llama3, Template::Zephyr}) {
        e.data.promptTemplate = t;
        EXPECT_THAT(validate(e), IsEmpty()) << name(t);
    }
    e.data.truncatePrompt = Side::Right;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("data.truncate_prompt"));
    e.data.systemPrompt.clear();
    e.data.promptTemplate = Template::Alpaca;
    EXPECT_THAT(validate(e), IsEmpty());
}

TEST(Validate, RefusesToAdaptOrFreezeRandomWeights)
{
    Experiment e = sound();
    e.train.fineTuning = FineTuning::Lora;
    e.train.freezeEmbeddings = true; // harmless
    e.student.adapter = "/adapter";
    EXPECT_THAT(validate(e), IsEmpty());
    e.student.init = StudentInit::Random;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("student.adapter", "train.fine_tuning", "train.freeze_embeddings"));
    e.job = JobKind::Evaluate;
    e.evaluate.data = "/d.jsonl";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("student.adapter"));
    e = sound();
    e.lora.saved = LoraSaved::Adapter; // not used, and harmless
    EXPECT_THAT(validate(e), IsEmpty());
}

TEST(Validate, WantsTheModelOfAnAdapter)
{
    Experiment e = sound();
    e.teacher.adapter = "/adapter";
    EXPECT_THAT(validate(e), IsEmpty());
    e.teacher.model.clear();
    e.method.objective = Objective::Sft;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("teacher.adapter"));
}

TEST(Validate, AllowsTheTeachersAnswersForEveryObjective)
{
    Experiment e = sound();
    e.data.answers = AnswerSource::Teacher;
    EXPECT_THAT(validate(e), IsEmpty());
    e.method.objective = Objective::Sft;
    EXPECT_THAT(validate(e), IsEmpty());
    e.teacher.model.clear();
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("teacher.model"));
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

TEST(Validate, LetsSoftAlignmentsLearnFromOwnAnswers)
{
    for (const Alignment alignment : {Alignment::Cma, Alignment::Cla, Alignment::Clp}) {
        Experiment e = sound();
        e.method.alignment = alignment;
        e.onPolicy.ratio = 0.5;
        EXPECT_THAT(validate(e), IsEmpty());
    }
}

TEST(Validate, WantsValidationsForTheAdaptiveSchedule)
{
    Experiment e = sound();
    e.onPolicy.ratio = 1.0;
    e.onPolicy.schedule = OnPolicySchedule::Adaptive;
    EXPECT_THAT(validate(e), IsEmpty());
    e.validation.every = 0;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("validation.every"));
    e.data.validation = "";
    e.onPolicy.ratio = 0.0;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("on_policy.schedule", "data.validation", "validation.every"));
}

TEST(Validate, WantsThePolicyGradientToSampleFromTheModelsThemselves)
{
    Experiment e = sound();
    e.method.objective = Objective::PolicyGradient;
    e.method.space = Space::Different;
    EXPECT_THAT(validate(e), IsEmpty());
    e.onPolicy.topP = 0.9;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("on_policy.top_p"));
    e.onPolicy = {};
    e.onPolicy.temperature = 0.7;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("on_policy.temperature"));
    e.onPolicy = {};
    e.data.lossOn = LossOn::All;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("data.loss_on"));
    e.data.lossOn = LossOn::Response;
    e.method.alignment = Alignment::Eta;
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("method.alignment"));
}

TEST(Validate, WantsATeacherThatAnswers)
{
    Experiment e = sound();
    e.method.objective = Objective::Sft;
    e.data.answers = AnswerSource::Teacher;
    EXPECT_THAT(validate(e), IsEmpty());
    e.teacher.model = "";
    EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("teacher.model"));
}

TEST(Validate, WantsLinesOfProbesThatCanBeRead)
{
    Experiment e = sound();
    e.log.probeLines = "3, 17, 40-42";
    EXPECT_THAT(validate(e), IsEmpty());
    for (const char* wrong : {"three", "3,-1", "5-2", "0, 3", " , "}) {
        e.log.probeLines = wrong;
        EXPECT_THAT(fieldsOf(validate(e)), ElementsAre("log.probe_lines")) << wrong;
    }
}

TEST(NumberList, IsReadAndWrittenAsPeopleDo)
{
    EXPECT_THAT(parseNumbers("3, 17;40-42 3", "lines").value(), ElementsAre(3U, 17U, 40U, 41U, 42U));
    EXPECT_EQ(numbersText({3, 17, 40, 41, 42}), "3, 17, 40-42");
    EXPECT_EQ(numbersText({}), "");
    EXPECT_EQ(parseNumbers("9-8", "lines").failure().what, "The lines \"9-8\" fall: the range ends before it begins.");
    EXPECT_EQ(parseNumbers("", "lines").failure().what, "No lines are given.");
}

} // namespace
} // namespace dskd::config
