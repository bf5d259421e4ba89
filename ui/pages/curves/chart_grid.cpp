#include "ui/pages/curves/chart_grid.h"

#include "core/base/run_layout.h"
#include "core/config/schema/experiment_json.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/look/theme.h"
#include "ui/pages/curves/chart_card.h"
#include "ui/pages/shared/muted_label.h"
#include "viz/legend_strip.h"

#include <QCursor>
#include <QEvent>
#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kRefreshMs = 100;

} // namespace

ChartGrid::ChartGrid(const WorkspaceFeed& workspace, const SeriesFeed& series, bool editable, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_series(series), m_editable(editable),
      m_legend(new viz::LegendStrip(this)), m_canvas(new QWidget(this)), m_folded(new MutedLabel({}, this))
{
    m_legend->setObjectName(QStringLiteral("legend"));
    m_canvas->setObjectName(QStringLiteral("cards"));
    m_canvas->installEventFilter(this);
    m_folded->setObjectName(QStringLiteral("foldedCharts"));
    m_folded->setWordWrap(true);
    m_folded->setTextFormat(Qt::RichText);
    m_folded->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_folded->hide();
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(kSpace2);
    all->addWidget(m_legend);
    all->addWidget(m_canvas, 1);
    all->addWidget(m_folded);
    connect(m_folded, &QLabel::linkActivated, this, [this](const QString& place) {
        if (const int at = place.toInt(); at >= 0 && at < static_cast<int>(m_cards.size())) {
            m_cards[static_cast<std::size_t>(at)]->menu()->popup(QCursor::pos());
        }
    });
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ChartGrid::refresh);
    connect(&series, &SeriesFeed::changed, this, [this](const QString& runId) {
        if (m_shown.contains(runId.toStdString())) {
            refreshSoon();
        }
    });
    connect(&workspace, &WorkspaceFeed::runsChanged, this, &ChartGrid::refreshSoon);
    m_series.request(this, {}); // nothing until it is looked at
}

ChartGrid::~ChartGrid() = default;

std::vector<DrawnRun> ChartGrid::runs() const
{
    return drawnRuns(m_workspace, m_series, m_shown, m_selected);
}

void ChartGrid::setRuns(const std::vector<std::string>& shown, const std::vector<std::string>& selected)
{
    m_shown = {shown.begin(), shown.end()};
    m_selected = {selected.begin(), selected.end()};
    refreshSoon();
}

void ChartGrid::setMarks(std::vector<RunMark> marks)
{
    m_marks = std::move(marks);
    refreshSoon();
}

void ChartGrid::setArrangement(CurvesPageState arrangement)
{
    const auto withoutSizes = [](std::vector<ChartSpec> charts) {
        for (ChartSpec& chart : charts) {
            chart.size = CardSize::Medium;
        }
        return charts;
    };
    const bool sameCharts = withoutSizes(arrangement.charts) == withoutSizes(m_arrangement.charts) &&
                            m_cards.size() == arrangement.charts.size();
    if (arrangement.axis != m_arrangement.axis) {
        m_closely.reset(); // a part of another axis
    }
    m_arrangement = std::move(arrangement);
    if (!sameCharts) {
        makeCards();
    }
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_cards[i]->setSize(m_arrangement.charts[i].size);
        applyOptions(*m_cards[i]);
    }
    m_timer.stop();
    refresh();
    place();
}

int ChartGrid::indexOf(const ChartCard* card) const
{
    return static_cast<int>(std::find(m_cards.begin(), m_cards.end(), card) - m_cards.begin());
}

void ChartGrid::makeCards()
{
    for (ChartCard* card : m_cards) {
        card->hide();
        card->disconnect(this); // nothing of it asks for anything any more
        card->chart().disconnect(this);
        card->deleteLater(); // its menu may be what asked for this
    }
    m_cards.clear();
    m_empty.clear();
    m_crosshairFrom = nullptr;
    m_large = nullptr;
    for (const ChartSpec& chart : m_arrangement.charts) {
        auto* card = new ChartCard(chart, m_editable, m_canvas);
        connectCard(card);
        m_cards.push_back(card);
    }
}

void ChartGrid::edit(int chart, const std::function<void(CurvesPageState&, std::size_t)>& change)
{
    if (chart >= static_cast<int>(m_arrangement.charts.size())) {
        return;
    }
    CurvesPageState next = m_arrangement;
    change(next, static_cast<std::size_t>(chart));
    setArrangement(std::move(next));
    Q_EMIT arrangementChanged();
}

