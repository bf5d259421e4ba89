// One step over the pages: the sliders of Alignment, Spaces and Samples move together.

#include "ui/pages/shared/step_link.h"

#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/samples/samples_page.h"
#include "ui/pages/spaces/spaces_page.h"

#include <QLabel>
#include <QSlider>
#include <QToolButton>

namespace dskd::ui
{
namespace
{

// A run with maps of the steps 50 and 100, spaces of 0, 50 and 100, and answers of 100.
class StepLinkTest : public PageTest
{
protected:
    void SetUp() override
    {
        PageTest::SetUp();
        m_spaces = std::make_unique<SpacesPage>(*m_feed, *m_background);
        m_alignment = std::make_unique<AlignmentPage>(*m_feed, *m_background);
        m_samples = std::make_unique<SamplesPage>(*m_feed, *m_background);
        for (Page* page : pages()) {
            page->setStepLink(m_link);
            page->resize(1000, 700);
            page->show();
            page->setRuns({named("cma").front()}, {});
        }
        ASSERT_TRUE(QTest::qWaitFor([this] {
            return slider(*m_spaces)->maximum() == 2 && slider(*m_alignment)->maximum() == 1 &&
                   text(*m_samples) == "step 100 of 100";
        }));
    }

    [[nodiscard]] std::vector<Page*> pages() const { return {m_spaces.get(), m_alignment.get(), m_samples.get()}; }
    static QSlider* slider(const Page& page) { return page.findChild<QSlider*>(QStringLiteral("step")); }
    static QString text(const Page& page) { return page.findChild<QLabel*>(QStringLiteral("stepText"))->text(); }
    // The first is that of the slider of the left map.
    static QToolButton* linkSwitch(const Page& page)
    {
        return page.findChild<QToolButton*>(QStringLiteral("linkSteps"));
    }

    StepLink m_link; // outlives the pages
    std::unique_ptr<SpacesPage> m_spaces;
    std::unique_ptr<AlignmentPage> m_alignment;
    std::unique_ptr<SamplesPage> m_samples;
};

TEST_F(StepLinkTest, MovedOnOnePageEveryOtherShowsTheSameStepOrTheNearest)
{
    EXPECT_EQ(m_link.step(), std::nullopt) << "each begins with its newest";
    slider(*m_spaces)->setValue(1);
    EXPECT_EQ(m_link.step(), 50);
    EXPECT_EQ(text(*m_spaces), "step 50 of 100");
    EXPECT_EQ(text(*m_alignment), "step 50 of 100");
    EXPECT_EQ(text(*m_samples), "nearest: 100");
    const auto* title = m_alignment->findChild<QLabel*>(QStringLiteral("leftTitle"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return title->text().contains("step 50"); })) << title->text().toStdString();

    slider(*m_spaces)->setValue(0);
    EXPECT_EQ(text(*m_alignment), "nearest: 50");
    EXPECT_EQ(slider(*m_alignment)->accessibleDescription(), "nearest: 50");
    slider(*m_alignment)->setValue(1);
    EXPECT_EQ(text(*m_spaces), "step 100 of 100") << "whichever is moved";
    EXPECT_EQ(text(*m_samples), "step 100 of 100");
}

TEST_F(StepLinkTest, TheStepStaysWhenOtherRunsAreShown)
{
    slider(*m_spaces)->setValue(1);
    for (Page* page : pages()) {
        page->setRuns({named("cma").back(), named("sft").front()}, {});
    }
    ASSERT_TRUE(QTest::qWaitFor([this] { return slider(*m_alignment)->maximum() == 1; }));
    EXPECT_TRUE(QTest::qWaitFor([this] { return text(*m_spaces) == "step 50 of 100"; }));
    EXPECT_EQ(text(*m_alignment), "step 50 of 100");
}

TEST_F(StepLinkTest, SwitchedOffEachGoesOnItsOwnAndSwitchedOnTheOthersCome)
{
    QToolButton* button = linkSwitch(*m_alignment);
    EXPECT_TRUE(button->isVisible());
    EXPECT_EQ(button->accessibleName(), "Link steps");
    EXPECT_NE(button->focusPolicy() & Qt::TabFocus, 0);
    slider(*m_spaces)->setValue(0);
    QTest::keyClick(button, Qt::Key_Space);
    EXPECT_FALSE(m_link.linked());
    EXPECT_FALSE(linkSwitch(*m_spaces)->isChecked());
    EXPECT_EQ(text(*m_alignment), "step 50 of 100") << "it is what this page shows";
    slider(*m_spaces)->setValue(2);
    EXPECT_EQ(text(*m_alignment), "step 50 of 100");
    QTest::keyClick(button, Qt::Key_Space);
    EXPECT_TRUE(linkSwitch(*m_samples)->isChecked());
    EXPECT_EQ(text(*m_spaces), "step 50 of 100");
    EXPECT_EQ(text(*m_samples), "nearest: 100");
}

TEST_F(StepLinkTest, APageBehindAnotherFollowsWhenItIsShown)
{
    m_alignment->hide();
    slider(*m_spaces)->setValue(1);
    EXPECT_EQ(slider(*m_alignment)->value(), 1) << "nobody sees it";
    m_alignment->show();
    EXPECT_EQ(slider(*m_alignment)->value(), 0);
    EXPECT_EQ(text(*m_alignment), "step 50 of 100");
    EXPECT_EQ(m_link.step(), 50);
}

} // namespace
} // namespace dskd::ui
