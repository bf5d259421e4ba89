// What stands where on the alignment page, and what its controls call. What they do is in alignment_page.cpp and
// alignment_page_coverage.cpp.

#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "ui/pages/shared/step_slider.h"
#include "viz/curve_chart.h"
#include "viz/heat_map_view.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QFontMetricsF>
#include <QJsonObject>
#include <QLabel>
#include <QPainter>
#include <QPalette>
#include <QPointer>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 1000;
constexpr int kNarrowestBox = 70;
constexpr int kSamples = 200;      // as many as the preflight looks at
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

QCheckBox* newCheck(QBoxLayout& bar, const char* name, const QString& title, const QString& tip)
{
    auto* check = new QCheckBox(title);
    check->setObjectName(QString::fromLatin1(name));
    check->setToolTip(tip);
    bar.addWidget(check);
    return check;
}

// A line that is cut rather than widening the page; its tooltip has all of it.
MutedLabel* newLine(const char* name)
{
    auto* line = new MutedLabel;
    line->setObjectName(QString::fromLatin1(name));
    line->setTextFormat(Qt::PlainText); // tokens may look like tags
    line->setTextInteractionFlags(Qt::TextSelectableByMouse);
    line->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    return line;
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
                           followSteps();
                       }
                   }),
      m_stack(new PageStack(this)), m_readout(newLine("readout")), m_legend(new MarkLegend), m_tokens(new TokenRows),
      m_tokenDetail(newLine("tokenDetail")), m_lists(new CoverageLists),
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
    views->addTab(makeMaps(), tr("Attention"));
    views->addTab(makeSteps(), tr("Over steps"));
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

    connect(m_tokens, &TokenRows::cursorCellChanged, this, &AlignmentPage::linkCursor);
    connect(m_tokens, &TokenRows::selectionChanged, this, &AlignmentPage::showTokenDetail);
    connect(m_lists, &CoverageLists::sampleChosen, this, [this](qint64 sample) {
        if (const int at = m_sample->findData(QString::number(sample)); at >= 0) {
            m_sample->setCurrentIndex(at);
        }
    });
    for (QCheckBox* check : {m_unit, m_log, m_chunks}) {
        connect(check, &QCheckBox::toggled, this, &Page::stateChanged);
    }
    connect(m_data, &QComboBox::currentIndexChanged, this, &Page::stateChanged);
    connect(m_samples, &QSpinBox::valueChanged, this, &Page::stateChanged);
    fillChoices();
}

QJsonObject AlignmentPage::savedState() const
{
    return {{"trainingData", m_data->currentIndex() == 1},
            {"samples", m_samples->value()},
            {"unitColours", m_unit->isChecked()},
            {"logColours", m_log->isChecked()},
            {"chunks", m_chunks->isChecked()}};
}