void ChartGrid::connectCard(ChartCard* card)
{
    connect(&card->chart(), &viz::CurveChart::crosshairMoved, this,
            [this, card](std::optional<double> x) { shareCrosshair(card, x); });
    connect(&card->chart(), &viz::CurveChart::partChanged, this,
            [this, card](const viz::XPart& part) { sharePart(card, part); });
    connect(&card->chart(), &viz::CurveChart::logYChanged, this, [this](bool on) {
        if (on != m_arrangement.logY) {
            CurvesPageState next = m_arrangement;
            next.logY = on;
            setArrangement(std::move(next));
            Q_EMIT arrangementChanged();
        }
    });
    connect(card, &ChartCard::moveRequested, this, [this, card](int by) {
        if (m_editable) {
            moveChart(indexOf(card), indexOf(card) + by);
        }
    });
    connect(card, &ChartCard::editRequested, this, [this, card] { Q_EMIT editRequested(indexOf(card)); });
    connect(card, &ChartCard::sizeRequested, this, [this, card](CardSize size) {
        edit(indexOf(card), [&](CurvesPageState& next, std::size_t at) { next.charts[at].size = size; });
    });
    connect(card, &ChartCard::removeRequested, this, [this, card] {
        edit(indexOf(card), [](CurvesPageState& next, std::size_t at) {
            next.charts.erase(next.charts.begin() + static_cast<std::ptrdiff_t>(at));
        });
    });
    connect(card, &ChartCard::largeRequested, this, [this, card](bool on) { openLarge(on ? indexOf(card) : -1); });
    connect(card, &ChartCard::exportRequested, this, [this, card] { exportChart(*card); });
    connect(card, &ChartCard::copyRequested, this, [this, card] { copyPoints(*card); });
    connect(card, &ChartCard::dragged, this, [this](const QPoint& at) {
        const int target = cardAt(at);
        for (std::size_t i = 0; i < m_cards.size(); ++i) {
            m_cards[i]->setDropTarget(static_cast<int>(i) == target);
        }
    });
    connect(card, &ChartCard::dropped, this, [this, card](const QPoint& at) { drop(indexOf(card), at); });
}

void ChartGrid::applyOptions(ChartCard& card)
{
    viz::CurveChart& chart = card.chart();
    chart.setXTitle(axisTitle(m_arrangement.axis), axisKind(m_arrangement.axis));
    chart.setLogX(m_arrangement.logX);
    chart.setSmoothing({m_arrangement.smoothingKind, m_arrangement.smoothing});
    if (chart.logY() != m_arrangement.logY) {
        chart.setLogY(m_arrangement.logY);
    }
}

void ChartGrid::refreshSoon()
{
    m_stale = true;
    if (!isVisible() || m_timer.isActive()) {
        return;
    }
    const qint64 since = m_sinceRefresh.isValid() ? m_sinceRefresh.elapsed() : kRefreshMs;
    m_timer.start(static_cast<int>(std::max<qint64>(0, kRefreshMs - since)));
}

void ChartGrid::refresh()
{
    if (!isVisible()) {
        m_stale = true; // done when the page is looked at
        return;
    }
    m_stale = false;
    m_sinceRefresh.start();
    std::vector<DrawnRun> drawn = runs();
    const bool stacks = std::any_of(m_cards.begin(), m_cards.end(), [](ChartCard* card) {
        return card->curves().chart().kind == ChartKind::LossTerms;
    });
    if (stacks) {
        addExperiments(drawn);
    }
    requestSeries(drawn);
    for (ChartCard* card : m_cards) {
        refreshCard(*card, drawn);
    }
    place();
    showLegend();
}

void ChartGrid::requestSeries(const std::vector<DrawnRun>& runs)
{
    m_series.request(this, seriesRequests(runs, m_arrangement, m_closely));
}

