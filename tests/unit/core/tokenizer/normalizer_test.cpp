#include "core/tokenizer/steps/normalizer.h"

#include "core/base/utf8.h"
#include "core/tokenizer/steps/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

std::string normalized(const json& description, const std::string& text)
{
    const Normalizer normalizer = std::move(parseNormalizer(description)).value();
    Normalizer::Buffers buffers;
    RegexMatcher matcher;
    return std::string(normalizer.apply({text, nullptr, 0}, buffers, matcher).text);
}

std::string repeated(const std::string& text, std::size_t times)
{
    std::string result;
    for (std::size_t i = 0; i < times; ++i) {
        result += text;
    }
    return result;
}

// A dot below goes before an acute, and the first of them composes with the letter.
TEST(Normalizer, PutsMarksInOrderHoweverManyThereAre)
{
    const json nfc = {{"type", "NFC"}};
    for (const std::size_t times : {std::size_t{1}, std::size_t{20}, std::size_t{500}, std::size_t{200'000}}) {
        const std::string expected = "x\u1EA1" + repeated("\u0323", times - 1) + repeated("\u0301", times) + "y\u00E9";
        EXPECT_EQ(normalized(nfc, "xa" + repeated("\u0301\u0323", times) + "ye\u0301"), expected) << times;
    }
    const std::size_t times = 100; // characters that decompose to two marks
    EXPECT_EQ(normalized({{"type", "NFD"}}, repeated("\u0F73", times)),
              repeated("\u0F71", times) + repeated("\u0F72", times));
}

TEST(Normalizer, RefusesATextThatGrowsWithoutEnd)
{
    json steps = json::array();
    for (int i = 0; i < 40; ++i) {
        steps.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}});
    }
    const json chain = {{"type", "Sequence"}, {"normalizers", steps}};
    EXPECT_EQ(normalized(chain, "b"), "b");
    try {
        (void)normalized(chain, "a");
        FAIL() << "a terabyte";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what, testing::HasSubstr("more than 4160 bytes"));
    }
    const json visible = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
    EXPECT_EQ(normalized(visible, std::string(100'000, ' ')), repeated("\u2581", 100'000));
}

} // namespace
} // namespace dskd::tokenizer
