#include "ui/pages/shared/step_slider.h"

#include "ui/pages/shared/step_index.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
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

} // namespace
} // namespace dskd::ui
