// What the page of pairs compares and shows. Its widgets are in pairs_page_layout.cpp, its files in
// pairs_page_files.cpp.

#include "ui/pages/pairs/pairs_page.h"

#include "core/config/plan/plan.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/pairs/coverage_histogram.h"
#include "ui/pages/pairs/pairs_model.h"
#include "ui/pages/shared/page_stack.h"

#include <QComboBox>
#include <QJsonObject>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>

namespace dskd::ui
{
namespace
{

constexpr std::int64_t kWholeAnswers = 1'000'000'000; // tokens: more than any answer has
constexpr int kMostLines = 3;                         // of the text above the grid; the rest on hover

} // namespace

void PairsPage::setRuns(std::vector<std::string> /*shown*/, std::vector<std::string> /*selected*/) {}

QJsonObject PairsPage::savedState() const
{
    return QJsonObject{{"data", QString::fromStdString(m_data)}, {"samples", m_samples->value()}};
}

void PairsPage::restoreState(const QJsonObject& state)
{
    m_data = state.value("data").toString().toStdString();
    const QSignalBlocker blocker(m_samples);
    m_samples->setValue(state.value("samples").toInt(m_samples->value()));
}

void PairsPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    refresh(); // cheap where nothing has changed: what is known is kept
}

void PairsPage::refresh()
{
    if (!isVisible()) {
        return; // the next showEvent does it
    }
    if (m_cancel) {
        *m_cancel = true;
    }
    m_cancel = std::make_shared<std::atomic<bool>>(false);
    m_numRuns = m_workspace.runs().size();
    m_numKnown = 0;
    m_progress->setRange(0, 0);
    m_progress->show();
    m_stop->show();
    m_background.run(
        this,
        [this, root = m_workspace.workspace(), data = m_data, samples = std::int64_t{m_samples->value()},
         cancel = m_cancel](const std::atomic<bool>&) -> Result<void> {
            auto known = readKnownPairs(root, data, *cancel);
            if (!known || *cancel) {
                return known ? Result<void>() : Result<void>(known.failure());
            }
            // Queued for a page that outlives the thread which asks.
            QMetaObject::invokeMethod(this, [this, cancel, found = *known] {
                if (cancel == m_cancel) {
                    showKnown(found);
                }
            });
            return comparePairs(
                root, *known, samples,
                [this, cancel](const pairs::PairCell& cell) {
                    QMetaObject::invokeMethod(this, [this, cancel, cell] {
                        if (cancel == m_cancel) {
                            showCell(cell);
                        }
                    });
                },
                *cancel);
        },
        [this, cancel = m_cancel](const Result<void>& result) {
            if (cancel == m_cancel) {
                ended(result);
            }
        });
}

void PairsPage::cancel()
{
    if (m_cancel) {
        *m_cancel = true;
        say(tr("Cancelled. What is compared stays; choosing the data again compares the rest."));
    }
}

void PairsPage::showKnown(const KnownPairs& known)
{
    m_known = known;
    m_model->setModels(known.teachers, known.students);
    const QSignalBlocker blocker(m_dataChoice);
    m_dataChoice->clear();
    for (const store::DatasetRow& row : known.data) {
        m_dataChoice->addItem(shownName(row.name), QString::fromStdString(row.path));
        const int place = m_dataChoice->count() - 1;
        m_dataChoice->setItemData(
            place, plainHint(QString::fromStdString(row.problem.empty() ? row.path : row.path + "\n" + row.problem)),
            Qt::ToolTipRole);
        if (known.chosen && known.chosen->id == row.id) {
            m_dataChoice->setCurrentIndex(place);
            m_dataChoice->setToolTip(plainHint(QString::fromStdString(row.path)));
        }
    }
    m_progress->setRange(0, static_cast<int>(known.teachers.size() * known.students.size()));
    QStringList sentences = m_problems.isEmpty() ? QStringList() : QStringList(m_problems);
    for (const std::string& sentence : known.sentences) {
        sentences += QString::fromStdString(sentence);
    }
    say(sentences.join('\n'), !m_problems.isEmpty());
    if (known.teachers.empty() || known.students.empty()) {
        m_stack->showSentence(
            tr("No %1 is known yet. Add a model's folder by the button, or drop it here; the models of runs come by "
               "themselves.")
                .arg(known.teachers.empty() && known.students.empty() ? tr("model")
                     : known.teachers.empty()                         ? tr("teacher")
                                                                      : tr("student")));
    } else if (!known.chosen) {
        m_stack->showSentence(tr("No data is known yet. Add a JSONL file by the button, or drop it here."));
    } else {
        m_stack->showContent();
    }
}

