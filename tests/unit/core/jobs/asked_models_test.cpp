#include "core/jobs/asked_models.h"

#include <gtest/gtest.h>

namespace dskd::jobs
{
namespace
{

TEST(BaselineNames, HaveAsMuchOfThePathAsTellsThemApart)
{
    const auto names = baselineNames({{AskedPart::Teacher, "a", {}, "/models/gpt2"},
                                      {AskedPart::Untrained, "a", {}, "/models/small/gpt2/"},
                                      {AskedPart::Untrained, "b", {}, "/models/tiny/gpt2"},
                                      {AskedPart::Untrained, "c", {}, "/models/tiny/gpt2"},
                                      {AskedPart::Untrained, "d", {}, "/models/llama"},
                                      {AskedPart::Run, "a", 4, "/runs/a/checkpoints/step-4"}});
    ASSERT_EQ(names.size(), 6U);
    EXPECT_EQ(names[0].folder, "gpt2") << "no other teacher";
    EXPECT_EQ(names[1].folder, "small/gpt2");
    EXPECT_FALSE(names[1].ofARun);
    EXPECT_EQ(names[2].folder, "tiny/gpt2");
    EXPECT_TRUE(names[2].ofARun) << "the third has its folder too";
    EXPECT_TRUE(names[3].ofARun);
    EXPECT_EQ(names[4].folder, "llama");
    EXPECT_EQ(names[5].folder, "");
    EXPECT_EQ(baselineNames({{AskedPart::Teacher, "a", {}, "gpt2"}, {AskedPart::Teacher, "b", {}, "x/gpt2"}})[0].folder,
              "gpt2")
        << "it has no more names";
}

TEST(ModelTitle, IsThePartAndTheNameOfTheFolder)
{
    EXPECT_EQ(modelTitle(AskedPart::Teacher, {"gpt2-xl"}, "sft s10"), "teacher gpt2-xl");
    EXPECT_EQ(modelTitle(AskedPart::Untrained, {"tiny/gpt2"}, "sft s10"), "untrained student tiny/gpt2");
    EXPECT_EQ(modelTitle(AskedPart::Untrained, {"gpt2", true}, "sft s10"), "untrained student gpt2 of sft s10");
}

} // namespace
} // namespace dskd::jobs
