#include "ui/pages/samples/free_prompt.h"

#include "core/text/numbers.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/samples/answer_card.h"
#include "ui/pages/samples/answer_grid.h"
#include "ui/pages/samples/run_chooser.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStringList>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

using jobs::AnswerState;
using jobs::AskedPart;

QString seconds(double value)
{
    return FreePrompt::tr("%1 s").arg(QString::fromStdString(text::fixed(value, 1)));
}

} // namespace

FreePrompt::~FreePrompt()
{
    if (m_cancel) {
        *m_cancel = true; // the background's end waits for the worker's
    }
}

void FreePrompt::setRuns(std::vector<std::string> shown)
{
    m_shown = std::move(shown);
    std::vector<std::pair<std::string, QString>> titles;
    titles.reserve(m_shown.size());
    for (const std::string& id : m_shown) {
        titles.emplace_back(id, runTitle(m_workspace, id));
    }
    m_runs->setRuns(std::move(titles));
    showEnabled();
}

void FreePrompt::setPrompt(const QString& text)
{
    m_prompt->setPlainText(text);
    m_asItIs->setChecked(true);
    m_cut->setChecked(true); // as the validation read it
    m_prompt->setFocus();
}

void FreePrompt::showEnabled()
{
    const bool drawn = m_sampling->currentData().toBool();
    for (QWidget* widget :
         {static_cast<QWidget*>(m_temperature), static_cast<QWidget*>(m_topP), static_cast<QWidget*>(m_seed)}) {
        widget->setEnabled(drawn);
    }
    const bool hasPrompt = !m_prompt->toPlainText().trimmed().isEmpty();
    const bool hasRuns = !m_runs->ticked().empty();
    m_ask->setEnabled(!busy() && hasPrompt && hasRuns);
    m_ask->setToolTip(!hasRuns     ? tr("No run is chosen. Check the boxes of runs in the list to ask them.")
                      : !hasPrompt ? tr("The prompt is empty.")
                                   : tr("Ctrl+Return"));
    m_stop->setEnabled(busy());
}

jobs::AskRequest FreePrompt::request() const
{
    jobs::AskRequest request;
    request.runs = m_runs->ticked();
    request.checkpoint.which = static_cast<jobs::CheckpointChoice::Which>(m_checkpoint->currentData().toInt());
    request.teacher = m_teacher->isChecked();
    request.untrained = m_untrained->isChecked();
    request.sampling.maxNewTokens = m_length->value();
    if (m_sampling->currentData().toBool()) {
        request.sampling.temperature = m_temperature->value();
        request.sampling.topP = m_topP->value();
    }
    if (const QVariant device = m_device->currentData(); device.isValid()) {
        request.device = static_cast<config::Device>(device.toInt());
    }
    return request;
}

void FreePrompt::askNow()
{
    if (!m_ask->isEnabled()) {
        return;
    }
    m_cancel = std::make_shared<std::atomic<bool>>(false);
    m_cancelled = false;
    m_columns.clear();
    m_news.clear();
    m_grid->setCount(0);
    say(tr("Starting\u2026"));
    showEnabled();
    const jobs::AskedPrompt prompt{m_prompt->toPlainText().toStdString(), m_asItIs->isChecked(),
                                   static_cast<std::uint64_t>(m_seed->value()), m_cut->isChecked()};
    m_background.run(
        this,
        [this, layout = WorkspaceLayout{m_workspace.workspace()}, request = request(), prompt,
         cancel = m_cancel](const std::atomic<bool>&) -> Result<void> {
            // Queued for a panel that outlives the thread which asks.
            jobs::AskListener listener;
            listener.onColumns = [this, cancel](const std::vector<jobs::AskedColumn>& columns) {
                QMetaObject::invokeMethod(this, [this, cancel, columns] {
                    if (cancel == m_cancel) {
                        setColumns(columns);
                    }
                });
            };
            listener.onNews = [this, cancel](const jobs::AnswerNews& news) {
                QMetaObject::invokeMethod(this, [this, cancel, news] {
                    if (cancel == m_cancel) {
                        take(news);
                    }
                });
            };
            jobs::AskOptions options;
            options.cancelled = cancel.get();
            return jobs::ask(layout, request, prompt, listener, options);
        },
        [this](const Result<void>& result) { finish(result); });
}

void FreePrompt::cancel()
{
    if (m_cancel) {
        *m_cancel = true;
        m_cancelled = true;
        say(tr("Cancelling\u2026"));
    }
}

void FreePrompt::setColumns(const std::vector<jobs::AskedColumn>& columns)
{
    m_columns = columns;
    m_news.assign(columns.size(), {});
    for (std::size_t i = 0; i < columns.size(); ++i) {
        showCard(i);
    }
    m_grid->setCount(columns.size());
    showProgress();
}

void FreePrompt::take(const jobs::AnswerNews& news)
{
    if (news.model < m_news.size()) {
        jobs::AnswerNews& own = m_news[news.model];
        std::string begun = std::move(own.answer.text);
        own = news;
        if (news.state == AnswerState::Failed) {
            own.answer.text = std::move(begun); // what it had answered until then
        }
        showCard(news.model);
        m_grid->setCount(m_columns.size());
        showProgress();
    }
}

