// What stands where on the page of spaces, and what its controls call. What they do is in spaces_page.cpp.

#include "core/metrics/metric_table.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "ui/pages/shared/step_slider.h"
#include "ui/pages/spaces/spaces_page.h"
#include "viz/box_plot.h"
#include "viz/curve_chart.h"
#include "viz/scatter.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QTabWidget>
#include <QToolButton>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 1000;

struct Explained {
    std::string_view metric;
    const char* name; // of the object
    const char* formula;
};
constexpr Explained kDistances[] = {
    {metrics::kStructureCosine, "cosine",
     QT_TRANSLATE_NOOP("dskd::ui::SpacesPage",
                       "D = \u03a3\u1d62\u2c7c |M\u1d57(i, j) \u2212 M\u02e2(i, j)| / N\u00b2,  M(i, j) = "
                       "h\u1d62\u00b7h\u2c7c / (\u2016h\u1d62\u2016 \u2016h\u2c7c\u2016)   (Eqn. 16, 18)")},
    {metrics::kStructureProduct, "product",
     QT_TRANSLATE_NOOP(
         "dskd::ui::SpacesPage",
         "D = \u03a3\u1d62\u2c7c |M\u1d57(i, j) \u2212 M\u02e2(i, j)| / N,  M(i, j) = h\u1d62\u00b7h\u2c7c "
         "/ \u03a3\u2096 h\u1d62\u00b7h\u2096   (Eqn. 17, 19)")},
};

struct Charted {
    const char* title;
    const char* name; // of the object
    std::vector<std::string> metrics;
};

// A formula breaks where two spaces stand, not within a fraction.
QString unbroken(QString formula)
{
    for (qsizetype i = 1; i + 1 < formula.size(); ++i) {
        if (formula[i] == QLatin1Char(' ') && !formula[i - 1].isSpace() && !formula[i + 1].isSpace()) {
            formula[i] = QChar::Nbsp;
        }
    }
    return formula;
}

QWidget* withMargins(QLayout* layout)
{
    auto* widget = new QWidget;
    layout->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    layout->setSpacing(kSpace2);
    widget->setLayout(layout);
    return widget;
}

viz::CurveChart* makeChart(const QString& title, const QString& name)
{
    auto* chart = new viz::CurveChart;
    chart->setObjectName(name);
    chart->setTitle(title);
    chart->setXTitle(SpacesPage::tr("step"));
    chart->setAccessibleName(title);
    return chart;
}

} // namespace

