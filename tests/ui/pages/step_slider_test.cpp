#include "ui/pages/shared/step_slider.h"

#include "ui/pages/shared/step_index.h"
#include "ui/pages/shared/step_link.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(NearestStep, IsTheEarlierOfTwoEquallyNear)
{
    const StepIndex steps{{50, 1}, {350, 2}, {400, 3}};
    EXPECT_EQ(nearestStep(steps, 370), 350);
    EXPECT_EQ(nearestStep(steps, 375), 350);
    EXPECT_EQ(nearestStep(steps, 376), 400);
    EXPECT_EQ(nearestStep(steps, 400), 400);
    EXPECT_EQ(nearestStep(steps, 0), 50);
    EXPECT_EQ(nearestStep(steps, 9000), 400);
    EXPECT_EQ(nearestStep({}, 1), std::nullopt);
}

TEST(StepSlider, MovesAlongWithARunWhileItStandsAtTheEnd)
{
    StepSlider slider(StepSlider::Playback::Off);
    EXPECT_EQ(slider.step(), std::nullopt);
    slider.setSteps({50, 100});
    EXPECT_EQ(slider.step(), 100);
    EXPECT_EQ(slider.findChild<QLabel*>("stepText")->text(), "step 100 of 100");
    slider.setSteps({50, 100, 150});
    EXPECT_EQ(slider.step(), 150);
}

TEST(StepSlider, KeepsTheChosenStepOrTheNearestOneThatIsLeft)
{
    StepSlider slider(StepSlider::Playback::Off);
    slider.setSteps({50, 100, 150});
    QSignalSpy changed(&slider, &StepSlider::stepChanged);
    slider.findChild<QSlider*>("step")->setValue(1);
    EXPECT_EQ(changed.size(), 1);
    slider.setSteps({50, 100, 150, 200});
    EXPECT_EQ(slider.step(), 100);
    slider.setSteps({60, 90, 200}); // another run
    EXPECT_EQ(slider.step(), 90);
    EXPECT_EQ(changed.size(), 1) << "only a person or playing changes it";
}

TEST(StepSlider, PlaysFromTheBeginningToTheEndAndStops)
{
    StepSlider slider(StepSlider::Playback::On);
    slider.setSteps({50, 100});
    slider.show();
    auto* play = slider.findChild<QPushButton*>("play");
    play->click();
    EXPECT_EQ(slider.step(), 50);
    EXPECT_EQ(play->text(), "Pause");
    EXPECT_TRUE(QTest::qWaitFor([&] { return slider.step() == 100; }));
    EXPECT_TRUE(QTest::qWaitFor([&] { return !play->isChecked(); }));
    play->click();
    slider.hide();
    EXPECT_FALSE(play->isChecked()) << "nobody sees it play";
}

TEST(LinkedStepSliders, OneAtItsEndMovesAlongAndTakesTheOthersWithIt)
{
    StepLink link;
    StepSlider first(StepSlider::Playback::Off);
    StepSlider second(StepSlider::Playback::Off);
    for (StepSlider* slider : {&first, &second}) {
        slider->setLink(link);
        slider->show();
    }
    first.setSteps({50, 100});
    second.setSteps({100, 200, 300});
    EXPECT_EQ(first.step(), 100);
    EXPECT_EQ(second.step(), 300) << "until one is moved each shows its newest";
    first.findChild<QSlider*>("step")->setValue(0);
    EXPECT_EQ(second.step(), 100);
    EXPECT_EQ(second.findChild<QLabel*>("stepText")->text(), "nearest: 100");
    first.findChild<QSlider*>("step")->setValue(1); // its end
    EXPECT_EQ(second.findChild<QLabel*>("stepText")->text(), "step 100 of 300");

    QSignalSpy moved(&second, &StepSlider::stepChanged);
    first.setSteps({50, 100, 150, 200});
    EXPECT_EQ(first.step(), 200) << "its run goes on";
    EXPECT_EQ(second.step(), 200);
    EXPECT_EQ(moved.size(), 1);
    second.setSteps({100, 200, 300, 1500});
    EXPECT_EQ(second.step(), 200) << "it did not stand at its end";
}

