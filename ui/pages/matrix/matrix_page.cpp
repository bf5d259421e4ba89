#include "ui/pages/matrix/matrix_page.h"

#include "core/store/workspace_db.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/pages/matrix/matrix_model.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/point_export.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QTableView>
#include <map>
#include <set>
#include <utility>

namespace dskd::ui
{

// What decides about the matrix: how runs stand, their newest values' step, and what their experiments plan.
std::string MatrixPage::stateOfShown() const
{
    std::string state = stateOfRuns(m_workspace, m_shown);
    std::set<std::int64_t> experiments; // of the shown runs
    for (const std::string& id : m_shown) {
        if (const RunRecord* record = m_workspace.find(id); record && record->row.experiment) {
            experiments.insert(*record->row.experiment);
        }
    }
    for (const ExperimentRecord& experiment : m_workspace.experiments()) {
        if (!experiments.contains(experiment.row.id)) {
            continue;
        }
        state += std::to_string(experiment.row.id) + " " + std::to_string(experiment.row.revision) + " " +
                 std::to_string(experiment.missing().value_or(0)) + "\n";
    }
    return state;
}

void MatrixPage::setRuns(std::vector<std::string> shown, std::vector<std::string> /*selected*/)
{
    if (shown == m_shown && !shown.empty()) {
        return;
    }
    m_shown = std::move(shown);
    m_reading.ask();
    if (m_shown.empty()) {
        m_stack->showSentence(
            tr("No run is shown. Check the boxes of the runs of an ablation in the list, or of its experiment."));
        return;
    }
    if (m_model->rowCount() == 0) {
        m_stack->showSentence(tr("Reading\u2026"));
    }
}

void MatrixPage::setState(MatrixState state)
{
    m_state = std::move(state);
    m_model->setMatrix(m_model->matrix(), m_state.spread);
    m_reading.ask();
    Q_EMIT stateChanged();
}

QJsonObject MatrixPage::savedState() const
{
    return toJson(m_state);
}

void MatrixPage::restoreState(const QJsonObject& state)
{
    m_state = matrixStateFrom(state);
    m_reading.ask();
}

void MatrixPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_reading.refresh();
}

void MatrixPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_model->setMatrix(m_model->matrix(), m_state.spread); // its marks have the colours of the theme
    }
}

// A baseline or metric that these runs do not have is kept for others that do, and left out here.
Result<MatrixPage::Read> MatrixPage::readShown(const std::filesystem::path& root, const std::vector<std::string>& shown,
                                               jobs::MatrixRequest request, const std::atomic<bool>& cancelled)
{
    auto workspace = store::WorkspaceDb::open(root);
    if (!workspace) {
        return workspace.failure();
    }
    QString dropped;
    const auto tryRead = [&] { return jobs::readMatrix(*workspace, shown, {}, request, &cancelled); };
    auto matrix = tryRead();
    if (!matrix && !request.baseline.empty()) {
        dropped = shownName(matrix.failure().what);
        request.baseline.clear();
        matrix = tryRead();
    }
    if (!matrix && !request.metric.empty()) {
        dropped = shownName(matrix.failure().what);
        request.metric.clear();
        matrix = tryRead();
    }
    if (!matrix) {
        return matrix.failure();
    }
    return Read{*std::move(matrix), dropped};
}

JointReading<MatrixPage::Read>::Work MatrixPage::makeWork() const
{
    return [shown = m_shown, root = m_workspace.workspace(), request = m_state.request](
               const std::atomic<bool>& cancelled) { return readShown(root, shown, request, cancelled); };
}

void MatrixPage::showMatrix(Result<Read> result)
{
    if (!result) {
        m_stack->showSentence(windowWords(shownName(result.failure().text())));
        return;
    }
    m_model->setMatrix(std::move(result->matrix), m_state.spread);
    const jobs::Matrix& matrix = m_model->matrix();
    QStringList notices;
    QStringList details;
    if (!result->dropped.isEmpty()) {
        notices.append(result->dropped);
    }
    if (!matrix.leftOut.empty()) {
        notices.append(tr("Some runs cannot be read and are left out."));
    }
    for (const jobs::UnreadRun& run : matrix.leftOut) {
        details.append(windowWords(shownName(run.runId + ": " + run.why.text())));
    }
    for (const Failure& plan : matrix.unreadPlans) {
        notices.append(windowWords(shownName(plan.what)));
    }
    m_notice->setText(notices.join(QLatin1Char(' ')));
    m_notice->setToolTip(plainHint(details.join(QLatin1Char('\n'))));
    m_notice->setVisible(!notices.isEmpty());
    showChoices();
    m_stack->showContent();
    fitTable();
    Q_EMIT matrixShown();
}

