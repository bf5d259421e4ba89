#include "ui/window/experiment_details.h"

#include "core/jobs/experiments.h"
#include "core/jobs/matrix_table.h"
#include "core/store/workspace_db.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/experiment_counts.h"

#include <QFormLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QStringList>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>
#include <vector>

namespace dskd::ui
{
namespace
{

QLabel* newText(const char* name, const char* tone, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setTone(*label, tone);
    return label;
}

} // namespace

ExperimentDetails::ExperimentDetails(WorkspaceFeed& feed, Background& background, QWidget* parent)
    : QWidget(parent), m_feed(feed), m_background(background), m_name(newText("experimentName", "", this)),
      m_revisionAndTags(newText("experimentRevision", "muted", this)), m_progress(new QProgressBar(this)),
      m_state(newText("experimentState", "", this)), m_trouble(newText("experimentTrouble", "warn", this)),
      m_plan(new QFormLayout), m_note(new QPlainTextEdit(this))
{
    setObjectName(QStringLiteral("experimentDetails"));
    m_name->setFont(titleFont());
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Runs that are done"));
    m_plan->setHorizontalSpacing(kSpace3);
    m_plan->setVerticalSpacing(2);
    m_plan->setContentsMargins(0, kSpace1, 0, kSpace1);
    m_note->setObjectName(QStringLiteral("noteOfExperiment"));
    m_note->setAccessibleName(tr("Note"));
    m_note->setPlaceholderText(tr("A note on this experiment"));
    m_note->setTabChangesFocus(true);
    m_note->setFixedHeight(100);
    m_noteSoon.setSingleShot(true);
    m_noteSoon.setInterval(600);
    connect(m_note, &QPlainTextEdit::textChanged, &m_noteSoon, qOverload<>(&QTimer::start));
    connect(&m_noteSoon, &QTimer::timeout, this, [this] { m_feed.setExperimentNote(m_noteOf, m_note->toPlainText()); });

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace3, kSpace2, kSpace3, kSpace3);
    layout->setSpacing(kSpace2);
    layout->addWidget(m_name);
    layout->addWidget(m_revisionAndTags);
    layout->addWidget(m_progress);
    layout->addWidget(m_state);
    layout->addWidget(m_trouble);
    layout->addLayout(m_plan);
    layout->addWidget(m_note);
    layout->addStretch();
}

void ExperimentDetails::setExperiment(std::int64_t id)
{
    savePendingNote(); // of the one that is left
    if (m_id != id) {
        m_note->document()->setModified(false);
    }
    m_id = id;
}

bool ExperimentDetails::refresh()
{
    const auto& all = m_feed.experiments();
    const auto found =
        std::find_if(all.begin(), all.end(), [this](const ExperimentRecord& one) { return one.row.id == m_id; });
    if (m_id == 0 || found == all.end()) {
        return false;
    }
    showState(*found);
    const QString note = QString::fromStdString(found->row.note);
    if (m_noteOf != m_id || (!m_note->document()->isModified() && note != m_note->toPlainText())) {
        m_noteOf = m_id;
        const QSignalBlocker blocker(m_note);
        m_note->setPlainText(note);
    }
    if (m_planOf != m_id || m_revision != found->row.revision) {
        readPlan(*found);
    }
    return true;
}

void ExperimentDetails::showState(const ExperimentRecord& experiment)
{
    m_name->setText(shownName(experiment.row.name));
    QStringList parts{tr("Revision %1").arg(experiment.row.revision)};
    for (const std::string& tag : experiment.row.tags) {
        parts += QChar('#') + shownName(tag);
    }
    if (experiment.row.archived) {
        parts += tr("archived");
    }
    m_revisionAndTags->setText(parts.join(QStringLiteral(" \u00b7 ")));
    const StateCounts counts = countsOf(experiment, m_feed.runs());
    m_progress->setRange(0, std::max(1, static_cast<int>(counts.total())));
    m_progress->setValue(static_cast<int>(counts.done));
    const QString state =
        counts.total() > 0 ? tr("%1 of %2 done: %3")
                                 .arg(QString::number(counts.done), QString::number(counts.total()), stateText(counts))
                           : tr("It has no runs yet.");
    m_state->setText((QStringList{state} + runsBesideThePlan(experiment)).join(QLatin1Char('\n')));
    m_trouble->setText(windowWords(experiment.trouble));
    m_trouble->setVisible(!m_trouble->text().isEmpty());
}

void ExperimentDetails::readPlan(const ExperimentRecord& experiment)
{
    if (m_planOf != m_id) {
        clearPlan(); // of another experiment
    }
    m_planOf = m_id;
    m_revision = experiment.row.revision;
    ++m_reading;
    m_background.run(
        this,
        [root = m_feed.workspace(), row = experiment.row](const std::atomic<bool>&) -> Result<config::Plan> {
            auto workspace = store::WorkspaceDb::open(root);
            return workspace ? jobs::planOf(*workspace, row) : Result<config::Plan>(workspace.failure());
        },
        [this, reading = m_reading](const Result<config::Plan>& plan) {
            if (reading == m_reading) { // else another experiment was chosen meanwhile
                showPlan(plan);
            }
        });
}

void ExperimentDetails::clearPlan()
{
    while (m_plan->rowCount() > 0) {
        m_plan->removeRow(0);
    }
}

void ExperimentDetails::showPlan(const Result<config::Plan>& plan)
{
    clearPlan(); // of an earlier revision, or why it could not be read
    if (!plan) {
        m_revision = 0; // it is read again after the next snapshot
        addPlanRow(tr("plan"), windowWords(plan.failure().text()));
        return;
    }
    for (const config::Axis& axis : plan->axes) {
        QStringList values;
        for (const std::string& value : axis.values) {
            values += shownName(value);
        }
        addPlanRow(QString::fromStdString(jobs::axisTitle(axis.field)), values.join(QStringLiteral(", ")));
    }
    if (plan->axes.empty()) {
        addPlanRow(tr("varied"), tr("nothing but the seed"));
    }
    QStringList seeds;
    const std::vector<std::uint64_t> own{plan->base.seed};
    for (const std::uint64_t seed : plan->seeds.empty() ? own : plan->seeds) {
        seeds += QString::number(seed);
    }
    addPlanRow(tr("seeds"), seeds.join(QStringLiteral(", ")));
    for (const config::Exclusion& exclusion : plan->excluded) {
        addPlanRow(tr("left out"), shownName(config::exclusionText(exclusion)));
    }
}

void ExperimentDetails::addPlanRow(const QString& title, const QString& text)
{
    auto* caption = newText("planField", "muted", this);
    caption->setWordWrap(false);
    caption->setText(title);
    auto* value = newText("planValue", "", this);
    value->setText(text);
    m_plan->addRow(caption, value);
}

void ExperimentDetails::savePendingNote()
{
    if (m_noteSoon.isActive()) {
        m_noteSoon.stop();
        m_feed.setExperimentNote(m_noteOf, m_note->toPlainText());
    }
}

} // namespace dskd::ui