TEST(LinkedStepSliders, OneThatWasHiddenMovesAlongWithALivingRunAgain)
{
    StepLink link;
    StepSlider spaces(StepSlider::Playback::Off);
    StepSlider samples(StepSlider::Playback::Off);
    for (StepSlider* slider : {&spaces, &samples}) {
        slider->setLink(link);
        slider->show();
    }
    spaces.setSteps({100, 200, 300});
    samples.setSteps({100, 200, 300});
    samples.findChild<QSlider*>("step")->setValue(1);
    samples.findChild<QSlider*>("step")->setValue(2);
    ASSERT_TRUE(link.newest());

    spaces.hide();
    samples.setSteps({100, 200, 300, 400});
    ASSERT_EQ(link.step(), 400);
    EXPECT_EQ(spaces.step(), 300);
    spaces.show();
    EXPECT_EQ(spaces.findChild<QLabel*>("stepText")->text(), "nearest: 300");
    spaces.setSteps({100, 200, 300, 350});
    EXPECT_EQ(spaces.step(), 350) << "as near as it has read";
    EXPECT_EQ(link.step(), 400) << "an earlier step does not take the others back";
    spaces.setSteps({100, 200, 300, 350, 400, 450});
    EXPECT_EQ(spaces.step(), 450);
    EXPECT_EQ(link.step(), 450);
    spaces.setSteps({100, 200, 300, 350, 400, 450, 500});
    EXPECT_EQ(spaces.step(), 500);
}

TEST(LinkedStepSliders, LinkedByACommandTheHiddenOnesComeToTheVisibleOne)
{
    StepLink link;
    StepSlider hidden(StepSlider::Playback::Off);
    StepSlider visible(StepSlider::Playback::Off);
    for (StepSlider* slider : {&hidden, &visible}) {
        slider->setLink(link);
        slider->show();
        slider->setSteps({50, 100, 150});
    }
    auto* handle = visible.findChild<QSlider*>("step");
    handle->setValue(0);
    EXPECT_EQ(hidden.step(), 50);
    hidden.hide();
    link.setLinked(false);
    EXPECT_EQ(link.step(), std::nullopt);
    handle->setValue(1);
    link.setLinked(true);
    EXPECT_TRUE(visible.findChild<QToolButton*>("linkSteps")->isChecked());
    EXPECT_EQ(visible.step(), 100) << "not the step of when they were linked last";
    EXPECT_EQ(link.step(), 100);
    hidden.show();
    EXPECT_EQ(hidden.step(), 100);
}

TEST(LinkedStepSliders, AnotherRunWithLaterStepsDoesNotTakeTheStepAway)
{
    StepLink link;
    StepSlider slider(StepSlider::Playback::Off);
    slider.setLink(link);
    slider.show();
    slider.setSteps({50, 100});
    slider.findChild<QSlider*>("step")->setValue(0);
    slider.findChild<QSlider*>("step")->setValue(1);
    slider.setSteps({1000, 1500, 3000}); // another run
    EXPECT_EQ(slider.step(), 1000);
    const auto* text = slider.findChild<QLabel*>("stepText");
    EXPECT_EQ(text->text(), "nearest: 1,000");
    EXPECT_EQ(text->toolTip(), "Nothing is recorded here at step 100, which was chosen.");
    StepLink other;
    StepSlider late(StepSlider::Playback::Off);
    late.setLink(other);
    late.setSteps({1000, 1500, 3000});
    EXPECT_EQ(late.findChild<QLabel*>("stepText")->text(), "step 3,000 of 3,000") << "written alike";
    slider.setSteps({50, 100});
    EXPECT_EQ(slider.findChild<QLabel*>("stepText")->text(), "step 100 of 100") << "it is still what was chosen";

    slider.findChild<QSlider*>("step")->setValue(0);
    StepSlider stale(StepSlider::Playback::Off); // has seen the run up to step 50
    stale.setLink(link);
    stale.show();
    stale.setSteps({0, 50});
    stale.setSteps({0, 50, 100});
    EXPECT_EQ(stale.step(), 50) << "50 was not the end where it was chosen";
    EXPECT_EQ(slider.step(), 50);
}

} // namespace
} // namespace dskd::ui