void MatrixPage::pinBaseline(Part part, const QModelIndex& index)
{
    const jobs::Matrix& matrix = m_model->matrix();
    MatrixState state = m_state;
    state.request.baseline.clear();
    const auto pin = [&](const std::vector<std::string>& fields, const std::vector<std::string>& values) {
        for (std::size_t f = 0; f < fields.size(); ++f) {
            state.request.baseline[fields[f]] = values[f];
        }
    };
    if (part != Part::Column) {
        pin(matrix.rowFields, matrix.rows[static_cast<std::size_t>(index.row())]);
    }
    if (part != Part::Row) {
        pin(matrix.columnFields, matrix.columns[static_cast<std::size_t>(index.column())]);
    }
    setState(std::move(state));
}

void MatrixPage::open(const QModelIndex& index)
{
    if (!index.isValid()) {
        return;
    }
    const jobs::MatrixCell& cell = m_model->cellAt(index);
    if (cell.sameAs) {
        const auto there = static_cast<int>(*cell.sameAs);
        open(m_model->index(there / m_model->columnCount(), there % m_model->columnCount()));
        return;
    }
    if (cell.state == jobs::CellState::Missing) {
        queueMissing(index);
        return;
    }
    if (cell.state == jobs::CellState::Excluded) {
        return; // it has no run
    }
    std::vector<std::string> ids;
    for (const jobs::MatrixRun& run : cell.runs) {
        ids.push_back(run.runId);
    }
    Q_EMIT selectRequested(ids);
}

void MatrixPage::queueMissing(const QModelIndex& index)
{
    std::map<std::int64_t, std::vector<config::Experiment>> byExperiment;
    const std::vector<jobs::MissingRun>& missing = m_model->cellAt(index).missing;
    for (const jobs::MissingRun& run : missing) {
        byExperiment[run.experiment].push_back(run.run);
    }
    for (const auto& [experiment, runs] : byExperiment) {
        m_workspace.runThese(experiment, runs);
    }
    if (!missing.empty()) {
        m_notice->setText(tr("%1: %2 put into the queue.")
                              .arg(m_model->placeOf(index),
                                   counted(static_cast<std::int64_t>(missing.size()), tr("run is"), tr("runs are"))));
        m_notice->show();
    }
}

void MatrixPage::copyLatex() const
{
    QApplication::clipboard()->setText(QString::fromStdString(jobs::toLatex(m_model->matrix(), m_state.spread)));
}

void MatrixPage::copyCsv() const
{
    QApplication::clipboard()->setText(QString::fromStdString(jobs::toCsv(m_model->matrix(), m_state.spread)));
}

void MatrixPage::save()
{
    auto* dialog = new QFileDialog(this, tr("Save the matrix"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("LaTeX (*.tex)"), tr("CSV (*.csv)")});
    dialog->setDefaultSuffix(QStringLiteral("tex"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.contains(QStringLiteral("csv")) ? QStringLiteral("csv")
                                                                        : QStringLiteral("tex"));
    });
    connect(dialog, &QFileDialog::fileSelected, this, &MatrixPage::saveTo);
    dialog->open();
}

void MatrixPage::saveTo(const QString& file)
{
    const bool asCsv = QFileInfo(file).suffix() == QStringLiteral("csv");
    const std::string content =
        asCsv ? jobs::toCsv(m_model->matrix(), m_state.spread) : jobs::toLatex(m_model->matrix(), m_state.spread);
    m_background.run(
        this,
        [content = QByteArray::fromStdString(content), file](const std::atomic<bool>&) {
            return writeFile(content, file);
        },
        [this, file](const Result<void>& written) {
            m_notice->setText(written ? tr("Written to %1.").arg(file)
                                      : windowWords(shownName(written.failure().text())));
            m_notice->show();
        });
}

} // namespace dskd::ui
