#include "ui/pages/curves/curves_page.h"

#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/curves/chart_grid.h"
#include "ui/pages/curves/metric_chooser.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/point_export.h"
#include "viz/legend_strip.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QFileDialog>
#include <QMenu>
#include <QPointer>
#include <QScrollArea>
#include <QSlider>
#include <QToolButton>
#include <algorithm>
#include <set>
#include <utility>

namespace dskd::ui
{

CurvesPage::CurvesPage(const WorkspaceFeed& workspace, const SeriesFeed& series, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_series(series), m_grid(new ChartGrid(workspace, series, true)),
      m_stack(new PageStack(this)), m_toolBar(new QWidget(this)), m_notes(new MutedLabel({}, this))
{
    setObjectName(QStringLiteral("curvesPage"));
    m_notes->setObjectName(QStringLiteral("pageNotes"));
    makeToolBar();
    auto* scroll = new QScrollArea(m_stack);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_grid);
    m_stack->setContent(scroll);

    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    all->addWidget(m_toolBar);
    all->addWidget(m_notes);
    all->addWidget(&m_grid->legend()); // above what scrolls
    all->addWidget(m_stack, 1);

    connect(m_grid, &ChartGrid::arrangementChanged, this, [this] {
        showState();
        chartsEdited();
        Q_EMIT stateChanged();
    });
    connect(m_grid, &ChartGrid::editRequested, this, &CurvesPage::editChart);
    connect(m_grid, &ChartGrid::said, this, [this](const QString& sentence) {
        m_exportNote = sentence;
        updateNotes();
    });
    connect(&workspace, &WorkspaceFeed::runsChanged, this, &CurvesPage::updateNotes);
    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, &CurvesPage::updateNotes);
    m_clock.start();
    setState(defaultCurves());
    updateNotes();
}

CurvesPage::~CurvesPage() = default;

