#include "ui/experiment/field_editors.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QWidget>
#include <algorithm>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

class FieldEditorsTest : public testing::Test
{
protected:
    FieldEditorsTest()
    {
        m_experiment.method.objective = config::Objective::Sft;
        m_editors.addRow(m_form, "lora.rank", "Rank");
        m_editors.addRow(m_form, "teacher.model", "Model", FieldEditors::Browse::Folder);
        m_editors.addRow(m_form, "train.lr", "Learning rate");
        m_editors.showUnused();
    }
    bool isCaptionEnabled(const char* path) const
    {
        const auto* field = m_window.findChild<QLineEdit*>(path);
        const QList<QLabel*> labels = m_window.findChildren<QLabel*>();
        const auto caption =
            std::find_if(labels.begin(), labels.end(), [&](const QLabel* label) { return label->buddy() == field; });
        return caption != labels.end() && (*caption)->isEnabled();
    }
    bool isEnabled(const char* path) const { return m_window.findChild<QLineEdit*>(path)->isEnabled(); }

    config::Experiment m_experiment;
    QWidget m_window;
    QFormLayout m_form{&m_window};
    FieldEditors m_editors{m_experiment, nullptr};
};

TEST_F(FieldEditorsTest, GreysOutWhatHasNoEffectWithTheButtonBesideIt)
{
    EXPECT_FALSE(isEnabled("lora.rank"));
    EXPECT_TRUE(m_window.findChild<QLineEdit*>("lora.rank")->toolTip().contains("train.fine_tuning"));
    EXPECT_TRUE(isEnabled("train.lr"));
    EXPECT_FALSE(isCaptionEnabled("lora.rank"));
    EXPECT_TRUE(isCaptionEnabled("train.lr"));
    EXPECT_FALSE(isEnabled("teacher.model"));
    EXPECT_FALSE(m_window.findChild<QToolButton*>("browse:teacher.model")->isEnabled());
    m_experiment.method.objective = config::Objective::Kd;
    m_editors.showUnused();
    EXPECT_TRUE(isEnabled("teacher.model"));
    EXPECT_TRUE(m_window.findChild<QToolButton*>("browse:teacher.model")->isEnabled());
}

TEST_F(FieldEditorsTest, LetsWhatIsSetOrWrongBeTakenBack)
{
    m_editors.set("lora.rank", "many");
    m_editors.showUnused();
    EXPECT_TRUE(isEnabled("lora.rank")) << "it must be mended";
    m_editors.set("lora.rank", "4");
    m_editors.showUnused();
    EXPECT_TRUE(isEnabled("lora.rank")) << "it is not the default";
    m_editors.set("lora.rank", std::to_string(config::Experiment().lora.rank));
    m_editors.showUnused();
    EXPECT_FALSE(isEnabled("lora.rank"));
}

} // namespace
} // namespace dskd::ui
