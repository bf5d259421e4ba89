#include "viz/curve_chart_private.h"

#include "viz/axis_range.h"

#include <QFileDialog>
#include <QLabel>
#include <QLocale>
#include <QMessageBox>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <map>

namespace dskd::viz
{

namespace
{

constexpr int kMargin = 8;

QString number(double value)
{
    return std::isnan(value)   ? QStringLiteral("NaN")
           : std::isinf(value) ? (value > 0 ? QStringLiteral("+∞") : QStringLiteral("−∞"))
                               : QString::number(value, 'g', 5);
}

} // namespace

CurveChart::Private::Private(CurveChart& owner) : chart(owner)
{
    title = new QLabel(&chart);
    QFont strong = title->font();
    strong.setWeight(QFont::DemiBold);
    title->setFont(strong);
    title->setTextFormat(Qt::PlainText);
    badge = new QLabel(&chart);
    badge->setTextFormat(Qt::PlainText);
    badge->setForegroundRole(QPalette::PlaceholderText);
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch();
    head->addWidget(badge);
    area = new PlotArea(&chart);
    auto* layout = new QVBoxLayout(&chart);
    layout->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
    layout->setSpacing(2);
    layout->addLayout(head);
    layout->addWidget(area, 1);
    readout = new Readout(&chart);
    readout->setObjectName("readout");
    area->setObjectName("plot");
    empty = new QLabel(&chart);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    empty->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget* child : {static_cast<QWidget*>(title), static_cast<QWidget*>(badge), static_cast<QWidget*>(empty)}) {
        child->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    area->installEventFilter(&chart);
    refreshSoon.setSingleShot(true);
    refreshSoon.setInterval(0); // however often it is asked for, once per turn of the event loop
    QObject::connect(&refreshSoon, &QTimer::timeout, &chart, [this] { refresh(); });
}

void CurveChart::Private::setCurves(std::vector<Curve> curves)
{
    // Strong curves last, so that they are painted above the others.
    std::stable_sort(curves.begin(), curves.end(), [](const Curve& a, const Curve& b) { return a.strong < b.strong; });
    const bool sameOrder = drawn.size() == curves.size() &&
                           std::equal(drawn.begin(), drawn.end(), curves.begin(),
                                      [](const auto& old, const Curve& fresh) { return old->curve().id == fresh.id; });
    if (!sameOrder) { // those that stay keep what was computed for them
        std::map<QString, std::unique_ptr<DrawnCurve>> before;
        for (auto& curve : drawn) {
            const QString id = curve->curve().id;
            before[id] = std::move(curve);
        }
        drawn.clear();
        for (const Curve& curve : curves) {
            auto known = before.find(curve.id);
            if (known != before.end() && known->second) {
                drawn.push_back(std::move(known->second));
                drawn.back()->raise();
            } else {
                drawn.push_back(std::make_unique<DrawnCurve>(*area));
            }
        }
    }
    for (std::size_t i = 0; i < curves.size(); ++i) {
        drawn[i]->take(std::move(curves[i]), smoothing);
    }
    schedule();
}

void CurveChart::Private::setSmoothing(double weight)
{
    if (weight == smoothing) {
        return;
    }
    smoothing = weight;
    for (const auto& curve : drawn) {
        curve->setSmoothing(smoothing);
    }
    schedule();
}

void CurveChart::Private::setXTitle(const QString& text, XKind kind)
{
    if (xTitle != text || xKind != kind) {
        xTitle = text;
        xKind = kind;
        part.reset(); // a part of another axis
        area->setXTitle(text);
        schedule();
    }
}

std::pair<double, double> CurveChart::Private::wholeX() const
{
    bool any = false;
    double low = 0.0;
    double high = 1.0;
    for (const auto& curve : drawn) {
        if (const auto& points = curve->curve().points; !points.empty()) {
            low = any ? std::min(low, points.front().x()) : points.front().x();
            high = any ? std::max(high, points.back().x()) : points.back().x();
            any = true;
        }
    }
    return stepRange(low, high);
}

void CurveChart::Private::refresh()
{
    refreshSoon.stop();
    const auto [xMin, xMax] = part.value_or(wholeX());
    const int columns = std::max(50, static_cast<int>(area->plot().width()));
    DrawnCurve::Extent all;
    std::vector<double> bottom;
    std::vector<double> top;
    for (const auto& curve : drawn) {
        const auto extent = curve->select(xMin, xMax, columns, logY);
        if (extent.any) {
            all.yMin = all.any ? std::min(all.yMin, extent.yMin) : extent.yMin;
            all.yMax = all.any ? std::max(all.yMax, extent.yMax) : extent.yMax;
            all.any = true;
        }
        all.visible += extent.visible;
        all.drawn += extent.drawn;
        all.skipped += extent.skipped;
        for (const QPointF& point : extent.skippedAt) {
            (std::isinf(point.y()) && point.y() > 0 ? top : bottom).push_back(point.x());
        }
    }
    const bool anything = all.any || !bottom.empty() || !top.empty();
    const auto [yMin, yMax] = all.any ? valueRange(all.yMin, all.yMax, logY) : std::pair(logY ? 0.1 : 0.0, 1.0);
    area->setRange({xMin, xMax, yMin, yMax, logY, xKind});
    for (const auto& curve : drawn) {
        curve->draw(logY);
    }
    setBadge(all.drawn, all.visible, all.skipped);
    area->setMarks(std::move(bottom), std::move(top));
    area->setVisible(anything);
    readout->setVisible(anything);
    empty->setVisible(!anything);
    place();
    showCrosshair();
}

// The plot takes its place only when it is shown; what lies over it follows.
void CurveChart::Private::place()
{
    readout->setGeometry(area->geometry());
    empty->setGeometry(chart.contentsRect().marginsRemoved({12, 24, 12, 8}));
}

void CurveChart::Private::setBadge(std::size_t drawnPoints, std::size_t visible, std::size_t skipped)
{
    const QLocale english(QLocale::English);
    QStringList truths;
    if (skipped > 0) {
        truths += logY ? CurveChart::tr("▲ %1 not above 0 or not a number").arg(skipped)
                       : CurveChart::tr("▲ %1 not a finite number").arg(skipped);
    }
    if (smoothing > 0.0) {
        truths += CurveChart::tr("smoothed %1").arg(smoothing, 0, 'g', 2);
    }
    if (drawnPoints < visible) {
        truths += CurveChart::tr("%1 of %2 drawn; extremes kept")
                      .arg(english.toString(static_cast<qulonglong>(drawnPoints)),
                           english.toString(static_cast<qulonglong>(visible)));
    }
    if (part) {
        truths += CurveChart::tr("a part; 0 shows all");
    }
    badge->setText(truths.join(QStringLiteral(" · ")));
}

void CurveChart::Private::zoom(double factor, std::optional<double> around)
{
    const auto [low, high] = part.value_or(wholeX());
    const auto whole = wholeX();
    const double middle = std::clamp(around.value_or((low + high) / 2), low, high);
    const double left = std::max(whole.first, middle - (middle - low) * factor);
    const double right = std::min(whole.second, middle + (high - middle) * factor);
    if (left <= whole.first && right >= whole.second) {
        part.reset();
    } else if (right - left > 1e-9 * (whole.second - whole.first)) {
        part = {left, right};
    }
    schedule();
}

void CurveChart::Private::moveBy(double x)
{
    if (part) {
        const auto whole = wholeX();
        const double moved = std::clamp(x, whole.first - part->first, whole.second - part->second);
        part = {part->first + moved, part->second + moved};
        schedule();
    }
}

void CurveChart::Private::showAll()
{
    part.reset();
    schedule();
}

void CurveChart::Private::moveCrosshair(std::optional<double> x)
{
    if (x) {
        const auto [low, high] = part.value_or(wholeX());
        x = std::clamp(*x, low, high);
    }
    if (x != crosshair) {
        crosshair = x;
        showCrosshair();
        Q_EMIT chart.crosshairMoved(x);
    }
}

void CurveChart::Private::stepCrosshair(int direction)
{
    const auto [low, high] = part.value_or(wholeX());
    const double from = crosshair.value_or(direction > 0 ? low - 1.0 : high + 1.0);
    std::optional<double> next;
    for (const auto& curve : drawn) {
        const auto& points = curve->curve().points;
        const auto byX = [](const QPointF& point, double x) { return point.x() < x; };
        auto at = std::lower_bound(points.begin(), points.end(), from, byX);
        if (direction > 0) {
            at = std::find_if(at, points.end(), [&](const QPointF& point) { return point.x() > from; });
        } else if (at != points.begin()) {
            --at;
        } else {
            at = points.end();
        }
        const bool inside = at != points.end() && at->x() >= low && at->x() <= high;
        if (inside && (!next || (direction > 0 ? at->x() < *next : at->x() > *next))) {
            next = at->x();
        }
    }
    if (next) {
        moveCrosshair(next);
    }
}

std::vector<CurveChart::Private::Reading> CurveChart::Private::readings() const
{
    std::vector<Reading> result;
    for (const auto& curve : drawn) {
        const auto& points = curve->curve().points;
        if (points.empty() || curve->line().size() != points.size()) {
            continue;
        }
        auto right = std::lower_bound(points.begin(), points.end(), *crosshair,
                                      [](const QPointF& point, double x) { return point.x() < x; });
        if (right == points.end() ||
            (right != points.begin() && *crosshair - std::prev(right)->x() < right->x() - *crosshair)) {
            --right;
        }
        const QPointF& shown = curve->line()[static_cast<std::size_t>(right - points.begin())];
        result.push_back({curve.get(), shown, right->y(), std::isfinite(right->y())});
    }
    std::stable_sort(result.begin(), result.end(), [](const Reading& a, const Reading& b) {
        return (a.finite ? a.point.y() : -HUGE_VAL) > (b.finite ? b.point.y() : -HUGE_VAL);
    });
    return result;
}

void CurveChart::Private::showCrosshair()
{
    if (!crosshair) {
        readout->show(std::nullopt, area->plot(), {}, {});
        return;
    }
    std::vector<Readout::Row> rows;
    double at = *crosshair;
    double nearest = HUGE_VAL;
    for (const Reading& reading : readings()) {
        if (std::abs(reading.point.x() - *crosshair) < nearest) {
            nearest = std::abs(reading.point.x() - *crosshair);
            at = reading.point.x();
        }
        Readout::Row row{reading.curve->curve().label, number(reading.finite ? reading.point.y() : reading.raw),
                         reading.curve->curve().color, std::nullopt};
        if (smoothing > 0.0 && reading.finite) {
            row.value += CurveChart::tr(" (raw %1)").arg(number(reading.raw));
        }
        if (reading.finite && (!logY || reading.point.y() > 0.0)) {
            row.y = area->toPixelY(reading.point.y());
        }
        rows.push_back(std::move(row));
    }
    const QString where = QStringLiteral("%1 %2").arg(xTitle.isEmpty() ? QStringLiteral("x") : xTitle,
                                                      QLocale(QLocale::English).toString(at, 'g', 8));
    readout->show(area->toPixelX(*crosshair), area->plot(), where, std::move(rows));
}

QString CurveChart::Private::crosshairText() const
{
    if (!crosshair) {
        return {};
    }
    QString text;
    for (const Reading& reading : readings()) {
        text += reading.curve->curve().label + '\t' +
                QString::number(reading.point.x(), 'g', QLocale::FloatingPointShortest) + '\t' +
                QString::number(reading.raw, 'g', QLocale::FloatingPointShortest) + '\n';
    }
    return text;
}

void CurveChart::Private::askForFile()
{
    auto* dialog = new QFileDialog(&chart, CurveChart::tr("Save chart"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({CurveChart::tr("Picture (*.png)"), CurveChart::tr("Vector picture (*.svg)"),
                            CurveChart::tr("All points (*.csv)")});
    dialog->setDefaultSuffix(QStringLiteral("png"));
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.contains("svg") ? "svg" : filter.contains("csv") ? "csv" : "png");
    });
    QObject::connect(dialog, &QFileDialog::fileSelected, &chart, [this](const QString& file) {
        if (!save(file)) {
            auto* box = new QMessageBox(QMessageBox::Warning, CurveChart::tr("Save chart"),
                                        CurveChart::tr("%1 could not be written.").arg(file), QMessageBox::Ok, &chart);
            box->setInformativeText(CurveChart::tr("Is there space, and may you write to that folder?"));
            box->setAttribute(Qt::WA_DeleteOnClose);
            box->open();
        }
    });
    dialog->open();
}

bool CurveChart::Private::save(const QString& file) const
{
    if (file.endsWith(QLatin1String(".svg"))) {
        return chart.saveSvg(file);
    }
    if (!file.endsWith(QLatin1String(".csv"))) {
        return chart.savePng(file);
    }
    QSaveFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(chart.toCsv().toUtf8()) >= 0 && out.commit();
}

bool CurveChart::Private::saveSvg(const QString& file) const
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly)) {
        return false;
    }
    QSvgGenerator generator;
    generator.setOutputDevice(&out);
    generator.setSize(chart.size());
    generator.setViewBox(chart.rect());
    generator.setTitle(title->text());
    QPainter painter(&generator);
    painter.fillRect(chart.rect(), chart.palette().color(QPalette::Base));
    painter.setPen(chart.palette().color(QPalette::WindowText));
    painter.setFont(title->font());
    painter.drawText(title->geometry(), Qt::AlignLeft | Qt::AlignVCenter, title->text());
    area->render(&painter, area->geometry());
    painter.end();
    return out.commit();
}

} // namespace dskd::viz