void FreePrompt::showProgress()
{
    if (m_cancelled) {
        return; // it says so
    }
    const auto isDone = [](const jobs::AnswerNews& news) {
        return news.state == AnswerState::Answered || news.state == AnswerState::Failed;
    };
    const auto isInWork = [](const jobs::AnswerNews& news) {
        return news.state == AnswerState::Loading || news.state == AnswerState::Answering;
    };
    const QString done =
        tr("%1 of %2 models are done.").arg(std::count_if(m_news.begin(), m_news.end(), isDone)).arg(m_news.size());
    const auto inWork = std::find_if(m_news.begin(), m_news.end(), isInWork);
    if (inWork == m_news.end()) {
        say(done + QLatin1Char(' ') + tr("One after the other answers, so that only one is in memory."));
        return;
    }
    const QString name = m_grid->cards()[static_cast<std::size_t>(inWork - m_news.begin())]->name();
    say(done + QLatin1Char(' ') +
        (inWork->state == AnswerState::Loading ? tr("Loading: %1.") : tr("Answering: %1.")).arg(name));
}

QString FreePrompt::numAnswered() const
{
    const auto answered = std::count_if(
        m_news.begin(), m_news.end(), [](const jobs::AnswerNews& news) { return news.state == AnswerState::Answered; });
    return tr("%1 of %2 models answered.").arg(answered).arg(m_news.size());
}

void FreePrompt::showCard(std::size_t place)
{
    const jobs::AskedColumn& column = m_columns[place];
    const jobs::AnswerNews& news = m_news[place];
    AnswerCard& card = m_grid->cardAt(place);
    if (column.part == AskedPart::Run) {
        const RunRecord* record = m_workspace.find(column.runId);
        const QString step = column.step ? tr(", step %1").arg(*column.step) : QString();
        card.setRun(runTitle(m_workspace, column.runId) + step,
                    record != nullptr ? runColor(record->color) : ui::palette().muted, /*selected=*/false);
    } else {
        card.setBaseline(jobs::baselineNames(m_columns)[place], runTitle(m_workspace, column.runId),
                         column.part == AskedPart::Teacher);
    }
    switch (news.state) {
    case AnswerState::Waiting: card.setMissing(m_cancelled ? tr("Cancelled.") : tr("Waits for its turn.")); break;
    case AnswerState::Loading: card.setMissing(m_cancelled ? tr("Cancelled.") : tr("Loading the model\u2026")); break;
    case AnswerState::Answering:
        if (news.answer.text.empty()) {
            card.setMissing(m_cancelled ? tr("Cancelled.") : tr("Answering\u2026"));
        } else {
            card.setAnswer(m_cancelled ? tr("cancelled") : tr("answering\u2026"), news.answer.text);
        }
        break;
    case AnswerState::Answered:
        card.setAnswer(news.answer.ended ? seconds(news.answer.seconds)
                                         : tr("%1 \u00b7 not ended").arg(seconds(news.answer.seconds)),
                       news.answer.text);
        break;
    case AnswerState::Failed: card.setFailed(news.answer.text, windowWords(news.failure.text())); break;
    }
}

void FreePrompt::finish(const Result<void>& result)
{
    m_cancel.reset();
    double loading = 0.0;
    double answering = 0.0;
    QStringList remarks;
    for (std::size_t i = 0; i < m_news.size(); ++i) {
        jobs::AnswerNews& news = m_news[i];
        if (!result && !m_cancelled && news.state != AnswerState::Answered && news.state != AnswerState::Failed) {
            news.state = AnswerState::Failed; // nothing will come of it any more
            news.failure = result.failure();
        }
        showCard(i); // what was going on is not any more
        if (news.state != AnswerState::Answered) {
            continue;
        }
        loading += news.answer.loadSeconds;
        answering += news.answer.seconds;
        const QString name = m_grid->cards()[i]->name();
        if (news.answer.promptCut) {
            remarks += tr("%1: the prompt is longer than data.max_prompt_length or than the model's positions leave "
                          "room for, and was cut.")
                           .arg(name);
        }
        for (const std::string& warning : news.answer.warnings) {
            remarks += tr("%1: %2").arg(name, windowWords(warning));
        }
    }
    const bool failed = !result && !m_cancelled;
    if (failed) {
        remarks.prepend(windowWords(result.failure().text()));
    } else {
        remarks.prepend((m_cancelled ? tr("Cancelled: %1 to load models, %2 to answer.")
                                     : tr("Done: %1 to load models, %2 to answer."))
                            .arg(seconds(loading), seconds(answering)));
        const bool all = std::all_of(m_news.begin(), m_news.end(),
                                     [](const jobs::AnswerNews& news) { return news.state == AnswerState::Answered; });
        if (!all) {
            remarks.front() += QLatin1Char(' ') + numAnswered();
        }
    }
    const bool oneFailed = std::any_of(m_news.begin(), m_news.end(),
                                       [](const jobs::AnswerNews& news) { return news.state == AnswerState::Failed; });
    say(remarks.join(QLatin1Char('\n')), failed ? "bad" : oneFailed || remarks.size() > 1 ? "warn" : "muted");
    showEnabled();
    Q_EMIT ended();
}

void FreePrompt::say(const QString& sentence, const char* tone)
{
    m_status->setText(sentence);
    setTone(*m_status, tone);
}

void FreePrompt::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        for (std::size_t i = 0; i < m_news.size(); ++i) {
            showCard(i); // the colours of the runs depend on the theme
        }
    }
}

bool FreePrompt::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_prompt && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isReturn = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isReturn && key->modifiers().testFlag(Qt::ControlModifier)) {
            askNow();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace dskd::ui