void AlignmentPage::restoreState(const QJsonObject& state)
{
    m_data->setCurrentIndex(state["trainingData"].toBool() ? 1 : 0);
    m_samples->setValue(state["samples"].toInt(kSamples)); // within its range
    m_unit->setChecked(state["unitColours"].toBool());
    m_log->setChecked(state["logColours"].toBool());
    m_chunks->setChecked(state["chunks"].toBool(true));
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

void AlignmentPage::makeStepBar(QBoxLayout& into)
{
    m_step = new StepSlider(StepSlider::Playback::On);
    m_otherStep = new StepSlider(StepSlider::Playback::Off);
    m_otherStep->setObjectName(QStringLiteral("otherStep"));
    m_otherStep->setToolTip(tr("The step of the map at the right"));
    auto* sliders = new QHBoxLayout;
    sliders->setSpacing(kSpace3);
    sliders->addWidget(m_step, 1);
    sliders->addWidget(m_otherStep, 1);
    into.addLayout(sliders);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_difference = newCheck(*bar, "difference", tr("Difference"), tr("The left map minus the right one"));
    m_unit = newCheck(*bar, "unitColours", tr("Colours 0 to 1"),
                      tr("Colours over all that attention can be; else from the least to the greatest value shown"));
    m_log = newCheck(*bar, "logColours", tr("Log colours"),
                     tr("Colours by log10 of the attention, from 0.0001: weak links become visible"));
    m_chunks =
        newCheck(*bar, "chunks", tr("Chunks"), tr("Outlines the pieces of text that both sides cut at their ends"));
    m_chunks->setChecked(true);
    bar->addStretch(1);
    into.addLayout(bar);
    for (QCheckBox* check : {m_difference, m_chunks}) {
        connect(check, &QCheckBox::toggled, this, &AlignmentPage::showSides);
    }
    connect(m_unit, &QCheckBox::toggled, this, &AlignmentPage::colourSides);
    connect(m_log, &QCheckBox::toggled, this, [this](bool on) {
        m_left.view->setLogScale(on);
        m_right.view->setLogScale(on);
    });
    connect(m_step, &StepSlider::stepChanged, this, &AlignmentPage::look);
    connect(m_otherStep, &StepSlider::stepChanged, this, &AlignmentPage::look);
}

QWidget* AlignmentPage::makeMaps()
{
    auto* maps = new QWidget;
    auto* all = new QVBoxLayout(maps);
    all->setContentsMargins(0, kSpace1, 0, 0);
    all->setSpacing(kSpace1);
    makeStepBar(*all);
    m_left = newSide(QStringLiteral("left"));
    m_right = newSide(QStringLiteral("right"));
    m_delta = newSide(QStringLiteral("difference"));
    auto* sides = new QHBoxLayout;
    sides->setSpacing(kSpace2);
    for (const Side* side : {&m_left, &m_right, &m_delta}) {
        sides->addWidget(side->frame, 1);
    }
    all->addLayout(sides, 1);
    all->addWidget(m_readout);
    return maps;
}

QWidget* AlignmentPage::makeSteps()
{
    auto* steps = new QWidget;
    auto* all = new QHBoxLayout(steps);
    all->setContentsMargins(0, kSpace1, 0, 0);
    const auto newChart = [&](const char* name, const QString& title) {
        auto* chart = new viz::CurveChart;
        chart->setObjectName(QString::fromLatin1(name));
        chart->setTitle(title);
        chart->setXTitle(tr("step"));
        chart->setMinimumSize(160, 120); // two of them fit between the panels of a small window
        all->addWidget(chart, 1);
        return chart;
    };
    m_coverageChart = newChart("coverageChart", tr("coverage of each step's batches"));
    m_insideChart = newChart("insideChart", tr("attention inside the true chunk"));
    return steps;
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

AlignmentPage::Side AlignmentPage::newSide(const QString& name)
{
    Side side;
    side.frame = new QWidget;
    side.frame->setObjectName(name + QStringLiteral("Side"));
    side.title = new QLabel(side.frame);
    side.title->setObjectName(name + QStringLiteral("Title"));
    side.title->setTextFormat(Qt::PlainText);
    side.title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    side.view = new viz::HeatMapView(side.frame);
    side.view->setObjectName(name + QStringLiteral("View"));
    side.view->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    auto* column = new QVBoxLayout(side.frame);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kSpace1);
    column->addWidget(side.title);
    column->addWidget(side.view, 1);
    viz::HeatMapView* view = side.view;
    auto* exporting = new QAction(tr("Export picture\u2026"), view);
    exporting->setObjectName(QStringLiteral("exportPicture"));
    view->addAction(exporting);
    view->setContextMenuPolicy(Qt::ActionsContextMenu); // by mouse and by the menu key
    connect(exporting, &QAction::triggered, this,
            [this, view, title = side.title] { exportPicture(*view, title->text()); });
    connect(view, &viz::HeatMapView::cursorCellChanged, this, &AlignmentPage::linkCursor);
    connect(view, &viz::HeatMapView::visiblePartChanged, this, [this, view](const QRectF& part) {
        for (const Side* other : {&m_left, &m_right, &m_delta}) {
            if (other->view != view) {
                other->view->setVisiblePart(part);
            }
        }
    });
    return side;
}

void AlignmentPage::exportPicture(const viz::HeatMapView& view, const QString& title)
{
    const viz::HeatMapView::Picture picture = view.picture();
    if (!picture) {
        m_readout->setText(tr("There is no map to export."));
        return;
    }
    constexpr int kFontUnits = 12; // 9 pt
    QFont font = QApplication::font();
    font.setPixelSize(kFontUnits);
    QPalette ink;
    ink.setColor(QPalette::WindowText, paperPalette().text);
    ink.setColor(QPalette::PlaceholderText, paperPalette().muted);
    ExportSubject subject;
    subject.title = title;
    subject.heightPerWidth = 0.9;
    subject.paint = [picture, title, font, ink](QPainter& painter, const QRectF& target) {
        painter.fillRect(target, paperPalette().raised);
        const QFontMetricsF metrics(font);
        const double line = metrics.height() + kSpace2;
        painter.setFont(font);
        painter.setPen(ink.color(QPalette::WindowText));
        painter.drawText(QRectF(target.left() + kSpace2, target.top(), target.width() - 2 * kSpace2, line),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(title, Qt::ElideRight, target.width() - 2 * kSpace2));
        picture(painter, target.adjusted(0.0, line, 0.0, 0.0), ink, font);
    };
    subject.said = [readout = QPointer<MutedLabel>(m_readout)](const QString& sentence) {
        if (readout) {
            readout->setText(sentence);
        }
    };
    auto* dialog = new PictureExportDialog(std::move(subject), m_background, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

} // namespace dskd::ui
