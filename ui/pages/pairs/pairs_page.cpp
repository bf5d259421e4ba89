#include "ui/pages/pairs/pairs_page.h"

#include "core/config/plan/plan.h"
#include "core/pairs/pair_table.h"
#include "core/text/table.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/pairs/coverage_histogram.h"
#include "ui/pages/pairs/pairs_model.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/point_export.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QJsonObject>
#include <QLabel>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <QUrl>

namespace dskd::ui
{
namespace
{

constexpr int kMostSamples = 1'000'000;
constexpr int kColumnWidth = 150;
constexpr int kMostLines = 3; // of what is said above the grid; the rest on hover

std::vector<std::filesystem::path> localPaths(const QMimeData& dropped)
{
    std::vector<std::filesystem::path> paths;
    for (const QUrl& url : dropped.urls()) {
        if (url.isLocalFile()) {
            paths.emplace_back(url.toLocalFile().toStdString());
        }
    }
    return paths;
}

QString percent(double share)
{
    return QString::fromStdString(pairs::percent(share));
}

} // namespace

PairsPage::PairsPage(const WorkspaceFeed& workspace, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(QStringLiteral("pairs")), m_model(new PairsModel(this)),
      m_stack(new PageStack(this)), m_view(new QTableView), m_notes(new QLabel)
{
    setObjectName(QStringLiteral("pairsPage"));
    setAcceptDrops(true);
    m_view->setObjectName(QStringLiteral("pairsGrid"));
    m_view->setAccessibleName(tr("Teachers and students"));
    m_view->setModel(m_model);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setTabKeyNavigation(false); // Tab leaves the grid, arrows move in it
    m_view->horizontalHeader()->setDefaultSectionSize(kColumnWidth);
    m_view->horizontalHeader()->setTextElideMode(Qt::ElideRight);
    m_view->verticalHeader()->setDefaultSectionSize(2 * fontMetrics().lineSpacing() + kSpace2);
    m_notes->setObjectName(QStringLiteral("pairsNotes"));
    m_notes->setTextFormat(Qt::PlainText);
    m_notes->setWordWrap(true);
    m_notes->hide();

    auto* parts = new QSplitter(Qt::Vertical);
    parts->setChildrenCollapsible(false);
    parts->addWidget(m_view);
    parts->addWidget(makeDetails());
    parts->setStretchFactor(0, 1);
    m_stack->setContent(parts);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    all->addWidget(m_notes);
    all->addWidget(m_stack, 1);

    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &PairsPage::showDetails);
    connect(m_view, &QTableView::doubleClicked, this, &PairsPage::requestExperiment);
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* shortcut = new QShortcut(key, m_view);
        shortcut->setContext(Qt::WidgetShortcut);
        connect(shortcut, &QShortcut::activated, this, &PairsPage::requestExperiment);
    }
    connect(m_model, &QAbstractItemModel::modelReset, this, &PairsPage::showDetails);
    connect(&workspace, &WorkspaceFeed::runsChanged, this, [this] { // new runs may bring new models
        if (isVisible() && m_workspace.runs().size() != m_numRuns) {
            refresh();
        }
    });
    m_stack->showSentence(tr("Reading\u2026"));
    showDetails();
}

PairsPage::~PairsPage()
{
    if (m_cancel) {
        *m_cancel = true;
    }
}