void CurvesPage::makeToolBar()
{
    m_axis = new QComboBox(m_toolBar);
    m_axis->setObjectName(QStringLiteral("axis"));
    for (const XAxis axis : kAllAxes) {
        m_axis->addItem(axisName(axis), static_cast<int>(axis));
    }
    m_axis->setAccessibleName(tr("x axis"));
    m_axis->setToolTip(tr("What the x axis counts: steps, epochs, response tokens seen, seconds since the run's first "
                          "point, or these without the pauses between the attempts of a resumed run"));
    m_smoothingKind = new QComboBox(m_toolBar);
    m_smoothingKind->setObjectName(QStringLiteral("smoothingKind"));
    m_smoothingKind->addItem(tr("EMA"), static_cast<int>(viz::SmoothingKind::Ema));
    m_smoothingKind->addItem(tr("Gaussian"), static_cast<int>(viz::SmoothingKind::Gaussian));
    m_smoothingKind->addItem(tr("mean"), static_cast<int>(viz::SmoothingKind::RunningMean));
    m_smoothingKind->addItem(tr("off"), static_cast<int>(viz::SmoothingKind::Off));
    m_smoothingKind->setAccessibleName(tr("Kind of smoothing"));
    m_smoothingKind->setToolTip(tr("Exponential moving average of the past, or a mean of both sides; the recorded line "
                                   "stays behind it"));
    m_smoothing = new QSlider(Qt::Horizontal, m_toolBar);
    m_smoothing->setObjectName(QStringLiteral("smoothing"));
    m_smoothing->setRange(0, 99);
    m_smoothing->setMinimumWidth(40);
    m_smoothing->setMaximumWidth(60);
    m_smoothing->setToolTip(tr("How much is smoothed: 0.9 takes about 10 points together"));
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothingValue = new QLabel(m_toolBar);
    m_smoothingValue->setMinimumWidth(m_smoothingValue->fontMetrics().horizontalAdvance(QStringLiteral("0.00")));
    m_logX = new QCheckBox(tr("Log x"), m_toolBar);
    m_logX->setObjectName(QStringLiteral("logX"));
    m_logX->setToolTip(tr("Logarithmic x axis in all charts; points at 0 are left out and counted"));
    m_log = new QCheckBox(tr("Log y"), m_toolBar);
    m_log->setObjectName(QStringLiteral("log"));
    m_log->setToolTip(tr("Logarithmic y axis in all charts (L in a chart)"));
    m_mean = new QCheckBox(tr("Seed means"), m_toolBar);
    m_mean->setObjectName(QStringLiteral("meanOverSeeds"));
    m_mean->setToolTip(
        tr("Runs of one group that differ in the seed alone become their mean with a band of one standard "
           "deviation, over the seeds that have the step"));
    for (QComboBox* box : {m_axis, m_smoothingKind}) {
        box->setMinimumWidth(64); // they give way before the words of the boxes beside them
    }
    QToolButton* add = makeAddButton();
    m_export = new QToolButton(m_toolBar);
    m_export->setObjectName(QStringLiteral("exportAll"));
    m_export->setIcon(icon("export"));
    m_export->setToolTip(tr("Export every recorded point of the shown runs as CSV, not smoothed and not thinned out"));
    m_export->setAccessibleName(tr("Export as CSV"));

    auto* bar = new QHBoxLayout(m_toolBar);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->setSpacing(kSpace2);
    auto* axisLabel = new MutedLabel(tr("x"), m_toolBar);
    axisLabel->setBuddy(m_axis);
    bar->addWidget(axisLabel);
    bar->addWidget(m_axis);
    bar->addWidget(m_smoothingKind);
    bar->addWidget(m_smoothing);
    bar->addWidget(m_smoothingValue);
    bar->addWidget(m_logX);
    bar->addWidget(m_log);
    bar->addWidget(m_mean);
    bar->addStretch(1);
    bar->addWidget(add);
    bar->addWidget(m_export);

    connect(m_axis, &QComboBox::currentIndexChanged, this, [this] {
        change([&](CurvesPageState& s) { s.axis = static_cast<XAxis>(m_axis->currentData().toInt()); });
    });
    connect(m_smoothingKind, &QComboBox::currentIndexChanged, this, [this] {
        change([&](CurvesPageState& s) {
            s.smoothingKind = static_cast<viz::SmoothingKind>(m_smoothingKind->currentData().toInt());
        });
    });
    connect(m_smoothing, &QSlider::valueChanged, this,
            [this](int value) { change([&](CurvesPageState& s) { s.smoothing = value / 100.0; }); });
    connect(m_logX, &QCheckBox::toggled, this, [this](bool on) { change([&](CurvesPageState& s) { s.logX = on; }); });
    connect(m_log, &QCheckBox::toggled, this, [this](bool on) { change([&](CurvesPageState& s) { s.logY = on; }); });
    connect(m_mean, &QCheckBox::toggled, this,
            [this](bool on) { change([&](CurvesPageState& s) { s.meanOverSeeds = on; }); });
    connect(m_export, &QToolButton::clicked, this, &CurvesPage::exportAll);
}

QToolButton* CurvesPage::makeAddButton()
{
    auto* add = new QToolButton(m_toolBar);
    add->setObjectName(QStringLiteral("addChart"));
    add->setIcon(icon("new"));
    add->setToolTip(tr("Add a chart \u2026"));
    add->setAccessibleName(tr("Add a chart"));
    add->setPopupMode(QToolButton::MenuButtonPopup);
    auto* menu = new QMenu(add);
    menu->addAction(tr("Chart of metrics\u2026"), this, &CurvesPage::addChart);
    menu->addAction(tr("Loss by its terms"), this, &CurvesPage::addLossByItsTerms);
    add->setMenu(menu);
    connect(add, &QToolButton::clicked, this, &CurvesPage::addChart);
    return add;
}

