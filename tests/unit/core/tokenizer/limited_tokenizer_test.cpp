#include "core/tokenizer/limited_tokenizer.h"

#include "tests/unit/core/tokenizer/golden_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::tokenizer
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;

// The golden tokenizer with the user's tokens, whose last ones have no row.
class LimitedTokenizer : public testing::Test
{
protected:
    std::unique_ptr<Tokenizer> m_whole = mustLoad(goldenFolder() / "added");
    TokenId m_last = static_cast<TokenId>(m_whole->size() - 1);
    std::string m_spelling{m_whole->piece(m_last)};
    std::unique_ptr<Tokenizer> m_limited = limitedToRows(mustLoad(goldenFolder() / "added"), m_last);
};

TEST_F(LimitedTokenizer, EncodesTextsWithoutTheTokenAsBefore)
{
    EXPECT_EQ(m_limited->encode("the other 12").ids, m_whole->encode("the other 12").ids);
    EXPECT_EQ(m_limited->size(), m_last);
    EXPECT_EQ(m_limited->kind(), m_whole->kind());
}

TEST_F(LimitedTokenizer, RefusesATextThatUsesTheTokenNamingItAndThePlace)
{
    ASSERT_EQ(m_whole->encode("ab " + m_spelling).ids.back(), m_last);
    try {
        (void)m_limited->encode("ab " + m_spelling);
        FAIL() << "encoded";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what,
                    AllOf(HasSubstr("\"" + m_spelling + "\" (" + std::to_string(m_last) + ") at byte 4"),
                          HasSubstr(std::to_string(m_last) + " rows")));
    }
}

TEST_F(LimitedTokenizer, HasNoSuchToken)
{
    EXPECT_EQ(m_limited->idOf(m_spelling), std::nullopt);
    EXPECT_TRUE(m_limited->piece(m_last).empty());
    EXPECT_TRUE(m_limited->bytes(m_last).empty());
    EXPECT_EQ(m_limited->piece(m_last - 1), m_whole->piece(m_last - 1));
}

TEST_F(LimitedTokenizer, IsTheTokenizerItselfWhereThereAreRowsEnough)
{
    auto tokenizer = mustLoad(goldenFolder() / "added");
    const Tokenizer* same = tokenizer.get();
    EXPECT_EQ(limitedToRows(std::move(tokenizer), m_last + 1).get(), same);
}

} // namespace
} // namespace dskd::tokenizer
