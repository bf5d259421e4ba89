#pragma once

#include "core/base/result.h"
#include "core/jobs/ask.h"
#include "ui/feed/background.h"

#include <QString>
#include <QWidget>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace dskd::ui
{

class AnswerGrid;
class RunChooser;
class WorkspaceFeed;

// A prompt that a person types, and what the shown runs, their teachers and their untrained students answer, side by
// side as the answers come. A process of its own computes them; nothing of it is kept. GUI thread only.
class FreePrompt final : public QWidget
{
    Q_OBJECT
public:
    explicit FreePrompt(const WorkspaceFeed& workspace, QWidget* parent = nullptr);
    ~FreePrompt() override;

    void setRuns(std::vector<std::string> shown);
    void setPrompt(const QString& text); // one that stands in a template already
    [[nodiscard]] bool busy() const { return m_cancel != nullptr; }

Q_SIGNALS:
    void ended(); // every model has answered or failed with a reason, or the person has cancelled

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; // of the prompt: Ctrl+Return asks

private:
    void makeModels(QBoxLayout& into);
    void makeSampling(QBoxLayout& into);
    void makeActions(QBoxLayout& into);
    void showEnabled();
    [[nodiscard]] jobs::AskRequest request() const;
    void askNow();
    void cancel();
    void setColumns(const std::vector<jobs::AskedColumn>& columns);
    void take(const jobs::AnswerNews& news);
    void showCard(std::size_t place);
    void finish(const Result<void>& result);
    void showProgress(); // how many models have answered, and what the one in work does
    [[nodiscard]] QString numAnswered() const;
    void say(const QString& sentence, const char* tone = "muted");

    const WorkspaceFeed& m_workspace;
    std::shared_ptr<std::atomic<bool>> m_cancel; // of the asking in work; null: none is
    std::vector<std::string> m_shown;
    std::vector<jobs::AskedColumn> m_columns;
    std::vector<jobs::AnswerNews> m_news; // the newest of each column
    bool m_cancelled = false;             // what is shown is what came before

    QPlainTextEdit* m_prompt;
    RunChooser* m_runs = nullptr;
    QComboBox* m_checkpoint = nullptr;
    QCheckBox* m_teacher = nullptr;
    QCheckBox* m_untrained = nullptr;
    QComboBox* m_sampling = nullptr; // its data: whether tokens are drawn
    QDoubleSpinBox* m_temperature = nullptr;
    QDoubleSpinBox* m_topP = nullptr;
    QSpinBox* m_seed = nullptr;
    QSpinBox* m_length = nullptr;
    QComboBox* m_device = nullptr; // its data: config::Device; none: as trained
    QCheckBox* m_asItIs = nullptr;
    QCheckBox* m_cut = nullptr;
    QPushButton* m_ask = nullptr;
    QPushButton* m_stop = nullptr;
    QLabel* m_status;
    AnswerGrid* m_grid;
    // Models take long, and no page waits for them. The last member: it ends before what its callbacks use.
    Background m_background;
};

} // namespace dskd::ui
