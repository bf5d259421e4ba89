#pragma once

#include "ui/feed/workspace_feed.h"

#include <QTimer>
#include <QWidget>
#include <cstdint>
#include <string>
#include <vector>

class QFormLayout;
class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace dskd::ui
{

class Background;
class DiagnosticsButton;
class ExperimentDetails;
class RunActions;

// One run, or one experiment (ExperimentDetails), at the right. Of a run: what it is doing, how far it is, its newest
// numbers, why it ended badly, its note and its complete configuration. GUI thread only.
class DetailsPanel final : public QWidget
{
    Q_OBJECT
public:
    DetailsPanel(WorkspaceFeed& feed, Background& background, const RunActions& actions, QWidget* parent = nullptr);

    void setRun(const std::string& runId); // empty: none
    void setExperiment(std::int64_t id);   // shown while there is no run; 0: none
    void refresh();                        // after a snapshot
    void savePendingNote();                // that waits for the typing to pause

private:
    void makeHead(QVBoxLayout& into, const RunActions& actions);
    void makeTexts(QVBoxLayout& into);
    void showRun(const RunRecord& run);
    void showProgress(const RunRecord& run);
    void showFailure(const RunRecord& run);
    void showNumbers(const RunRecord& run);
    struct NumberRow {
        QString title;
        QString value;
        QString hint;
        bool isHeading = false; // of the group that follows; it has no value
    };
    [[nodiscard]] static std::vector<NumberRow> numbersOf(const RunRecord& run);
    void makeNumberRows(const std::vector<NumberRow>& rows);
    void readConfig();
    void saveNote();

    WorkspaceFeed& m_feed;
    Background& m_background;
    std::string m_run;
    std::string m_configOf; // whose configuration is shown or on its way
    std::string m_noteOf;

    QStackedWidget* m_stack;
    ExperimentDetails* m_experiment;
    QLabel* m_swatch;
    QLabel* m_name;
    QLabel* m_sentence;
    QProgressBar* m_progress;
    QLabel* m_time;
    QLabel* m_failure;
    QToolButton* m_failureMore;
    QPlainTextEdit* m_failureDetails;
    DiagnosticsButton* m_diagnostics;
    QFormLayout* m_numbers;
    std::vector<NumberRow> m_rows; // as they stand in m_numbers
    QPlainTextEdit* m_note;
    QTimer m_noteSoon; // a note is saved when the typing pauses
    QPlainTextEdit* m_config;
};

} // namespace dskd::ui