void PairsPage::makeToolBar(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_dataChoice = new QComboBox;
    m_dataChoice->setObjectName(QStringLiteral("pairsData"));
    m_dataChoice->setAccessibleName(tr("Data set"));
    m_dataChoice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_dataChoice->setMinimumContentsLength(12);
    m_samples = new QSpinBox;
    m_samples->setObjectName(QStringLiteral("pairsSamples"));
    m_samples->setAccessibleName(tr("Samples"));
    m_samples->setRange(1, kMostSamples);
    m_samples->setValue(static_cast<int>(pairs::PairOptions{}.samples));
    m_samples->setKeyboardTracking(false); // a number is complete when it is entered
    m_progress = new QProgressBar;
    m_progress->setAccessibleName(tr("Pairs compared"));
    m_progress->setFormat(tr("%v of %m pairs"));
    m_progress->setMaximumWidth(160);
    m_stop = new QToolButton;
    m_stop->setObjectName(QStringLiteral("pairsCancel"));
    m_stop->setIcon(icon(QStringLiteral("stop")));
    m_stop->setToolTip(tr("Cancel; what is compared stays"));
    m_stop->setAccessibleName(tr("Cancel"));
    auto* dataLabel = new QLabel(tr("&Data"));
    dataLabel->setBuddy(m_dataChoice);
    auto* samplesLabel = new QLabel(tr("Sam&ples"));
    samplesLabel->setBuddy(m_samples);
    for (QWidget* widget :
         std::initializer_list<QWidget*>{dataLabel, m_dataChoice, samplesLabel, m_samples, m_progress, m_stop}) {
        bar->addWidget(widget);
    }
    bar->addStretch(1);
    auto* buttons = new QHBoxLayout; // of their own line: 1280 x 720 must fit
    buttons->setSpacing(kSpace2);
    const auto add = [&](const QString& text, const QString& hint, const char* name, auto slot) {
        auto* button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(hint);
        connect(button, &QPushButton::clicked, this, slot);
        buttons->addWidget(button);
    };
    add(tr("Add model\u2026"), tr("A folder with config.json and a tokenizer; dropping it here does the same"),
        "pairsAddModel", &PairsPage::askForModel);
    add(tr("Add data\u2026"), tr("A JSONL file; dropping it here does the same"), "pairsAddData",
        &PairsPage::askForData);
    add(tr("Copy LaTeX"), tr("A row a pair, a tabular with booktabs rules"), "pairsLatex", &PairsPage::copyLatex);
    add(tr("Export CSV\u2026"), tr("A row a pair, full precision, with the distribution"), "pairsCsv",
        &PairsPage::askForCsv);
    buttons->addStretch(1);
    into.addLayout(bar);
    into.addLayout(buttons);
    m_progress->hide();
    m_stop->hide();
    connect(m_dataChoice, &QComboBox::activated, this, [this](int row) {
        m_data = m_dataChoice->itemData(row).toString().toStdString();
        m_model->clearCells();
        showDetails();
        Q_EMIT stateChanged();
        refresh();
    });
    connect(m_samples, &QSpinBox::valueChanged, this, [this] {
        m_model->clearCells();
        showDetails();
        Q_EMIT stateChanged();
        refresh();
    });
    connect(m_stop, &QToolButton::clicked, this, &PairsPage::cancel);
}

