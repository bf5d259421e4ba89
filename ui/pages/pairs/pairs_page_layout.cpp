// What stands where on the page of pairs, and what its controls call. What is compared and shown is in pairs_page.cpp,
// what comes from files and goes to them in pairs_page_files.cpp.

#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/pairs/coverage_histogram.h"
#include "ui/pages/pairs/pairs_model.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/pages/shared/page_stack.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>

namespace dskd::ui
{
namespace
{

constexpr int kMostSamples = 1'000'000;
constexpr int kColumnWidth = 150;

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
    connect(m_worst, &QTableWidget::cellClicked, this, [this](int row) { openSample(row); });
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* shortcut = new QShortcut(key, m_worst);
        shortcut->setContext(Qt::WidgetShortcut);
        connect(shortcut, &QShortcut::activated, this, [this] { openSample(m_worst->currentRow()); });
    }
    all->addLayout(head);
    all->addWidget(m_histogram);
    all->addWidget(m_worst, 1);
    return details;
}

} // namespace dskd::ui