void PairsPage::showCell(const pairs::PairCell& cell)
{
    m_model->setCell(cell);
    m_progress->setValue(++m_numKnown);
    const pairs::PairCell* current = m_model->cellAt(m_view->currentIndex());
    if (!m_view->currentIndex().isValid()) {
        m_view->setCurrentIndex(m_model->index(0, 0)); // so that the details are not empty at first
    } else if (current != nullptr && current->teacher.id == cell.teacher.id && current->student.id == cell.student.id) {
        showDetails();
    }
}

void PairsPage::ended(const Result<void>& result)
{
    const bool cancelled = m_cancel && *m_cancel;
    m_cancel.reset();
    m_progress->hide();
    m_stop->hide();
    if (!result) {
        say(windowWords(result.failure().text()), true);
        if (m_model->rowCount() == 0) {
            m_stack->showSentence(windowWords(result.failure().text()));
        }
    } else if (cancelled && m_model->rowCount() == 0) {
        m_stack->showSentence(tr("Cancelled before the models were read. Showing the page again reads them."));
    }
    Q_EMIT compared();
}

void PairsPage::showDetails()
{
    const pairs::PairCell* cell = m_model->cellAt(m_view->currentIndex());
    const pairs::PairAnalysis* found = cell != nullptr && cell->analysis ? &*cell->analysis : nullptr;
    m_new->setEnabled(cell != nullptr);
    m_histogram->setAnalysis(found);
    m_worst->setRowCount(0);
    if (cell == nullptr) {
        m_headline->setText(tr("Select a cell to see how the coverage is distributed and which samples are worst."));
        return;
    }
    const QString names = tr("%1 and %2").arg(shownName(cell->teacher.name), shownName(cell->student.name));
    if (found == nullptr) {
        m_headline->setText(names + ": " + QString::fromStdString(cell->problem));
        return;
    }
    const QString overlap =
        found->sameVocabulary
            ? tr("one vocabulary of %1 tokens").arg(whole(found->teacherVocabulary))
            : tr("%1 of %2 teacher tokens in common (%3)")
                  .arg(whole(found->overlap), whole(found->teacherVocabulary), percent(found->overlapShare()));
    const std::string spaces = pairs::spacesSentence(*found);
    m_headline->setText(found->samples == 0 ? tr("%1: %2; no sample has an answer to align").arg(names, overlap)
                                            : tr("%1: %2; coverage %3 on %4 samples (worst sample %5)")
                                                      .arg(names, overlap, percent(found->mean), whole(found->samples),
                                                           percent(found->min)) +
                                                  (spaces.empty() ? QString() : ". " + QString::fromStdString(spaces)));
    m_worst->setRowCount(static_cast<int>(found->worst.size()));
    for (int row = 0; row < m_worst->rowCount(); ++row) {
        const pairs::SampleCoverage& sample = found->worst[static_cast<std::size_t>(row)];
        const QString texts[] = {percent(sample.share()),
                                 tr("%1 of %2").arg(whole(sample.alignedTokens), whole(sample.studentTokens)),
                                 whole(sample.line), shownName(sample.answer)};
        for (int column = 0; column < 4; ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            item->setToolTip(column == 3 ? plainHint(texts[column])
                                         : tr("A click, or Return, shows this sample's tokens on the page Alignment"));
            m_worst->setItem(row, column, item);
        }
    }
    m_worst->resizeColumnsToContents();
}

void PairsPage::requestExperiment()
{
    const pairs::PairCell* cell = m_model->cellAt(m_view->currentIndex());
    if (cell != nullptr && m_known.chosen) {
        config::Plan plan;
        plan.base = pairs::experimentOf(*cell, *m_known.chosen);
        Q_EMIT experimentRequested(plan);
    }
}

// As the grid aligns it: the whole answer, also where one vocabulary needs no alignment.
void PairsPage::openSample(int row)
{
    const pairs::PairCell* cell = m_model->cellAt(m_view->currentIndex());
    if (cell == nullptr || !cell->analysis || !m_known.chosen || row < 0 ||
        static_cast<std::size_t>(row) >= cell->analysis->worst.size()) {
        return;
    }
    config::Experiment experiment = pairs::experimentOf(*cell, *m_known.chosen);
    experiment.method.alignment = config::Alignment::Eta;
    experiment.data.maxLength = kWholeAnswers;
    Q_EMIT alignmentRequested(experiment, cell->analysis->worst[static_cast<std::size_t>(row)].line);
}

void PairsPage::say(const QString& sentence, bool bad)
{
    const QStringList lines = sentence.split('\n');
    m_notes->setText(lines.size() <= kMostLines ? sentence
                                                : QStringList(lines.first(kMostLines)).join('\n') +
                                                      tr(" (and %1 more)").arg(lines.size() - kMostLines));
    m_notes->setToolTip(lines.size() <= kMostLines ? QString() : plainHint(sentence));
    m_notes->setVisible(!sentence.isEmpty());
    setTone(*m_notes, bad ? "bad" : "muted");
}

} // namespace dskd::ui
