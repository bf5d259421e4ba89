// What stands where on the alignment page, and what its controls call. What they do is in alignment_page.cpp and
// alignment_page_coverage.cpp, the maps with their controls are in map_panel.cpp.

#include "core/preflight/run_coverage.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/map_panel.h"
#include "ui/pages/alignment/step_charts.h"
#include "ui/pages/alignment/text_line.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/page_stack.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QJsonObject>
#include <QLabel>
#include <QSpinBox>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 1000;
constexpr int kNarrowestBox = 70;
constexpr int kSamples = 200;      // as many as the preflight reads
constexpr int kMostSamples = 5000; // of long answers: some seconds, in the background

QComboBox* newBox(QBoxLayout& bar, const char* name, const QString& title)
{
    auto* box = new QComboBox;
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(title);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box->setMinimumWidth(kNarrowestBox); // long names give way
    auto* label = new MutedLabel(title);
    label->setBuddy(box);
    bar.addWidget(label);
    bar.addWidget(box);
    return box;
}

} // namespace

AlignmentPage::AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(background),
      m_catalogues(workspace, background, this, kPollMs, readCatalogue,
                   [this](bool changed) {
                       if (changed) {
                           fillChoices();
                       } else {
                           showEmpty();
                           followRun();
                       }
                   }),
      m_stack(new PageStack(this)), m_legend(new MarkLegend), m_tokens(new TokenRows),
      m_tokenDetail(newLine("tokenDetail")), m_lists(new CoverageLists), m_maps(new MapPanel(background)),
      m_steps(new StepCharts(workspace, background)),
      m_measuring(std::make_unique<Background>(QStringLiteral("alignment")))
{
    setObjectName(QStringLiteral("alignmentPage"));
    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace1);
    makeHeadline(*all);
    makeToolBar(*all);
    all->addWidget(m_tokens);
    all->addWidget(m_tokenDetail);
    auto* views = new QTabWidget;
    views->setObjectName(QStringLiteral("views"));
    views->setDocumentMode(true);
    views->setAccessibleName(tr("Attention and what is recorded over the steps"));
    views->tabBar()->setAccessibleName(views->accessibleName());
    views->addTab(m_maps, tr("Attention"));
    views->addTab(m_steps, tr("Over steps"));
    auto* split = new QSplitter(Qt::Horizontal);
    split->addWidget(views);
    split->addWidget(makeLists());
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 1);
    all->addWidget(split, 1);
    m_stack->setContent(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    connect(m_tokens, &TokenRows::cursorCellChanged, m_maps, &MapPanel::setCursorCell);
    connect(m_maps, &MapPanel::cursorCellChanged, m_tokens, &TokenRows::setCursorCell);
    connect(m_maps, &MapPanel::stepChanged, this, &AlignmentPage::readMaps);
    connect(m_maps, &MapPanel::stateChanged, this, &Page::stateChanged);
    connect(m_steps, &StepCharts::valuesChanged, this, &AlignmentPage::showInsideChunks);
    connect(m_tokens, &TokenRows::selectionChanged, this, &AlignmentPage::showTokenDetail);
    connect(m_lists, &CoverageLists::sampleChosen, this, [this](qint64 sample) {
        if (const int at = m_sample->findData(QString::number(sample)); at >= 0) {
            m_sample->setCurrentIndex(at);
        }
    });
    connect(m_data, &QComboBox::currentIndexChanged, this, &Page::stateChanged);
    connect(m_samples, &QSpinBox::valueChanged, this, &Page::stateChanged);
    fillChoices();
}

QJsonObject AlignmentPage::savedState() const
{
    QJsonObject state = m_maps->savedState();
    state["trainingData"] = m_data->currentIndex() == 1;
    state["samples"] = m_samples->value();
    return state;
}

void AlignmentPage::restoreState(const QJsonObject& state)
{
    m_data->setCurrentIndex(state["trainingData"].toBool() ? 1 : 0);
    m_samples->setValue(state["samples"].toInt(kSamples)); // within its range
    m_maps->restoreState(state);
}

AlignmentPage::~AlignmentPage()
{
    if (m_outdated) {
        *m_outdated = true; // or closing would wait for it
    }
}

void AlignmentPage::makeHeadline(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace3);
    m_headline = new QLabel;
    m_headline->setObjectName(QStringLiteral("coverage"));
    m_headline->setFont(titleFont());
    m_headline->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_headlineNotes = newLine("coverageNotes");
    bar->addWidget(m_headline);
    bar->addWidget(m_headlineNotes, 1);
    bar->addWidget(m_legend);
    into.addLayout(bar);
}

void AlignmentPage::makeToolBar(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_run = newBox(*bar, "run", tr("Run"));
    m_sample = newBox(*bar, "sample", tr("Sample"));
    m_map = newBox(*bar, "map", tr("Map"));
    m_other = newBox(*bar, "other", tr("beside"));
    m_sample->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // thousands need no measuring
    m_sample->setMinimumContentsLength(12);
    bar->addStretch(1);
    into.addLayout(bar);

    for (QComboBox* box : {m_run, m_other}) {
        connect(box, &QComboBox::currentIndexChanged, this, [this] { m_followsList = false; });
    }
    for (QComboBox* box : {m_run, m_other, m_map, m_sample}) {
        connect(box, &QComboBox::currentIndexChanged, this, &AlignmentPage::fillChoices);
    }
}

QWidget* AlignmentPage::makeLists()
{
    auto* lists = new QWidget;
    auto* all = new QVBoxLayout(lists);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(kSpace1);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_data = newBox(*bar, "data", tr("Data"));
    m_data->addItem(tr("validation"), static_cast<int>(preflight::CoverageData::Validation));
    m_data->addItem(tr("training"), static_cast<int>(preflight::CoverageData::Training));
    m_samples = new QSpinBox;
    m_samples->setObjectName(QStringLiteral("numSamples"));
    m_samples->setAccessibleName(tr("How many samples are looked at"));
    m_samples->setToolTip(tr("So many samples are looked at, from the first on"));
    m_samples->setRange(1, kMostSamples);
    m_samples->setValue(kSamples);
    m_samples->setSuffix(tr(" samples"));
    m_samples->setKeyboardTracking(false);
    bar->addWidget(m_samples);
    bar->addStretch(1);
    all->addLayout(bar);
    all->addWidget(m_lists, 1);
    connect(m_data, &QComboBox::currentIndexChanged, this, &AlignmentPage::fillChoices);
    connect(m_samples, &QSpinBox::valueChanged, this, &AlignmentPage::fillChoices);
    return lists;
}

} // namespace dskd::ui
