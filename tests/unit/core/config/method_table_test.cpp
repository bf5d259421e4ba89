#include "core/config/methods/method_table.h"

#include "core/config/methods/fidelity_differences.h"
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

Experiment ready()
{
    Experiment experiment;
    experiment.student.model = "/student";
    experiment.teacher.model = "/teacher";
    experiment.data.train = "/train.jsonl";
    experiment.data.validation = "/validation.jsonl";
    return experiment;
}

TEST(NamedMethods, AreCompositionsThatRunAndAreRecognised)
{
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < namedMethods().size(); ++i) {
        const NamedMethod& method = namedMethods()[i];
        EXPECT_TRUE(ids.insert(method.id).second) << method.id;
        EXPECT_TRUE(method.sentence.ends_with('.')) << method.id;
        Experiment experiment = ready();
        applyMethod(experiment, method);
        const auto problems = validate(experiment);
        EXPECT_TRUE(problems.empty()) << method.id << ": " << (problems.empty() ? "" : problems.front().what);
        EXPECT_EQ(methodOf(experiment), i) << method.id;
    }
}

// Every way to compare two tokenizations is offered once (core/preflight/rules.cpp), but for the attentions, of which
// cma stands for the others.
TEST(NamedMethods, SayHowTheyCompareTwoTokenizations)
{
    std::set<std::string_view> ways;
    std::set<std::string_view> alignments;
    for (const NamedMethod& method : namedMethods()) {
        Experiment experiment = ready();
        applyMethod(experiment, method);
        const AlignmentRow& alignment = rowOf(experiment.method.alignment);
        const bool compares = distils(experiment.method) && !comparesById(experiment.method);
        EXPECT_EQ(method.vocabularies == Vocabularies::Any, compares || experiment.method.objective == Objective::Sft)
            << method.id;
        if (!method.acrossTokenizers.empty()) {
            EXPECT_TRUE(compares) << method.id;
            EXPECT_TRUE(ways.insert(method.acrossTokenizers).second) << method.id;
            alignments.insert(alignment.name);
        } else {
            EXPECT_TRUE(!compares || alignment.attends) << method.id;
        }
    }
    EXPECT_THAT(alignments, testing::UnorderedElementsAre("eta", "cma", "position", "mined"));
}

TEST(NamedMethods, LeaveNothingOfTheOneBefore)
{
    for (const NamedMethod& before : namedMethods()) {
        for (std::size_t i = 0; i < namedMethods().size(); ++i) {
            Experiment experiment = ready();
            applyMethod(experiment, before);
            applyMethod(experiment, namedMethods()[i]);
            EXPECT_EQ(methodOf(experiment), i) << before.id << " then " << namedMethods()[i].id;
            EXPECT_TRUE(validate(experiment).empty()) << before.id << " then " << namedMethods()[i].id;
        }
    }
}

const NamedMethod& named(std::string_view id)
{
    return *findMethod(id).value();
}

TEST(NamedMethods, BringTheSettingsOfTheirPapersAndTakeThemAwayAgain)
{
    Experiment experiment = ready();
    const Experiment defaults;
    applyMethod(experiment, named("distillm"));
    EXPECT_EQ(experiment.method.temperature, 1.0);
    EXPECT_EQ(experiment.method.kdRate, 1.0);
    experiment.method.kdRate = 0.75; // a person's own
    applyMethod(experiment, named("dskd"));
    EXPECT_EQ(experiment.method.temperature, defaults.method.temperature);
    EXPECT_EQ(experiment.method.kdRate, 0.75);
    experiment.method.temperature = 1.0; // a person's own, though a paper has the same
    applyMethod(experiment, named("dskd-v2"));
    EXPECT_EQ(experiment.method.temperature, 1.0);
}

TEST(NamedMethods, KeepTheDistanceThatAPersonChose)
{
    Experiment experiment = ready();
    experiment.method.distance = Distance::Akl;
    const auto& methods = namedMethods();
    const auto uld = std::find_if(methods.begin(), methods.end(), [](const auto& m) { return m.id == "uld"; });
    applyMethod(experiment, methods.front());
    EXPECT_EQ(experiment.method.distance, Distance::Akl);
    applyMethod(experiment, *uld);
    EXPECT_EQ(experiment.method.distance, Distance::Uld);
    applyMethod(experiment, methods.front());
    EXPECT_EQ(experiment.method.distance, Distance::Kl) << "what ULD needs is not left to another method";
}

