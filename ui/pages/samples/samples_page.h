#pragma once

#include "ui/pages/samples/answer_store.h"

#include <QTimer>
#include <QWidget>
#include <set>

class QBoxLayout;
class QGridLayout;
class QLabel;
class QPlainTextEdit;
class QSlider;
class QSpinBox;
class QStackedWidget;

namespace dskd::ui
{

class AnswerCard;
class Background;
class QuietLabel;
class WorkspaceFeed;

// What the shown runs answered to one validation sample, side by side, over the validations. GUI thread only.
class SamplesPage final : public QWidget
{
    Q_OBJECT
public:
    SamplesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeToolBar(QBoxLayout& into);
    void readShown();
    void fillSteps();
    void showAnswers();
    void showEmpty();
    void place();

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    std::vector<std::string> m_shown;
    std::vector<std::string> m_selected;
    std::map<std::string, AnswerCatalogue> m_answers; // of the shown runs that were read
    std::set<std::string> m_final;                    // read after they ended
    bool m_reading = false;
    QString m_trouble;

    QStackedWidget* m_stack;
    QLabel* m_empty;
    QSpinBox* m_sample; // counts from 1 and walks through m_samples
    QuietLabel* m_sampleCount;
    QSlider* m_slider; // index into m_steps
    QLabel* m_stepText;
    QPlainTextEdit* m_prompt;
    QLabel* m_reference;
    QGridLayout* m_grid;
    QWidget* m_gridWidget;
    std::vector<AnswerCard*> m_cards;
    int m_columns = 0;
    std::vector<std::int64_t> m_samples; // of all shown runs
    std::vector<std::int64_t> m_steps;   // of all shown runs for this sample
    QTimer m_poll;
};

} // namespace dskd::ui