void ChartGrid::refreshCard(ChartCard& card, const std::vector<DrawnRun>& runs)
{
    CurveSet& set = card.curves();
    const bool changed = set.update(runs, m_arrangement.axis, m_arrangement.meanOverSeeds);
    m_empty.erase(&card);
    if (set.empty()) {
        EmptyChart empty =
            set.whyNone().isEmpty() ? whyEmpty(set.chart(), runs, m_workspace) : EmptyChart{set.whyNone(), false};
        card.chart().setEmptyText(empty.why);
        m_empty.emplace(&card, std::move(empty));
    }
    if (changed) {
        card.chart().setCurves(set.curves());
    }
    if (std::vector<viz::Mark> marks = set.marks(runs, m_marks); marks != card.chart().marks()) {
        card.chart().setMarks(std::move(marks));
    }
    QStringList notes;
    if (const QString reading = readingNote(runs); !reading.isEmpty() && !set.empty()) {
        notes.append(reading);
    }
    const viz::Smoothing smoothing{m_arrangement.smoothingKind, m_arrangement.smoothing};
    if (smoothing.on() && !set.empty() && set.chart().kind == ChartKind::Lines) {
        notes.append(viz::textOf(smoothing));
    }
    if (const QString note = set.note(); !note.isEmpty()) {
        notes.append(note);
    }
    card.setNotes(notes);
}

// Of one run: the first selected one, else the first that has a loss. One whose configuration cannot be read is passed
// over.
void ChartGrid::addExperiments(std::vector<DrawnRun>& runs)
{
    std::vector<DrawnRun*> inTurn;
    for (DrawnRun& run : runs) {
        inTurn.push_back(&run);
    }
    std::stable_sort(inTurn.begin(), inTurn.end(),
                     [](const DrawnRun* a, const DrawnRun* b) { return a->selected && !b->selected; });
    for (DrawnRun* next : inTurn) {
        DrawnRun& run = *next;
        if (run.series == nullptr || !run.series->byMetric.contains(std::string(metrics::kLoss))) {
            continue;
        }
        const auto [known, isNew] = m_experiments.try_emplace(run.id);
        run.experiment = known->second;
        if (run.experiment != nullptr) {
            break;
        }
        if (isNew) {
            const std::filesystem::path file = WorkspaceLayout{m_workspace.workspace()}.run(run.id).config();
            background().run(
                this, [file](const std::atomic<bool>&) { return config::loadExperiment(file); },
                [this, id = run.id](Result<config::Experiment> read) {
                    if (read) {
                        m_experiments[id] = std::make_shared<const config::Experiment>(std::move(*read));
                    }
                    refreshSoon();
                });
            break;
        }
    }
}

void ChartGrid::shareCrosshair(ChartCard* from, std::optional<double> x)
{
    m_crosshairFrom = x ? from : nullptr;
    for (ChartCard* card : m_cards) {
        if (card != from) {
            card->chart().setCrosshair(x);
        }
    }
    showLegend();
}

void ChartGrid::sharePart(const ChartCard* from, const viz::XPart& part)
{
    for (ChartCard* card : m_cards) {
        if (card != from) {
            card->chart().setPart(part);
        }
    }
    if (const viz::XPart closely = partToRead(m_closely, part); closely != m_closely) {
        m_closely = closely;
        requestSeries(runs());
    }
}

// Of the chart with the crosshair, with its values; else of the large one, else of the first.
void ChartGrid::showLegend()
{
    ChartCard* card = m_crosshairFrom != nullptr ? m_crosshairFrom : m_large;
    if (card == nullptr) {
        const auto first = std::find_if(m_cards.begin(), m_cards.end(), [](ChartCard* c) { return !c->isHidden(); });
        card = first == m_cards.end() ? nullptr : *first;
    }
    QString title;
    std::vector<viz::LegendEntry> entries;
    if (card != nullptr && !card->curves().empty()) {
        title = card->title();
        if (const auto x = card->chart().crosshair()) {
            title += QStringLiteral(", ") + card->chart().textOfX(*x);
        }
        for (const viz::CurveReading& reading : card->chart().readings()) {
            entries.push_back(
                {reading.label, reading.value.isEmpty() ? reading.note : reading.value, reading.color, reading.dashed});
        }
    }
    m_legend->show(title, std::move(entries));
}

bool ChartGrid::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_canvas && event->type() == QEvent::Resize) {
        place();
    }
    return QWidget::eventFilter(watched, event);
}

void ChartGrid::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale) {
        refresh();
    }
}

void ChartGrid::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        refreshSoon(); // the colours of the runs depend on the theme
    }
}

} // namespace dskd::ui
