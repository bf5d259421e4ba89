#include "ui/window/details_panel.h"

#include "core/base/process.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/diagnostics_button.h"
#include "ui/window/experiment_details.h"
#include "ui/window/metric_texts.h"
#include "ui/window/run_actions.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace dskd::ui
{

namespace
{

QLabel* muted(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setProperty("muted", true);
    label->setWordWrap(true);
    return label;
}

QPlainTextEdit* textBox(const QString& name, bool readOnly, QWidget* parent)
{
    auto* box = new QPlainTextEdit(parent);
    box->setObjectName(name);
    box->setAccessibleName(name);
    box->setReadOnly(readOnly);
    box->setTabChangesFocus(true);
    return box;
}

QString toText(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString folderName(const std::string& path)
{
    return path.empty() ? kMissing : QString::fromStdString(std::filesystem::path(path).filename().string());
}

} // namespace

DetailsPanel::DetailsPanel(WorkspaceFeed& feed, Background& background, const RunActions& actions, QWidget* parent)
    : QWidget(parent), m_feed(feed), m_background(background), m_stack(new QStackedWidget(this)),
      m_experiment(new ExperimentDetails(feed, background))
{
    auto* empty = muted(tr("Select a run or an experiment to see its details."), this);
    empty->setAlignment(Qt::AlignCenter);
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(kSpace3, kSpace2, kSpace3, kSpace3);
    layout->setSpacing(kSpace2);
    makeHead(*layout, actions);
    makeTexts(*layout);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setWidget(content);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* ofExperiment = new QScrollArea(this);
    ofExperiment->setWidgetResizable(true);
    ofExperiment->setWidget(m_experiment);
    ofExperiment->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_stack->addWidget(empty);
    m_stack->addWidget(scroll);
    m_stack->addWidget(ofExperiment);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
    setMinimumWidth(260);
}

void DetailsPanel::makeHead(QVBoxLayout& into, const RunActions& actions)
{
    m_swatch = new QLabel(this);
    m_swatch->setFixedSize(12, 12);
    m_name = new QLabel(this);
    m_name->setFont(titleFont());
    m_name->setTextFormat(Qt::PlainText);
    m_name->setWordWrap(true);
    auto* head = new QHBoxLayout;
    head->setSpacing(kSpace2);
    head->addWidget(m_swatch);
    head->addWidget(m_name, 1);
    m_sentence = new QLabel(this);
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setObjectName(QStringLiteral("statusSentence"));
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_time = muted({}, this);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(kSpace1);
    for (QAction* action : {actions.start, actions.stop, actions.duplicate, actions.exportStudent, actions.trash}) {
        auto* button = new QToolButton(this);
        button->setDefaultAction(action);
        button->setIconSize({18, 18});
        button->setFocusPolicy(Qt::TabFocus);
        buttons->addWidget(button);
    }
    buttons->addStretch();
    m_failure = new QLabel(this);
    m_failure->setObjectName(QStringLiteral("failureHint"));
    m_failure->setProperty("tone", "bad");
    m_failure->setWordWrap(true);
    m_failure->setTextFormat(Qt::PlainText);
    m_failure->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_failureMore = new QToolButton(this);
    m_failureMore->setText(tr("Details"));
    m_failureMore->setCheckable(true);
    m_diagnostics = new DiagnosticsButton(m_background, this);
    auto* more = new QHBoxLayout;
    more->setSpacing(kSpace1);
    more->addWidget(m_failureMore);
    more->addWidget(m_diagnostics);
    more->addStretch();
    m_failureDetails = textBox(tr("Last lines of the worker's log"), true, this);
    m_failureDetails->setFont(monospaceFont());
    m_failureDetails->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_failureDetails->hide();
    connect(m_failureMore, &QToolButton::toggled, m_failureDetails, &QWidget::setVisible);
    into.addLayout(head);
    into.addWidget(m_sentence);
    into.addWidget(m_progress);
    into.addWidget(m_time);
    into.addLayout(buttons);
    into.addWidget(m_failure);
    into.addLayout(more);
    into.addWidget(m_failureDetails);
}

void DetailsPanel::makeTexts(QVBoxLayout& into)
{
    m_numbers = new QFormLayout;
    m_numbers->setHorizontalSpacing(kSpace3);
    m_numbers->setVerticalSpacing(2);
    m_note = textBox(tr("Note"), false, this);
    m_note->setPlaceholderText(tr("A note on this run"));
    m_note->setFixedHeight(60);
    m_config = textBox(tr("Configuration"), true, this);
    m_config->setFont(monospaceFont());
    m_config->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_config->setMinimumHeight(180);
    auto* copy = new QToolButton(this);
    copy->setIcon(icon("copy"));
    copy->setToolTip(tr("Copy the configuration"));
    copy->setAccessibleName(copy->toolTip());
    connect(copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(m_config->toPlainText()); });
    m_noteSoon.setSingleShot(true);
    m_noteSoon.setInterval(600);
    connect(m_note, &QPlainTextEdit::textChanged, &m_noteSoon, qOverload<>(&QTimer::start));
    connect(&m_noteSoon, &QTimer::timeout, this, &DetailsPanel::saveNote);
    auto* configHead = new QHBoxLayout;
    configHead->addWidget(muted(tr("Configuration"), this), 1);
    configHead->addWidget(copy);
    into.addLayout(m_numbers);
    into.addWidget(m_note);
    into.addLayout(configHead);
    into.addWidget(m_config, 1);
}

void DetailsPanel::setRun(const std::string& runId)
{
    savePendingNote(); // of the run that is left
    if (m_run != runId) {
        m_note->document()->setModified(false);
    }
    m_run = runId;
    refresh();
}

void DetailsPanel::setExperiment(std::int64_t id)
{
    m_experiment->setExperiment(id);
    refresh();
}

void DetailsPanel::refresh()
{
    const RunRecord* run = m_run.empty() ? nullptr : m_feed.find(m_run);
    m_stack->setCurrentIndex(run != nullptr ? 1 : m_experiment->refresh() ? 2 : 0);
    if (run != nullptr) {
        showRun(*run);
    }
}

void DetailsPanel::showRun(const RunRecord& run)
{
    QPixmap swatch(12, 12);
    swatch.fill(runColor(run.color));
    m_swatch->setPixmap(swatch);
    m_name->setText(runTitle(run));
    m_sentence->setText(windowWords(run.status.sentence));
    showProgress(run);
    showFailure(run);
    showNumbers(run);
    const QString note = QString::fromStdString(run.row.note);
    if (m_noteOf != m_run || (!m_note->document()->isModified() && note != m_note->toPlainText())) {
        m_noteOf = m_run;
        const QSignalBlocker blocker(m_note);
        m_note->setPlainText(note);
    }
    if (m_configOf != m_run) {
        readConfig();
    }
}

void DetailsPanel::showProgress(const RunRecord& run)
{
    const auto& status = run.status;
    const bool known = status.totalSteps > 0;
    m_progress->setVisible(known && (jobs::isAlive(status.status) || status.status == jobs::Status::Stopped));
    m_progress->setRange(0, known ? static_cast<int>(status.totalSteps) : 1);
    m_progress->setValue(static_cast<int>(status.step));
    QString text;
    if (run.started > 0) {
        const double seconds = (run.ended > 0 ? run.ended : unixTime()) - run.started;
        text = tr("started %1, %2").arg(localTime(run.started), duration(seconds));
        const std::int64_t done = status.step - run.attemptStep; // pauses between attempts are no guide
        if (jobs::isAlive(status.status) && known && done > 0) {
            const double perStep = (unixTime() - run.attemptStarted) / static_cast<double>(done);
            text += tr(", about %1 left").arg(duration(perStep * static_cast<double>(status.totalSteps - status.step)));
        }
    }
    m_time->setText(text);
    m_time->setVisible(!text.isEmpty());
}

void DetailsPanel::showFailure(const RunRecord& run)
{
    const auto& failure = run.status.failure;
    std::string text = failure ? failure->hint : std::string();
    if (failure && !run.status.sentence.starts_with(failure->what)) { // else it stands above, as every run's status
        text = text.empty() ? failure->what : failure->what + "\n" + text;
    }
    setTone(*m_sentence, failure ? "bad" : "");
    m_diagnostics->setRun(WorkspaceLayout{m_feed.workspace()}.run(run.row.id));
    m_diagnostics->setVisible(failure.has_value());
    m_failure->setVisible(!text.empty());
    m_failure->setText(windowWords(text));
    m_failureMore->setVisible(failure.has_value() && !failure->details.empty());
    m_failureDetails->setVisible(m_failureMore->isVisibleTo(this) && m_failureMore->isChecked());
    if (failure) {
        const QString details = QString::fromStdString(failure->details);
        if (m_failureDetails->toPlainText() != details) {
            m_failureDetails->setPlainText(details);
        }
    }
}

// What the run is, then its metrics in the groups and order of their table.
std::vector<DetailsPanel::NumberRow> DetailsPanel::numbersOf(const RunRecord& run)
{
    std::vector<NumberRow> rows{
        {tr("method"), methodText(run.row), {}},
        {tr("teacher"), folderName(run.row.teacher), plainHint(QString::fromStdString(run.row.teacher))},
        {tr("student"), folderName(run.row.student), plainHint(QString::fromStdString(run.row.student))},
        {tr("seed"), QString::number(run.row.seed), {}},
        {tr("step"),
         run.status.totalSteps > 0 ? tr("%1 of %2").arg(whole(run.status.step), whole(run.status.totalSteps))
                                   : kMissing,
         {}}};
    std::optional<metrics::Group> group;
    for (const std::string& metric : metrics::inTableOrder(run.latest)) {
        if (const metrics::Group own = metrics::groupOf(metric); own != group) {
            group = own;
            rows.push_back({toText(metrics::shortTitleOf(own)), {}, plainHint(toText(metrics::titleOf(own))), true});
        }
        const double value = run.latest.at(metric);
        rows.push_back(
            {QString::fromStdString(metrics::titleOf(metric)), shownValue(metric, value), metricHint(metric, value)});
    }
    return rows;
}

void DetailsPanel::makeNumberRows(const std::vector<NumberRow>& rows)
{
    while (m_numbers->rowCount() > 0) {
        m_numbers->removeRow(0);
    }
    for (const NumberRow& row : rows) {
        auto* title = muted({}, this);
        title->setObjectName(row.isHeading ? "metricGroup" : "metricTitle");
        if (row.isHeading) {
            QFont bold = title->font();
            bold.setWeight(QFont::DemiBold);
            title->setFont(bold);
            title->setContentsMargins(0, kSpace1, 0, 0);
            m_numbers->addRow(title);
            continue;
        }
        auto* value = new QLabel(this);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        value->setTextFormat(Qt::PlainText);
        m_numbers->addRow(title, value);
    }
}

void DetailsPanel::showNumbers(const RunRecord& run)
{
    std::vector<NumberRow> rows = numbersOf(run);
    const bool sameRows =
        std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), [](const auto& a, const auto& b) {
            return a.isHeading == b.isHeading; // the labels that are there can take any text
        });
    if (!sameRows) {
        makeNumberRows(rows);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto place = static_cast<int>(i);
        const auto role = rows[i].isHeading ? QFormLayout::SpanningRole : QFormLayout::LabelRole;
        auto* title = static_cast<QLabel*>(m_numbers->itemAt(place, role)->widget());
        title->setText(rows[i].title);
        title->setToolTip(rows[i].hint);
        if (!rows[i].isHeading) {
            auto* value = static_cast<QLabel*>(m_numbers->itemAt(place, QFormLayout::FieldRole)->widget());
            value->setText(rows[i].value);
            value->setToolTip(rows[i].hint);
        }
    }
    m_rows = std::move(rows);
}

void DetailsPanel::readConfig()
{
    m_configOf = m_run;
    m_config->setPlainText(tr("Reading …"));
    const RunLayout layout = WorkspaceLayout{m_feed.workspace()}.run(m_run);
    m_background.run(
        this,
        [layout](const std::atomic<bool>&) -> Result<std::string> {
            auto experiment = jobs::runConfig(layout);
            return experiment ? Result<std::string>(config::toText(*experiment))
                              : Result<std::string>(experiment.failure());
        },
        [this, of = m_run](Result<std::string> text) {
            if (of == m_configOf) {
                m_config->setPlainText(text ? QString::fromStdString(*text) : windowWords(text.failure().text()));
            }
        });
}

void DetailsPanel::saveNote()
{
    m_noteSoon.stop();
    if (!m_noteOf.empty()) {
        m_feed.setNote(m_noteOf, m_note->toPlainText());
    }
}

void DetailsPanel::savePendingNote()
{
    if (m_noteSoon.isActive()) {
        saveNote();
    }
    m_experiment->savePendingNote();
}

} // namespace dskd::ui
