#include "core/base/hash.h"

#include <gtest/gtest.h>

namespace dskd
{
namespace
{

// The test vectors of the authors' reference code (test_fnv.c).
TEST(Fnv1a, HasThePublishedValues)
{
    const auto hashOf = [](std::string_view bytes) {
        Fnv1a hash;
        hash.add(bytes);
        return hexadecimal(hash.value());
    };
    EXPECT_EQ(hashOf(""), "cbf29ce484222325");
    EXPECT_EQ(hashOf("a"), "af63dc4c8601ec8c");
    EXPECT_EQ(hashOf("foobar"), "85944171f73967e8");
}

TEST(Fnv1a, DoesNotDependOnThePortions)
{
    Fnv1a whole;
    whole.add("foo\xff");
    Fnv1a parts;
    parts.add("fo");
    parts.add("");
    parts.add("o\xff");
    EXPECT_EQ(whole.value(), parts.value());
}

TEST(Hexadecimal, HasAllSixteenDigits)
{
    EXPECT_EQ(hexadecimal(0xff), "00000000000000ff");
    EXPECT_EQ(hexadecimal(~std::uint64_t{0}), "ffffffffffffffff");
}

} // namespace
} // namespace dskd
