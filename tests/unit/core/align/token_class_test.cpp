#include "core/align/token_class.h"

#include <gtest/gtest.h>
#include <set>

namespace dskd::align
{
namespace
{

TokenClass classOf(const std::string& token)
{
    TokenClassifier classifier;
    return classifier.classOf(token, 0, token.size());
}

TEST(TokenClass, FollowsUnicodesProperties)
{
    EXPECT_EQ(classOf(""), TokenClass::Special);
    EXPECT_EQ(classOf("  "), TokenClass::Whitespace);
    EXPECT_EQ(classOf("\n\t"), TokenClass::Whitespace);
    EXPECT_EQ(classOf("\u00a0"), TokenClass::Whitespace) << "the no-break space";
    EXPECT_EQ(classOf("42"), TokenClass::Number);
    EXPECT_EQ(classOf(" 3.5"), TokenClass::Number);
    EXPECT_EQ(classOf("\u0664\u0662"), TokenClass::Number) << "Arabic-Indic digits";
    EXPECT_EQ(classOf(" ,"), TokenClass::Punctuation);
    EXPECT_EQ(classOf("\u2014"), TokenClass::Punctuation) << "a dash";
    EXPECT_EQ(classOf("+"), TokenClass::Punctuation) << "symbols too";
    EXPECT_EQ(classOf("\u65e5\u672c"), TokenClass::NonLatin);
    EXPECT_EQ(classOf(" \u0436"), TokenClass::NonLatin);
    EXPECT_EQ(classOf(" caf\u00e9"), TokenClass::RareWord) << "Latin, and never counted";
    EXPECT_EQ(classOf("4th"), TokenClass::RareWord) << "letters make it a word";
}

TEST(TokenClass, OfAPartOfAWordIsThatOfTheWholeWord)
{
    const std::string often = "distillation, distillation; distillation";
    TokenClassifier classifier;
    classifier.count(often);
    classifier.count("a pseudo-inverse");
    EXPECT_EQ(classifier.classOf(often, 4, 8), TokenClass::Word) << "illa of distillation, counted three times";
    EXPECT_EQ(classifier.classOf("the pseudo", 3, 7), TokenClass::RareWord) << " pse of pseudo";
}

TEST(TokenClass, OfAByteIsThatOfItsCharacter)
{
    const std::string text = "\u65e5x";
    TokenClassifier classifier;
    EXPECT_EQ(classifier.classOf(text, 1, 2), TokenClass::NonLatin);
}

TEST(TokenClass, HasARowForEachWithANameOfItsOwn)
{
    std::set<std::string_view> names;
    for (const TokenClassRow& row : tokenClasses()) {
        names.insert(row.name);
        EXPECT_EQ(rowOf(row.value).title, row.title);
    }
    EXPECT_EQ(names.size(), tokenClasses().size());
    EXPECT_EQ(rowOf(TokenClass::Word).name, "word") << "the last of them";
}

} // namespace
} // namespace dskd::align
