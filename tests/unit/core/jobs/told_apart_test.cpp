#include "core/jobs/told_apart.h"

#include "core/jobs/asked_models.h"
#include "tests/support/sample_matrix.h"

#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using test::experimentWith;
using testing::ElementsAre;

TEST(ToldApart, NamesWhatDiffersUnderOneTitleAlone)
{
    EXPECT_THAT(toldApart({"a", "b", "a"}, {experimentWith({}, 1), experimentWith({}, 2), experimentWith({}, 3)}),
                ElementsAre("seed=1", "", "seed=3"));
    EXPECT_THAT(toldApart({"a", "a"}, {experimentWith({}), experimentWith({})}), ElementsAre("", ""));
    EXPECT_THAT(toldApart({"a", "a"}, {experimentWith({{"space", "diff"}, {"distance", "rkl"}}),
                                       experimentWith({{"space", "dual"}, {"distance", "kl"}})}),
                ElementsAre("space=diff, distance=rkl", "space=dual, distance=kl"));
    EXPECT_THAT(toldApart({}, {}), testing::IsEmpty());
}

TEST(ToldApart, WritesOfPathsTheEndWhereThatTellsThemApart)
{
    const auto models = [](const char* one, const char* other) {
        return toldApart({"a", "a"},
                         {experimentWith({{"student.model", one}}), experimentWith({{"student.model", other}})});
    };
    EXPECT_THAT(models("/m/gpt2", "/m/llama"), ElementsAre(testing::EndsWith("=gpt2"), testing::EndsWith("=llama")));
    EXPECT_THAT(models("/a/gpt2", "/b/gpt2"),
                ElementsAre(testing::EndsWith("=/a/gpt2"), testing::EndsWith("=/b/gpt2")));
}

// Two runs of one student: its method does not matter before the first step, the length of its prompts does.
TEST(ToldApart, OfUntrainedStudentsNamesWhatTheirAnswersDependOn)
{
    const auto untrained = [](const test::FieldTexts& fields) {
        return validatedModel(experimentWith(fields), AskedPart::Untrained);
    };
    EXPECT_THAT(toldApart({"a", "a"}, {untrained({{"space", "diff"}}), untrained({{"space", "dual"}})}),
                ElementsAre("", ""));
    EXPECT_THAT(toldApart({"a", "a"}, {untrained({{"data.max_prompt_length", "64"}}),
                                       untrained({{"data.max_prompt_length", "32"}})}),
                ElementsAre(testing::EndsWith("max_prompt_length=64"), testing::EndsWith("max_prompt_length=32")));
}

} // namespace
} // namespace dskd::jobs
