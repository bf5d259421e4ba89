#include "core/config/plan/seeds.h"

#include <gmock/gmock.h>

namespace dskd::config
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Seeds, AreNumbersAndRangesInTheOrderOfTheText)
{
    EXPECT_THAT(parseSeeds("10, 20 30;20").value(), ElementsAre(10u, 20u, 30u)) << "each once";
    EXPECT_THAT(parseSeeds("10-14").value(), ElementsAre(10u, 11u, 12u, 13u, 14u));
    EXPECT_THAT(parseSeeds("3, 0-1,1-4").value(), ElementsAre(3u, 0u, 1u, 2u, 4u));
    EXPECT_THAT(parseSeeds("7-7").value(), ElementsAre(7u));
    EXPECT_THAT(parseSeeds("18446744073709551614-18446744073709551615").value(),
                ElementsAre(18446744073709551614u, 18446744073709551615u));
}

TEST(Seeds, SayWhatTheyCannotBe)
{
    const auto refusal = [](const char* text) {
        const auto seeds = parseSeeds(text);
        EXPECT_FALSE(seeds) << text;
        EXPECT_EQ(seeds.failure().kind, FailureKind::Usage);
        EXPECT_THAT(seeds.failure().hint, HasSubstr("10-14"));
        return seeds.failure().what;
    };
    EXPECT_THAT(refusal("10, ten"), HasSubstr("\"ten\" is not a whole number"));
    EXPECT_THAT(refusal("-3"), HasSubstr("\"-3\" is not"));
    EXPECT_THAT(refusal("1.5"), HasSubstr("\"1.5\" is not"));
    EXPECT_THAT(refusal("1-2-3"), HasSubstr("\"1-2-3\" is not"));
    EXPECT_THAT(refusal("18446744073709551616"), HasSubstr("is not a whole number"));
    EXPECT_THAT(refusal("14-10"), HasSubstr("\"14-10\" fall"));
    EXPECT_THAT(refusal("0-10000"), HasSubstr("more than 10000"));
    EXPECT_THAT(refusal(" , "), HasSubstr("No seeds"));
}

TEST(Seeds, AreWrittenAsTheyAreRead)
{
    EXPECT_EQ(seedsText({10, 11, 12, 13, 14}), "10-14");
    EXPECT_EQ(seedsText({10, 20, 30}), "10, 20, 30");
    EXPECT_EQ(seedsText({1, 2, 7, 8, 9, 3}), "1, 2, 7-9, 3") << "two of them are no range";
    EXPECT_EQ(seedsText({}), "");
    EXPECT_THAT(parseSeeds(seedsText({1, 2, 7, 8, 9, 3})).value(), ElementsAre(1u, 2u, 7u, 8u, 9u, 3u));
}

} // namespace
} // namespace dskd::config
