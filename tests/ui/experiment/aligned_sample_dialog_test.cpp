#include "ui/experiment/aligned_sample_dialog.h"

#include "tests/ui/experiment/demo_experiment.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/preflight_panel.h"

#include <QDialog>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QToolButton>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

TEST(DialogOfDifferentTokenizers, TheWorstSamplesShowTheirTokens)
{
    ExperimentDialog dialog(demo("cma"));
    dialog.show();
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    ASSERT_TRUE(spy.wait(20'000));
    const auto buttons = dialog.findChildren<QToolButton*>("worstSample");
    ASSERT_EQ(buttons.size(), 5);
    buttons.front()->click();
    auto* shown = dialog.findChild<QDialog*>("alignedSample");
    ASSERT_NE(shown, nullptr);
    EXPECT_TRUE(shown->isVisible());
    const auto texts = shown->findChildren<QPlainTextEdit*>();
    ASSERT_EQ(texts.size(), 2);
    for (const QPlainTextEdit* text : texts) {
        EXPECT_THAT(text->toPlainText().toStdString(), HasSubstr("⟦"));
    }
}

TEST(TokenLine, HasBracketsAroundWhatHasNoPartner)
{
    EXPECT_EQ(tokenLine({{"The", true}, {" quick", true}, {" bro", false}, {"wn", false}}).toStdString(),
              "The| quick|⟦ bro⟧|⟦wn⟧");
}

} // namespace
} // namespace dskd::ui
