#include "ui/pages/curves/chart_grid.h"

#include "ui/look/theme.h"
#include "ui/pages/curves/chart_card.h"
#include "viz/curve_chart.h"

#include <QEvent>
#include <QGridLayout>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kRefreshMs = 100;
constexpr int kColumnWidth = 300; // less, and the tick labels eat the curve
constexpr int kRowHeight = 210;

} // namespace

ChartGrid::ChartGrid(const WorkspaceFeed& workspace, const SeriesFeed& series, bool editable, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_series(series), m_editable(editable), m_layout(new QGridLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(kSpace2);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ChartGrid::refresh);
    connect(&series, &SeriesFeed::changed, this, [this](const QString& runId) {
        if (m_shown.contains(runId.toStdString())) {
            refreshSoon();
        }
    });
    connect(&workspace, &WorkspaceFeed::runsChanged, this, &ChartGrid::refreshSoon);
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

void ChartGrid::setArrangement(CurvesPageState arrangement)
{
    const bool sameCharts = arrangement.charts == m_arrangement.charts && m_cards.size() == arrangement.charts.size();
    m_arrangement = std::move(arrangement);
    if (!sameCharts) {
        makeCards();
    }
    for (ChartCard* card : m_cards) {
        applyOptions(*card);
    }
    m_timer.stop();
    refresh();
}

void ChartGrid::makeCards()
{
    for (ChartCard* card : m_cards) {
        m_layout->removeWidget(card);
        card->hide();
        card->deleteLater(); // its menu may be what asked for this
    }
    m_cards.clear();
    for (const ChartSpec& chart : m_arrangement.charts) {
        auto* card = new ChartCard(chart, m_editable, this);
        card->setMinimumHeight(kRowHeight);
        const auto indexOf = [this, card] {
            return static_cast<int>(std::find(m_cards.begin(), m_cards.end(), card) - m_cards.begin());
        };
        connect(&card->chart(), &viz::CurveChart::crosshairMoved, this,
                [this, card](std::optional<double> x) { shareCrosshair(card, x); });
        connect(&card->chart(), &viz::CurveChart::logYChanged, this, [this](bool on) {
            if (on != m_arrangement.logY) {
                CurvesPageState next = m_arrangement;
                next.logY = on;
                setArrangement(std::move(next));
                Q_EMIT arrangementChanged();
            }
        });
        connect(card, &ChartCard::moveRequested, this,
                [this, indexOf](int by) { moveChart(indexOf(), indexOf() + by); });
        connect(card, &ChartCard::editRequested, this, [this, indexOf] { Q_EMIT editRequested(indexOf()); });
        connect(card, &ChartCard::removeRequested, this, [this, indexOf] {
            CurvesPageState next = m_arrangement;
            next.charts.erase(next.charts.begin() + indexOf());
            setArrangement(std::move(next));
            Q_EMIT arrangementChanged();
        });
        connect(card, &ChartCard::dragged, this, [this](const QPoint& at) {
            const int target = cardAt(at);
            for (std::size_t i = 0; i < m_cards.size(); ++i) {
                m_cards[i]->setDropTarget(static_cast<int>(i) == target);
            }
        });
        connect(card, &ChartCard::dropped, this, [this, indexOf](const QPoint& at) { drop(indexOf(), at); });
        m_cards.push_back(card);
    }
    m_columns = 0;
}

int ChartGrid::cardAt(const QPoint& globalPosition) const
{
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        if (!m_cards[i]->isHidden() && m_cards[i]->rect().contains(m_cards[i]->mapFromGlobal(globalPosition))) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void ChartGrid::drop(int from, const QPoint& globalPosition)
{
    const int to = cardAt(globalPosition);
    for (ChartCard* card : m_cards) {
        card->setDropTarget(false);
    }
    if (to >= 0) {
        moveChart(from, to);
    }
}

void ChartGrid::moveChart(int from, int to)
{
    const int last = static_cast<int>(m_cards.size()) - 1;
    if (from < 0 || from > last || to < 0 || to > last || from == to) {
        return;
    }
    const auto move = [&](auto& list) {
        auto item = std::move(list[static_cast<std::size_t>(from)]);
        list.erase(list.begin() + from);
        list.insert(list.begin() + to, std::move(item));
    };
    move(m_arrangement.charts);
    move(m_cards); // the cards keep their curves and zoom
    m_columns = 0;
    place();
    Q_EMIT arrangementChanged();
}

void ChartGrid::place()
{
    std::vector<ChartCard*> visible;
    for (ChartCard* card : m_cards) {
        const bool show = !card->curves().chart().onlyWhenRecorded || !card->curves().empty();
        if (card->isHidden() == show) {
            card->setVisible(show);
            m_columns = 0;
        }
        if (show) {
            visible.push_back(card);
        }
    }
    const int count = std::max(1, static_cast<int>(visible.size()));
    const int most = std::clamp((width() + kSpace2) / (kColumnWidth + kSpace2), 1, count);
    const int rows = (count + most - 1) / most;
    const int columns = (count + rows - 1) / rows; // four charts are 2 x 2 also where three would fit
    if (columns == m_columns) {
        return;
    }
    m_columns = columns;
    for (int column = 0; column < m_layout->columnCount(); ++column) {
        m_layout->setColumnStretch(column, column < columns ? 1 : 0);
    }
    for (ChartCard* card : m_cards) {
        m_layout->removeWidget(card);
    }
    for (std::size_t i = 0; i < visible.size(); ++i) {
        const int at = static_cast<int>(i);
        m_layout->addWidget(visible[i], at / columns, at % columns);
        m_layout->setColumnStretch(at % columns, 1);
    }
}

void ChartGrid::applyOptions(ChartCard& card)
{
    const auto kind = m_arrangement.axis == XAxis::Time ? viz::XKind::Seconds : viz::XKind::Number;
    card.chart().setXTitle(axisTitle(m_arrangement.axis), kind);
    card.chart().setSmoothing(m_arrangement.smoothing);
    if (card.chart().logY() != m_arrangement.logY) {
        card.chart().setLogY(m_arrangement.logY);
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
    const std::vector<DrawnRun> drawn = runs();
    for (ChartCard* card : m_cards) {
        refreshCard(*card, drawn);
    }
    place();
}

void ChartGrid::refreshCard(ChartCard& card, const std::vector<DrawnRun>& runs)
{
    CurveSet& set = card.curves();
    const bool changed = set.update(runs, m_arrangement.axis, m_arrangement.meanOverSeeds);
    if (set.empty()) {
        card.chart().setEmptyText(whyEmpty(set.chart(), runs, m_workspace));
    }
    if (changed) {
        card.chart().setCurves(set.curves());
    }
    QStringList notes;
    if (m_arrangement.smoothing > 0.0 && !set.empty()) {
        notes.append(QStringLiteral("EMA %1").arg(m_arrangement.smoothing, 0, 'f', 2));
    }
    if (const QString mean = set.meanNote(); !mean.isEmpty()) {
        notes.append(mean);
    }
    card.setNotes(notes);
}

void ChartGrid::shareCrosshair(const ChartCard* from, std::optional<double> x)
{
    for (ChartCard* card : m_cards) {
        if (card != from) {
            card->chart().setCrosshair(x);
        }
    }
}

void ChartGrid::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place();
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