SpacesPage::SpacesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(background),
      m_readings(workspace, background, this, kPollMs, readSpaces,
                 [this](bool changed) { changed ? rebuild() : showEmpty(); }),
      m_stack(new PageStack(this)), m_step(new StepSlider(StepSlider::Playback::On)), m_tabs(new QTabWidget),
      m_studentSpace(new viz::ScatterView), m_teacherSpace(new viz::ScatterView),
      m_connect(new QCheckBox(tr("Connect counterparts"))), m_pictureNote(new MutedLabel), m_said(new MutedLabel)
{
    setObjectName(QStringLiteral("spacesPage"));
    m_tabs->setObjectName(QStringLiteral("spacesTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeDistances(), tr("Distances"));
    m_tabs->addTab(makePicture(), tr("Picture"));
    m_tabs->addTab(makePredictions(), tr("Entropy and agreement"));

    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    bar->addWidget(m_step, 1);
    bar->addWidget(makeExportButton());
    m_said->setObjectName(QStringLiteral("spacesNote"));
    m_said->setWordWrap(true);
    m_said->hide();
    all->addLayout(bar);
    all->addWidget(m_said);
    all->addWidget(m_tabs, 1);
    m_stack->setContent(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    connect(m_step, &StepSlider::stepChanged, this, [this] {
        showBoxes(/*growing=*/true);
        readPicture();
    });
    connect(m_tabs, &QTabWidget::currentChanged, this, &Page::stateChanged);
    connect(m_connect, &QCheckBox::toggled, this, &Page::stateChanged);
    showEmpty();
}

QWidget* SpacesPage::makeDistances()
{
    auto* grid = new QGridLayout; // both charts begin at one height, however many lines the texts above them take
    grid->setRowStretch(1, 1);
    grid->setRowStretch(3, 1);
    for (const Explained& explained : kDistances) {
        const std::string metric(explained.metric);
        const metrics::Metric& row = *metrics::findMetric(metric);
        const QString title = QString::fromStdString(metrics::titleOf(metric));
        auto* text = new MutedLabel(QString::fromStdString(metrics::descriptionOf(metric)) + QLatin1Char('\n') +
                                    unbroken(tr(explained.formula)));
        text->setWordWrap(true);
        text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        text->setMaximumWidth(kTextColumn);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const QString name = QString::fromLatin1(explained.name);
        Distance distance{metric, makeChart(title, name + QStringLiteral("Chart")), new viz::BoxPlot};
        distance.chart->setEmptyText(tr("No shown run has recorded it. %1").arg(QString::fromUtf8(row.recorded)));
        distance.boxes->setObjectName(name + QStringLiteral("Boxes"));
        distance.boxes->setAccessibleName(tr("%1 of the probe samples, by method").arg(title));
        distance.boxes->setEmptyText(tr("No shown run has recorded distances of single samples."));
        distance.chart->setLegendShown(false); // the boxes name the same colours
        const auto column = static_cast<int>(m_distances.size());
        grid->addWidget(text, 0, column);
        grid->addWidget(distance.chart, 1, column);
        grid->addWidget(new MutedLabel(tr("Probe samples at this step, by method")), 2, column);
        grid->addWidget(distance.boxes, 3, column);
        grid->setColumnStretch(column, 1);
        offerExport(*distance.chart, title, [this, distance] {
            std::vector<const SpaceGroup*> groups;
            groups.reserve(m_groups.size());
            for (const SpaceGroup& group : m_groups) {
                groups.push_back(&group);
            }
            return chartToExport(*distance.chart, {distance.metric}, groups);
        });
        offerExport(*distance.boxes, tr("%1, box plots").arg(title),
                    [this, distance] { return boxesToExport(distance); });
        m_distances.push_back(std::move(distance));
    }
    QWidget* page = withMargins(grid);
    grid->setVerticalSpacing(kSpace1);
    return page;
}

// Both tabs that show a single run have such a box, and they always show the same.
QComboBox* SpacesPage::makeRunBox()
{
    auto* box = new QComboBox;
    box->setObjectName(QStringLiteral("run"));
    box->setAccessibleName(tr("Run"));
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_runs.push_back(box);
    connect(box, &QComboBox::currentIndexChanged, this, [this](int index) {
        for (QComboBox* other : m_runs) {
            const QSignalBlocker blocker(other);
            other->setCurrentIndex(index);
        }
        showPredictions();
        readPicture();
    });
    return box;
}

QWidget* SpacesPage::makePicture()
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    auto* label = new MutedLabel(tr("Run"));
    QComboBox* run = makeRunBox();
    label->setBuddy(run);
    bar->addWidget(label);
    bar->addWidget(run);
    bar->addStretch(1);
    m_connect->setObjectName(QStringLiteral("connect"));
    m_connect->setChecked(true);
    m_connect->setToolTip(tr("Draws a line between a state and what is projected beside it"));
    bar->addWidget(m_connect);

    auto* spaces = new QHBoxLayout;
    spaces->setSpacing(kSpace2);
    const struct {
        viz::ScatterView* view;
        const char* name;
        QString title;
        store::ModelSide space;
    } sides[] = {{m_studentSpace, "studentSpace", tr("Student space"), store::ModelSide::Student},
                 {m_teacherSpace, "teacherSpace", tr("Teacher space"), store::ModelSide::Teacher}};
    for (const auto& side : sides) {
        side.view->setObjectName(QString::fromLatin1(side.name));
        side.view->setAccessibleName(side.title);
        side.view->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
        auto* title = new QLabel(side.title);
        auto* column = new QVBoxLayout;
        column->setSpacing(kSpace1);
        column->addWidget(title);
        column->addWidget(side.view, 1);
        spaces->addLayout(column, 1);
        connect(m_connect, &QCheckBox::toggled, side.view, &viz::ScatterView::setConnected);
        offerExport(*side.view, side.title,
                    [this, view = side.view, space = side.space] { return pointsToExport(*view, space); });
    }
    m_pictureNote->setObjectName(QStringLiteral("pictureNote"));
    m_pictureNote->setWordWrap(true);
    m_pictureNote->setMaximumWidth(kTextColumn);
    auto* all = new QVBoxLayout;
    all->addLayout(bar);
    all->addLayout(spaces, 1);
    all->addWidget(m_pictureNote);
    return withMargins(all);
}

QWidget* SpacesPage::makePredictions()
{
    const Charted charts[] = {{QT_TR_NOOP("Entropy in nats"),
                               "entropy",
                               {"probe.q_entropy", "probe.p_entropy", "probe.t2s_entropy", "probe.s2t_entropy"}},
                              {QT_TR_NOOP("Accuracy on the answers' tokens"),
                               "accuracy",
                               {"probe.q_accuracy", "probe.p_accuracy", "probe.t2s_accuracy", "probe.s2t_accuracy"}},
                              {QT_TR_NOOP("Agreement of two models' predictions"),
                               "agreement",
                               {"probe.q_agreement", "probe.agreement", "probe.s2t_agreement"}}};
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    auto* label = new MutedLabel(tr("Run"));
    QComboBox* run = makeRunBox();
    label->setBuddy(run);
    bar->addWidget(label);
    bar->addWidget(run);
    bar->addWidget(new MutedLabel(tr("with all its seeds; t2s: the teacher in the student space, s2t: the student in "
                                     "the teacher space")),
                   1);
    auto* row = new QHBoxLayout;
    row->setSpacing(kSpace2);
    for (const Charted& charted : charts) {
        const QString title = tr(charted.title);
        viz::CurveChart* chart = makeChart(title, QString::fromLatin1(charted.name) + QStringLiteral("Chart"));
        chart->setEmptyText(tr("This run has not recorded it."));
        const metrics::Unit unit = metrics::unitOf(charted.metrics.front()); // that of all of them
        chart->setYTitle(QString::fromUtf8(metrics::unitText(unit)), metrics::shownFactor(unit));
        row->addWidget(chart, 1);
        offerExport(*chart, title, [this, chart, metrics = charted.metrics] {
            const SpaceGroup* group = chosenGroup();
            return group != nullptr ? chartToExport(*chart, metrics, {group}) : std::nullopt;
        });
        m_comparisons.push_back({chart, charted.metrics});
    }
    auto* all = new QVBoxLayout;
    all->addLayout(bar);
    all->addLayout(row, 1);
    return withMargins(all);
}

} // namespace dskd::ui