QWidget* PairsPage::makeDetails()
{
    auto* details = new QWidget;
    auto* all = new QVBoxLayout(details);
    all->setContentsMargins(0, kSpace1, 0, 0);
    all->setSpacing(kSpace2);
    m_headline = new QLabel;
    m_headline->setObjectName(QStringLiteral("pairHeadline"));
    m_headline->setTextFormat(Qt::PlainText);
    m_headline->setWordWrap(true);
    m_headline->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_new = new QPushButton(icon(QStringLiteral("new")), tr("New experiment\u2026"));
    m_new->setObjectName(QStringLiteral("pairExperiment"));
    m_new->setToolTip(tr("Begins with this teacher, this student and this data (Return in the grid)"));
    connect(m_new, &QPushButton::clicked, this, &PairsPage::requestExperiment);
    auto* head = new QHBoxLayout;
    head->addWidget(m_headline, 1);
    head->addWidget(m_new, 0, Qt::AlignTop);
    m_histogram = new CoverageHistogram;
    m_worst = new QTableWidget(0, 4);
    m_worst->setObjectName(QStringLiteral("worstSamples"));
    m_worst->setAccessibleName(tr("Least covered samples"));
    m_worst->setHorizontalHeaderLabels({tr("Coverage"), tr("Tokens"), tr("Line"), tr("Answer")});
    m_worst->verticalHeader()->hide();
    m_worst->horizontalHeader()->setStretchLastSection(true);
    m_worst->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_worst->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_worst->setWordWrap(false);
    m_worst->setTabKeyNavigation(false);
    all->addLayout(head);
    all->addWidget(m_histogram);
    all->addWidget(m_worst, 1);
    return details;
}

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
    m_cancel.reset();
    m_progress->hide();
    m_stop->hide();
    if (!result) {
        say(windowWords(result.failure().text()), true);
        if (m_model->rowCount() == 0) {
            m_stack->showSentence(QString::fromStdString(result.failure().text()));
        }
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
    m_headline->setText(found->samples == 0 ? tr("%1: %2; no sample has an answer to align").arg(names, overlap)
                                            : tr("%1: %2; coverage %3 on %4 samples (worst sample %5)")
                                                  .arg(names, overlap, percent(found->mean), whole(found->samples),
                                                       percent(found->min)));
    m_worst->setRowCount(static_cast<int>(found->worst.size()));
    for (int row = 0; row < m_worst->rowCount(); ++row) {
        const pairs::SampleCoverage& sample = found->worst[static_cast<std::size_t>(row)];
        const QString texts[] = {percent(sample.share()),
                                 tr("%1 of %2").arg(whole(sample.alignedTokens), whole(sample.studentTokens)),
                                 whole(sample.line), shownName(sample.answer)};
        for (int column = 0; column < 4; ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            item->setToolTip(column == 3 ? plainHint(texts[column]) : QString());
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

void PairsPage::askForModel()
{
    auto* dialog = new QFileDialog(this, tr("Add a model folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& folder) { addPaths({folder.toStdString()}); });
    dialog->open();
}

void PairsPage::askForData()
{
    auto* dialog = new QFileDialog(this, tr("Add a data file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("JSON lines (*.jsonl *.json)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) { addPaths({file.toStdString()}); });
    dialog->open();
}

void PairsPage::askForCsv()
{
    auto* dialog = new QFileDialog(this, tr("Export the pairs"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("CSV (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &PairsPage::exportTo);
    dialog->open();
}

void PairsPage::exportTo(const QString& file)
{
    m_background.run(
        this,
        [csv = QByteArray::fromStdString(pairs::toCsv(m_model->cells())), file](const std::atomic<bool>&) {
            return writeFile(csv, file);
        },
        [this, file](const Result<void>& written) {
            say(written ? tr("written to %1").arg(file) : QString::fromStdString(written.failure().text()), !written);
        });
}

void PairsPage::copyLatex() const
{
    QApplication::clipboard()->setText(QString::fromStdString(text::toLatex(pairs::toTextTable(m_model->cells()))));
}

void PairsPage::addPaths(const std::vector<std::filesystem::path>& paths)
{
    if (m_cancel) {
        *m_cancel = true; // the thread is free for it
    }
    say(tr("Reading %n file(s) or folder(s)\u2026", nullptr, static_cast<int>(paths.size())));
    m_background.run(
        this, [root = m_workspace.workspace(), paths](const std::atomic<bool>&) { return addInputs(root, paths); },
        [this](const Result<AddedInputs>& added) {
            if (added && !added->data.empty()) {
                m_data = added->data;
                m_model->clearCells();
                Q_EMIT stateChanged();
            }
            QStringList problems;
            if (!added) {
                problems += QString::fromStdString(added.failure().text());
            } else {
                for (const std::string& problem : added->problems) {
                    problems += QString::fromStdString(problem);
                }
            }
            m_problems = problems.join('\n');
            say(m_problems, true);
            refresh();
        });
}

void PairsPage::dragEnterEvent(QDragEnterEvent* event)
{
    if (!localPaths(*event->mimeData()).empty()) {
        event->acceptProposedAction();
    }
}

void PairsPage::dropEvent(QDropEvent* event)
{
    const auto paths = localPaths(*event->mimeData());
    if (!paths.empty()) {
        event->acceptProposedAction();
        addPaths(paths);
    }
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