void CurvesPage::change(const std::function<void(CurvesPageState&)>& edit)
{
    CurvesPageState next = state();
    edit(next);
    if (next == state()) {
        return;
    }
    m_grid->setArrangement(next);
    showState();
    chartsEdited();
    Q_EMIT stateChanged();
}

// Of charts that were added, removed, moved, sized or given other metrics; the axis and the smoothing are no edits.
void CurvesPage::chartsEdited()
{
    std::vector<ChartSpec> now = state().charts;
    if (now == m_charts) {
        return;
    }
    const auto show = [page = QPointer<CurvesPage>(this)](const std::vector<ChartSpec>& charts) {
        if (page) {
            page->showCharts(charts);
        }
    };
    Edit edit;
    edit.name = tr("the change of the charts");
    edit.undo = [show, before = m_charts] { show(before); };
    edit.redo = [show, now] { show(now); };
    m_charts = std::move(now);
    Q_EMIT edited(edit);
}

void CurvesPage::showCharts(const std::vector<ChartSpec>& charts)
{
    CurvesPageState next = state();
    next.charts = charts;
    setState(next);
    Q_EMIT stateChanged();
}

void CurvesPage::setState(const CurvesPageState& state)
{
    m_charts = state.charts;
    m_grid->setArrangement(state);
    showState();
}

CurvesPageState CurvesPage::state() const
{
    return m_grid->arrangement();
}

void CurvesPage::showState()
{
    const CurvesPageState now = state(); // a copy: the controls answer with change(), which then finds nothing new
    m_axis->setCurrentIndex(m_axis->findData(static_cast<int>(now.axis)));
    m_smoothingKind->setCurrentIndex(m_smoothingKind->findData(static_cast<int>(now.smoothingKind)));
    m_smoothing->setEnabled(now.smoothingKind != viz::SmoothingKind::Off);
    m_smoothing->setValue(static_cast<int>(now.smoothing * 100 + 0.5));
    m_smoothingValue->setText(now.smoothing > 0.0 ? QString::number(now.smoothing, 'f', 2) : tr("off"));
    m_logX->setChecked(now.logX);
    m_log->setChecked(now.logY);
    m_mean->setChecked(now.meanOverSeeds);
    updateNotes();
}

void CurvesPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_grid->setRuns(shown, selected);
    m_shown = std::move(shown);
    updateNotes();
}

void CurvesPage::updateNotes()
{
    if (m_shown.empty()) {
        m_stack->showSentence(!m_workspace.loaded() ? tr("Reading the workspace\u2026")
                              : m_workspace.runs().empty()
                                  ? tr("There is no run yet. A new experiment draws its curves here from its first "
                                       "step on.")
                                  : noRunShown());
    } else if (state().charts.empty()) {
        m_stack->showSentence(tr("There is no chart. \u201cAdd chart\u201d makes one of any recorded metric."));
    } else {
        m_stack->showContent();
    }
    m_toolBar->setEnabled(!m_shown.empty());
    m_grid->legend().setVisible(!m_shown.empty() && !state().charts.empty());
    QStringList notes;
    if (!m_exportNote.isEmpty()) {
        notes.append(m_exportNote);
    }
    if (isVisible()) {
        const double now = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000.0;
        if (const QString stale = staleRuns(m_workspace, m_series, m_shown, now); !stale.isEmpty()) {
            notes.append(stale);
        }
    }
    m_notes->setText(notes.join(QStringLiteral(" \u00b7 ")));
    m_notes->setVisible(!notes.isEmpty());
}

std::vector<std::string> CurvesPage::recordedMetrics() const
{
    std::set<std::string> names;
    for (const std::string& id : m_shown) {
        if (const RunRecord* run = m_workspace.find(id)) {
            for (const auto& [name, value] : run->latest) {
                names.insert(name);
            }
        }
    }
    for (const DrawnRun& run : m_grid->runs()) {
        if (run.series) {
            names.insert(run.series->recorded.begin(), run.series->recorded.end());
        }
    }
    return metrics::inTableOrder({names.begin(), names.end()});
}

