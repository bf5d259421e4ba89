#pragma once

#include "ui/pages/samples/answer_store.h"
#include "ui/pages/shared/page.h"
#include "ui/pages/shared/run_readings.h"

class QBoxLayout;
class QCheckBox;
class QLabel;
class QPlainTextEdit;
class QSpinBox;
class QTabWidget;

namespace dskd::ui
{

class AnswerCard;
class AnswerGrid;
class FreePrompt;
class MutedLabel;
class PageStack;
class StepSlider;

// What the shown runs answered to one validation sample, side by side, over the validations, with the words marked in
// which an answer and its reference differ; and what they answer to a prompt of one's own. GUI thread only.
class SamplesPage final : public Page
{
    Q_OBJECT
public:
    SamplesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    void setStepLink(StepLink& link) override;
    [[nodiscard]] std::vector<Findable> findables() override;
    [[nodiscard]] QJsonObject savedState() const override;
    void restoreState(const QJsonObject& state) override;

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeContent();
    void makeToolBar(QBoxLayout& into);
    void fillSteps();
    void showAnswers();
    std::size_t showBaselines(std::int64_t sample); // the number of cards that they take, the first ones
    void showReference();                           // of the chosen answer, and the legend
    [[nodiscard]] const AnswerCard* chosenCard() const;
    void showEmpty();

    const WorkspaceFeed& m_workspace;
    RunReadings<AnswerCatalogue> m_answers;
    std::vector<std::string> m_selected;

    QTabWidget* m_tabs;
    PageStack* m_stack;
    FreePrompt* m_free;
    QSpinBox* m_sample = nullptr; // counts from 1 and walks through m_samples
    MutedLabel* m_sampleCount = nullptr;
    StepSlider* m_step = nullptr; // over the steps at which any shown run answered this sample
    QCheckBox* m_marked = nullptr;
    QPlainTextEdit* m_prompt;
    QLabel* m_reference;
    QLabel* m_legend;
    AnswerGrid* m_grid;
    QString m_wholePrompt;               // of the sample, with the blanks around it
    QString m_chosen;                    // name of the card whose answer the reference is compared with
    std::size_t m_numBaselines = 0;      // cards before those of the runs
    std::vector<std::int64_t> m_samples; // of all shown runs
};

} // namespace dskd::ui