TEST(NamedMethods, AreSetByTheirNameLikeAField)
{
    Experiment experiment = ready();
    ASSERT_TRUE(setField(experiment, "method", "dskd-cma"));
    EXPECT_EQ(experiment.method.alignment, Alignment::Cma);
    const auto unknown = setField(experiment, "method", "magic");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.failure().text(), testing::AllOf(testing::HasSubstr("\"magic\""), testing::HasSubstr("uld")));
}

TEST(NamedMethods, ACompositionOfOnesOwnHasNoName)
{
    Experiment experiment = ready();
    experiment.projector.init = ProjectorInit::Pinv;
    EXPECT_EQ(methodOf(experiment), std::nullopt);
}

std::string nameAndLabel(const Experiment& experiment)
{
    const MethodName name = methodNameOf(experiment);
    return name.id + "|" + name.label;
}

TEST(MethodName, IsTheIdWithTheDistanceWhereAPersonChoseIt)
{
    for (const NamedMethod& method : namedMethods()) {
        Experiment experiment = ready();
        applyMethod(experiment, method);
        const std::string id(method.id);
        EXPECT_EQ(nameAndLabel(experiment), id + "|" + id);
    }
    Experiment experiment = ready();
    applyMethod(experiment, named("dskd-cma"));
    experiment.method.distance = Distance::Rkl;
    EXPECT_EQ(nameAndLabel(experiment), "dskd-cma|dskd-cma rkl");
    applyMethod(experiment, named("sft"));
    EXPECT_EQ(nameAndLabel(experiment), "sft|sft") << "which compares by none";
}

TEST(MethodName, OfACompositionWithoutANameIsWhatItIsComposedOf)
{
    Experiment experiment = ready();
    experiment.projector.init = ProjectorInit::Pinv;
    EXPECT_EQ(nameAndLabel(experiment), "|dual kl");
    experiment.method.alignment = Alignment::Cma;
    experiment.method.space = Space::Teacher;
    experiment.method.teacherDistance = Distance::Akl;
    EXPECT_EQ(nameAndLabel(experiment), "|teacher akl cma") << "the distance that is compared by";
    experiment.keyQuery.matching = KeyQueryMatching::Ct;
    EXPECT_EQ(nameAndLabel(experiment), "|teacher akl cma ct");
    experiment.method.alignment = Alignment::Clp;
    EXPECT_EQ(nameAndLabel(experiment), "|teacher akl clp") << "which has no queries to match";
    experiment.method.objective = Objective::PolicyGradient;
    EXPECT_EQ(nameAndLabel(experiment), "|policy-gradient");
    experiment.job = JobKind::Evaluate;
    EXPECT_EQ(nameAndLabel(experiment), "|evaluate");
}

TEST(MethodName, WithoutTheDistanceIsThatOfTheMethodUnderEveryDistance)
{
    for (const NamedMethod& method : namedMethods()) {
        Experiment experiment = ready();
        applyMethod(experiment, method);
        for (const Distance distance : {experiment.method.distance, Distance::Kl, Distance::Rkl, Distance::Srkl}) {
            experiment.method.distance = distance;
            EXPECT_EQ(labelWithoutDistance(experiment), method.id) << name(distance);
        }
    }
    Experiment experiment = ready();
    experiment.projector.init = ProjectorInit::Pinv;
    experiment.method.alignment = Alignment::Cma;
    EXPECT_EQ(labelWithoutDistance(experiment), "dual cma");
    experiment.job = JobKind::Evaluate;
    EXPECT_EQ(labelWithoutDistance(experiment), "evaluate");
}

TEST(NamedMethods, SuggestTheNameThatIsNearest)
{
    EXPECT_THAT(findMethod("DSKD-V2").failure().text(), testing::HasSubstr("Did you mean dskd-v2?"));
    EXPECT_THAT(findMethod("ulds").failure().text(), testing::HasSubstr("Did you mean uld?"));
    EXPECT_THAT(findMethod("something").failure().text(), testing::Not(testing::HasSubstr("Did you mean")));
}

