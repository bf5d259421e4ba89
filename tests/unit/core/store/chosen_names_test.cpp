#include "core/store/chosen_names.h"

#include <gmock/gmock.h>
#include <optional>
#include <string>

namespace dskd::store
{
namespace
{

using testing::HasSubstr;

TEST(ChosenNames, AreUsedAsTheyAre)
{
    for (const std::string name : {"dual, lr 1e-3", "the last", "grouped", "a#2", "20261123", "20261123-0512", "größer",
                                   "space=dual distance=kl"}) {
        EXPECT_EQ(whyUnusableName(name), "") << name;
        EXPECT_EQ(usableName(name), name);
        EXPECT_TRUE(checkName(name, Named::Run)) << name;
    }
}

TEST(ChosenNames, AreNotWhatMeansSomethingElse)
{
    for (const std::string name : {"a@1", "a@b", "a@", "@", "me@2x", "@7", "#", "##3@4", "#last", "last", "group:last",
                                   "group:#", "20261123-051200-dskd-s10", "20261123-051200-"}) {
        EXPECT_NE(whyUnusableName(name), "") << name;
        EXPECT_EQ(whyUnusableName(usableName(name)), "") << name;
        for (const Named what : {Named::Experiment, Named::Run, Named::Group}) {
            EXPECT_EQ(checkName(name, what).failure().kind, FailureKind::Usage) << name;
        }
    }
    EXPECT_THAT(whyUnusableName("abl@1"), HasSubstr("ends like a revision"));
    EXPECT_THAT(whyUnusableName("me@home"), HasSubstr("holds an @"));
    EXPECT_EQ(usableName("me@home"), "me-home");
    EXPECT_EQ(usableName("20261123-051200-dskd-s10"), "dskd-s10");
    EXPECT_EQ(checkName("last", Named::Run).failure().hint, "Choose another name, for example \"last experiment\".");
}

TEST(ChosenNames, HoldNothingThatATerminalObeys)
{
    for (const std::string name : {"two\nlines", "a\tb", "a\rb", "\x1b[2J", "a\x7f", "\xc2\x9b", "\u202egpj", "\xff"}) {
        EXPECT_THAT(whyUnusableName(name), HasSubstr("control character")) << name;
        EXPECT_EQ(whyUnusableName(usableName(name)), "") << name;
    }
    for (const std::string name : {"two\nlines", "two\r\nlines", "two\rlines", "two\vlines", "two\xc2\x85lines",
                                   "two\u2028lines", "two\u2029lines", "two\tlines", "\ntwo lines\u2028"}) {
        EXPECT_EQ(usableName(name), "two lines") << name;
        EXPECT_THAT(whyUnusableName(name), HasSubstr("line break")) << name;
    }
    EXPECT_EQ(usableName("a\x1b[31m\x07"
                         "b"),
              "a[31mb");
    EXPECT_EQ(usableName("\u202egpj"), "gpj");
    EXPECT_EQ(usableName("a\xff"), "a");
    EXPECT_EQ(usableName("\x1b"), "experiment");
    EXPECT_EQ(checkName("a\rb", Named::Run).failure().hint, "Choose another name, for example \"a b\".");
    EXPECT_THAT(whyUnusableName("two\nlines"), HasSubstr("\"two lines\"")) << "shown on one line";
}

TEST(ChosenNames, NeitherBeginNorEndWithABlank)
{
    for (const std::string name : {" a b", "a b ", "  a b  "}) {
        EXPECT_THAT(whyUnusableName(name), HasSubstr("begins or ends with a blank")) << name;
        EXPECT_EQ(usableName(name), "a b");
    }
    EXPECT_EQ(usableName(" last "), "last experiment");
    EXPECT_EQ(usableName("group: demo"), "demo");
}

TEST(ChosenNames, AreNotWhatMeansSomethingElseInCapitals)
{
    for (const std::string name : {"LAST", "Last"}) {
        EXPECT_THAT(whyUnusableName(name), HasSubstr("stands for the newest run")) << name;
        EXPECT_EQ(usableName(name), name + " experiment");
    }
    EXPECT_THAT(whyUnusableName("Group:x"), HasSubstr("as groups of runs are named"));
    EXPECT_EQ(usableName("GROUP:x"), "x");
    EXPECT_EQ(whyUnusableName("Lasting"), "");
    EXPECT_EQ(whyUnusableName("Group x"), "");
}

TEST(ChosenNames, HaveAHundredCharactersAtMost)
{
    std::string name;
    for (std::size_t i = 0; i < kLongestName; ++i) {
        name += "é"; // two bytes
    }
    EXPECT_EQ(whyUnusableName(name), "");
    EXPECT_THAT(whyUnusableName(name + "e"), HasSubstr("has 101 characters; 100 are the most"));
    EXPECT_EQ(usableName(name + "e"), name);
}

TEST(ChosenNames, ANumberIsTheWholeText)
{
    EXPECT_EQ(numberOf("#2"), 2);
    EXPECT_EQ(numberOf("#120"), 120);
    for (const std::string text :
         {"2", "#", "", "#2@1", "#2abc", "#2 ", " #2", "# 2", "#-2", "#+2", "##2", "#2.0", "#99999999999999999999"}) {
        EXPECT_EQ(numberOf(text), std::nullopt) << text;
    }
}

TEST(ChosenNames, AreNeededOfExperimentsAlone)
{
    EXPECT_FALSE(checkName("", Named::Experiment));
    EXPECT_TRUE(checkName("", Named::Run)) << "it gets one";
    EXPECT_TRUE(checkName("", Named::Group)) << "none";
    EXPECT_THAT(checkName(" \t", Named::Group).failure().what, HasSubstr("A group needs a name"));
    EXPECT_EQ(usableName(""), "");
}

} // namespace
} // namespace dskd::store