std::vector<Findable> CurvesPage::findables()
{
    std::vector<Findable> found;
    for (const std::string& metric : recordedMetrics()) {
        found.push_back({.text = QString::fromStdString(metrics::titleOf(metric)),
                         .kind = tr("Metric"),
                         .tip = plainHint(QString::fromStdString(metric + "\n" + metrics::descriptionOf(metric))),
                         .icon = icon(QStringLiteral("curves")),
                         .act = [this, metric] { showMetric(metric); }});
    }
    return found;
}

void CurvesPage::showMetric(const std::string& metric)
{
    const auto placeOf = [&](const auto& draws) {
        const std::vector<ChartSpec> charts = state().charts;
        const auto found = std::find_if(charts.begin(), charts.end(), [&](const ChartSpec& chart) {
            return chart.kind == ChartKind::Lines && draws(chart.metrics);
        });
        return found == charts.end() ? -1 : static_cast<int>(found - charts.begin());
    };
    using Names = std::vector<std::string>;
    int place = placeOf([&](const Names& names) { return names == Names{metric}; });
    if (place < 0) {
        place =
            placeOf([&](const Names& names) { return std::find(names.begin(), names.end(), metric) != names.end(); });
    }
    if (place < 0) {
        change([&](CurvesPageState& s) { s.charts.push_back({{metric}, false}); });
        place = static_cast<int>(state().charts.size()) - 1;
    }
    m_grid->reveal(place);
}

void CurvesPage::addChart()
{
    auto* chooser = new MetricChooser(recordedMetrics(), {}, this);
    chooser->setAttribute(Qt::WA_DeleteOnClose);
    connect(chooser, &MetricChooser::chosen, this,
            [this](const ChartSpec& chart) { change([&](CurvesPageState& s) { s.charts.push_back(chart); }); });
    chooser->open();
}

// Chosen by name, so it shows the reason when it has nothing to draw.
void CurvesPage::addLossByItsTerms()
{
    ChartSpec chart = lossByItsTerms();
    chart.onlyWhenRecorded = false;
    change([&](CurvesPageState& s) { s.charts.push_back(std::move(chart)); });
}

void CurvesPage::setMarks(std::vector<RunMark> marks)
{
    m_grid->setMarks(std::move(marks));
}

void CurvesPage::editChart(int chart)
{
    const auto at = static_cast<std::size_t>(chart);
    auto* chooser = new MetricChooser(recordedMetrics(), state().charts.at(at), this);
    chooser->setAttribute(Qt::WA_DeleteOnClose);
    connect(chooser, &MetricChooser::chosen, this, [this, at](const ChartSpec& chosen) {
        change([&](CurvesPageState& s) {
            if (at < s.charts.size()) {
                s.charts[at] = chosen;
            }
        });
    });
    chooser->open();
}

void CurvesPage::exportAll()
{
    auto* dialog = new QFileDialog(this, tr("Export the recorded points"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("CSV (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &CurvesPage::exportTo);
    dialog->open();
}

void CurvesPage::exportTo(const QString& file)
{
    m_exportNote = tr("writing %1\u2026").arg(file);
    updateNotes();
    const std::vector<RunToExport> runs = m_grid->runsToExport();
    if (!m_exporting) { // a thread of its own: others wait for theirs
        m_exporting = std::make_unique<Background>(QStringLiteral("export"));
    }
    m_exporting->run(
        this, [runs, file](const std::atomic<bool>& cancelled) { return writePoints(runs, {}, file, cancelled); },
        [this, file](Result<std::int64_t> written) {
            m_exportNote = written ? tr("%1 points written to %2").arg(*written).arg(file)
                                   : QString::fromStdString(written.failure().text());
            updateNotes();
            Q_EMIT exported(file, written ? *written : -1);
        });
}

} // namespace dskd::ui