TEST(FidelityDifferences, TellWhatThePublishedCodeKnowsNothingOf)
{
    Experiment e;
    applyMethod(e, named("dskd-v2"));
    EXPECT_THAT(unknownToPublished(e), testing::IsEmpty());
    e.method.fidelity = Fidelity::ReferenceV2;
    EXPECT_THAT(unknownToPublished(e), testing::IsEmpty());
    e.method.fidelity = Fidelity::ReferenceV1;
    EXPECT_THAT(unknownToPublished(e),
                testing::ElementsAre("the agreement mask", "projectors from the pseudo-inverse"));
    applyMethod(e, named("distillm"));
    EXPECT_THAT(unknownToPublished(e), testing::ElementsAre("answers of the student's own"));
    e.method.fidelity = Fidelity::ReferenceV2;
    EXPECT_THAT(unknownToPublished(e), testing::ElementsAre("an adaptive share of the student's own answers"));
    applyMethod(e, named("gkd"));
    EXPECT_THAT(unknownToPublished(e), testing::ElementsAre("the distance gjs"));
    applyMethod(e, named("seqkd"));
    EXPECT_THAT(unknownToPublished(e), testing::ElementsAre("answers of the teacher's"));
}

TEST(FidelityDifferences, TellOfWhatIsComputedOnly)
{
    Experiment e;
    applyMethod(e, named("dskd-teacher"));
    e.method.fidelity = Fidelity::ReferenceV1;
    e.method.distance = Distance::Tvd; // of a space that is not compared
    EXPECT_THAT(unknownToPublished(e), testing::IsEmpty());
    e.method.teacherDistance = Distance::Sym;
    EXPECT_THAT(unknownToPublished(e), testing::ElementsAre("the distance sym"));
    e.method.fidelity = Fidelity::ReferenceV2; // compares every space by the one distance
    EXPECT_THAT(unknownToPublished(e), testing::ElementsAre("the distance tvd"));

    e = Experiment();
    applyMethod(e, named("dskd-clp"));
    e.method.fidelity = Fidelity::ReferenceV1;
    e.keyQuery.matching = KeyQueryMatching::Sinkhorn; // without queries
    EXPECT_THAT(unknownToPublished(e), testing::IsEmpty());
    e = Experiment();
    applyMethod(e, named("minillm"));
    e.method.fidelity = Fidelity::ReferenceV1;
    e.projector.init = ProjectorInit::Pinv;
    EXPECT_THAT(unknownToPublished(e), testing::IsEmpty()) << "the fidelity is refused there";
}

TEST(FidelityDifferences, TellOfBothReferencesInTheirOrder)
{
    std::vector<Fidelity> told;
    for (const FidelityDifference& difference : fidelityDifferences()) {
        EXPECT_TRUE(difference.sentence.ends_with('.')) << difference.sentence;
        EXPECT_FALSE(difference.concerns.empty()) << difference.sentence;
        if (told.empty() || told.back() != difference.fidelity) {
            told.push_back(difference.fidelity);
        }
    }
    EXPECT_THAT(told, testing::ElementsAre(Fidelity::ReferenceV1, Fidelity::ReferenceV2));
    for (const PublishedFault& fault : faultsNotReproduced()) {
        EXPECT_TRUE(fault.sentence.ends_with('.')) << fault.sentence;
    }
}

TEST(ChoiceMeanings, TellEveryChoiceOfTheFieldsThatComposeAMethod)
{
    std::set<std::pair<std::string, std::string>> told;
    std::set<std::string> fields;
    for (const ChoiceMeaning& meaning : choiceMeanings()) {
        EXPECT_TRUE(told.emplace(meaning.field, meaning.value).second) << meaning.value;
        EXPECT_TRUE(meaning.sentence.ends_with('.')) << meaning.value;
        fields.emplace(meaning.field);
    }
    std::size_t count = 0;
    for (const FieldInfo& field : fieldReference()) {
        const bool composes = field.path == "method.fidelity" ||
                              std::any_of(baseFields().begin(), baseFields().end(),
                                          [&](const FieldValue& base) { return base.first == field.path; });
        EXPECT_EQ(fields.contains(field.path), composes && !field.choices.empty()) << field.path;
        for (const std::string& choice : composes ? field.choices : std::vector<std::string>()) {
            EXPECT_TRUE(told.contains({field.path, choice})) << field.path << ' ' << choice;
            ++count;
        }
    }
    EXPECT_EQ(count, told.size());
}

} // namespace
} // namespace dskd::config
