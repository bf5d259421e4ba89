#include "ui/pages/shared/joint_reading.h"

#include <QTest>
#include <gtest/gtest.h>
#include <semaphore>
#include <string>

namespace dskd::ui
{
namespace
{

// A page whose reading takes as long as the test wants. It reads what was asked for.
class JointReadingTest : public testing::Test
{
protected:
    ~JointReadingTest() override { m_mayEnd.release(8); } // or the thread waits for ever after a test that failed

    JointReading<std::string>::Work makeWork()
    {
        ++m_begun;
        return [this, question = m_question](const std::atomic<bool>&) -> Result<std::string> {
            m_mayEnd.acquire();
            return question;
        };
    }
    bool waitFor(const std::vector<std::string>& shown)
    {
        return QTest::qWaitFor([&] { return m_shown == shown; });
    }

    std::string m_state = "one run, step 1";
    std::string m_question = "first";
    int m_begun = 0;
    std::counting_semaphore<64> m_mayEnd{8};
    std::vector<std::string> m_shown;
    QWidget m_page;
    Background m_background{QStringLiteral("test")};
    JointReading<std::string> m_reading{m_background, &m_page, [this] { return m_state; },
                                        [this] { return makeWork(); },
                                        [this](Result<std::string> read) { m_shown.push_back(read.value()); }};
};

TEST_F(JointReadingTest, ReadsNothingWhileThePageIsHiddenOrThereIsNothing)
{
    m_reading.ask();
    EXPECT_EQ(m_begun, 0) << "hidden";
    m_page.show();
    m_state.clear();
    m_reading.ask();
    EXPECT_EQ(m_begun, 0) << "no run";
    m_state = "a run";
    m_reading.refresh();
    EXPECT_EQ(m_begun, 1);
    EXPECT_TRUE(waitFor({"first"}));
}

TEST_F(JointReadingTest, ReadsAgainAtOnceWhenAskedAndLaterWhenRunsStandOtherwise)
{
    m_page.show();
    m_reading.ask();
    ASSERT_TRUE(waitFor({"first"}));
    m_reading.refresh();
    EXPECT_EQ(m_begun, 1) << "nothing has changed";
    m_state = "one run, step 2";
    m_reading.refresh();
    EXPECT_EQ(m_begun, 1) << "it was read a moment ago";
    m_question = "second";
    m_reading.ask();
    EXPECT_EQ(m_begun, 2) << "a person waits for it";
    ASSERT_TRUE(waitFor({"first", "second"}));
    m_state = "one run, step 3";
    m_reading.refresh();
    EXPECT_TRUE(QTest::qWaitFor([this] { return m_begun == 3; }, 2 * JointReading<std::string>::kLeastApartMs));
    EXPECT_TRUE(waitFor({"first", "second", "second"}));
}

TEST_F(JointReadingTest, ShowsNoAnswerToWhatWasAskedBefore)
{
    while (m_mayEnd.try_acquire()) {
    }
    m_page.show();
    m_reading.ask();
    m_question = "second";
    m_reading.ask();
    EXPECT_EQ(m_begun, 1) << "one reading at a time";
    m_mayEnd.release();
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_begun == 2; }));
    m_mayEnd.release();
    EXPECT_TRUE(waitFor({"second"}));
}

// What changed while it was read is read when that has ended.
TEST_F(JointReadingTest, ReadsAgainWhatChangedMeanwhile)
{
    while (m_mayEnd.try_acquire()) {
    }
    m_page.show();
    m_reading.ask();
    m_state = "one run, step 2";
    m_reading.refresh();
    m_mayEnd.release(2);
    ASSERT_TRUE(waitFor({"first"}));
    EXPECT_TRUE(QTest::qWaitFor([this] { return m_begun == 2; }, 2 * JointReading<std::string>::kLeastApartMs));
    EXPECT_TRUE(waitFor({"first", "first"}));
}

} // namespace
} // namespace dskd::ui
