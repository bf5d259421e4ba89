#pragma once

#include "ui/pages/samples/answer_store.h"
#include "ui/pages/shared/page.h"
#include "ui/pages/shared/run_readings.h"

class QBoxLayout;
class QGridLayout;
class QLabel;
class QPlainTextEdit;
class QSpinBox;

namespace dskd::ui
{

class AnswerCard;
class MutedLabel;
class PageStack;
class StepSlider;

// What the shown runs answered to one validation sample, side by side, over the validations. GUI thread only.
class SamplesPage final : public Page
{
    Q_OBJECT
public:
    SamplesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeToolBar(QBoxLayout& into);
    void fillSteps();
    void showAnswers();
    std::size_t showBaselines(std::int64_t sample); // the number of cards that they take, the first ones
    AnswerCard& cardAt(std::size_t place);          // made where it is the next one
    void showEmpty();
    void place();

    const WorkspaceFeed& m_workspace;
    RunReadings<AnswerCatalogue> m_answers;
    std::vector<std::string> m_selected;

    PageStack* m_stack;
    QSpinBox* m_sample; // counts from 1 and walks through m_samples
    MutedLabel* m_sampleCount;
    StepSlider* m_step; // over the steps at which any shown run answered this sample
    QPlainTextEdit* m_prompt;
    QLabel* m_reference;
    QGridLayout* m_grid;
    QWidget* m_gridWidget;
    std::vector<AnswerCard*> m_cards;
    int m_columns = 0;
    std::vector<std::int64_t> m_samples; // of all shown runs
};

} // namespace dskd::ui
