#include "viz/legend_strip.h"

#include <QFontMetricsF>
#include <QIcon>
#include <QKeyEvent>
#include <QListWidget>
#include <QPainter>
#include <QPixmap>
#include <QTextDocument>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace dskd::viz
{

namespace
{

constexpr int kPad = 4;
constexpr int kSwatch = 14; // a piece of line, so that dashes can be seen
constexpr int kGap = 12;    // between entries
constexpr double kWidestLabel = 260.0;
constexpr double kCutLabel = 140.0; // of many entries: names cut in their middle, rather than entries out of sight
constexpr std::size_t kMostInToolTip = 60; // more is higher than a screen

constexpr int kFewestLines = 1;
constexpr int kMostLines = 8; // also of the highest chart
constexpr QSize kSmallestList(260, 80);
constexpr QSize kLargestList(640, 420);

// Room that every entry has for its value. What a longer one needs (that it is smoothed, of how many runs) is mostly
// there too, because the entries share the whole width; else it is cut, and whole in the list.
QString usualValue()
{
    return QStringLiteral("\u2248-0.00000");
}

QPixmap swatch(const LegendEntry& entry, int height, double pixelRatio)
{
    QPixmap picture(QSize(kSwatch, height) * pixelRatio);
    picture.setDevicePixelRatio(pixelRatio);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setPen(QPen(entry.color, 3.0, entry.dashed ? Qt::DotLine : Qt::SolidLine));
    painter.drawLine(QPointF(0, height / 2.0), QPointF(kSwatch, height / 2.0));
    return picture;
}

QString textOf(const LegendEntry& entry)
{
    return entry.value.isEmpty() ? entry.label : entry.label + QStringLiteral(": ") + entry.value;
}

} // namespace

LegendStrip::LegendStrip(QWidget* parent) : QWidget(parent), m_more(new QToolButton(this))
{
    setAccessibleName(tr("Legend"));
    m_more->setObjectName(QStringLiteral("moreEntries"));
    m_more->setAutoRaise(true);
    m_more->setToolTip(tr("Lists all curves with their values"));
    m_more->hide();
    connect(m_more, &QToolButton::clicked, this, &LegendStrip::listAll);
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void LegendStrip::setMostLines(int lines)
{
    lines = std::clamp(lines, kFewestLines, kMostLines);
    if (lines != m_mostLines) {
        m_mostLines = lines;
        updateGeometry();
        placeMore();
        update();
    }
}

void LegendStrip::setMostLinesIn(int height)
{
    setMostLines((height / 3 - 2 * kPad) / QFontMetrics(font()).height() - 1);
}

void LegendStrip::show(const QString& title, std::vector<LegendEntry> entries)
{
    if (title == m_title && entries == m_entries) {
        return;
    }
    const auto sameLabels = [&] {
        return std::equal(entries.begin(), entries.end(), m_entries.begin(), m_entries.end(),
                          [](const LegendEntry& a, const LegendEntry& b) { return a.label == b.label; });
    };
    const bool sameSize = sameLabels();
    m_title = title;
    m_entries = std::move(entries);
    QStringList lines{m_title};
    const std::size_t told = std::min(m_entries.size(), kMostInToolTip);
    for (std::size_t i = 0; i < told; ++i) {
        const LegendEntry& entry = m_entries[i];
        lines.append(textOf(entry));
    }
    if (told < m_entries.size()) {
        lines.append(tr("%1 more").arg(m_entries.size() - told));
    }
    const QString text = lines.join('\n');
    setToolTip(Qt::convertFromPlainText(text)); // a name may look like a tag
    setAccessibleDescription(text);
    if (!sameSize) {
        updateGeometry();
        placeMore();
    }
    update();
}

// How many entries stand beside one another, each with at least so much of its label.
int LegendStrip::columnsIn(int width, double widestLabel) const
{
    const QFontMetricsF metrics(font());
    double label = 0.0;
    for (const LegendEntry& entry : m_entries) {
        label = std::max(label, metrics.horizontalAdvance(entry.label));
    }
    const double least = kSwatch + kPad + std::min(label, widestLabel) + kPad + metrics.horizontalAdvance(usualValue());
    return std::max(1, static_cast<int>((width + kGap) / (least + kGap)));
}

LegendStrip::Places LegendStrip::places(int width) const
{
    Places places;
    const int count = static_cast<int>(m_entries.size());
    int most = columnsIn(width, kWidestLabel);
    if (constexpr int kFewLines = 2; count > most * std::min(kFewLines, m_mostLines)) {
        most = columnsIn(width, kCutLabel);
    }
    places.lines = std::clamp((count + most - 1) / most, 1, m_mostLines);
    const bool allFit = count <= most * places.lines;
    places.columns = allFit ? std::max(1, (count + places.lines - 1) / places.lines) : most;
    places.width = static_cast<double>(width + kGap) / places.columns - kGap;
    places.shown = allFit ? count : places.columns * places.lines - 1; // the last cell shows how many are left
    return places;
}

QRectF LegendStrip::cell(const Places& at, int entry) const
{
    const double line = QFontMetricsF(font()).height();
    return {(entry % at.columns) * (at.width + kGap), kPad + (1 + entry / at.columns) * line, at.width, line};
}

void LegendStrip::placeMore()
{
    const Places at = places(width());
    const int hidden = static_cast<int>(m_entries.size()) - at.shown;
    m_more->setVisible(hidden > 0);
    if (hidden > 0) {
        m_more->setText(tr("%1 more").arg(hidden));
        m_more->setAccessibleName(tr("%1 more curves").arg(hidden));
        const QRect place = cell(at, at.shown).toAlignedRect().adjusted(0, -1, 0, 1); // with its frame
        m_more->setGeometry(place.x(), place.y(), std::min(place.width(), m_more->sizeHint().width()), place.height());
    }
}

// In a window of their own that closes by itself: Escape, or a click beside it.
void LegendStrip::listAll()
{
    auto* list = new QListWidget(this);
    list->setWindowFlags(Qt::Popup);
    list->setAttribute(Qt::WA_DeleteOnClose);
    list->setObjectName(QStringLiteral("allEntries"));
    list->setAccessibleName(m_title.isEmpty() ? tr("Legend") : tr("Legend of %1").arg(m_title));
    for (const LegendEntry& entry : m_entries) {
        const QPixmap mark = swatch(entry, QFontMetrics(font()).height(), devicePixelRatioF());
        list->addItem(new QListWidgetItem(QIcon(mark), textOf(entry)));
    }
    list->setCurrentRow(std::min(places(width()).shown, list->count() - 1)); // the first that is not in the strip
    const QSize wanted(list->sizeHintForColumn(0) + 4 * kGap,
                       list->sizeHintForRow(0) * list->count() + 2 * list->frameWidth());
    list->resize(wanted.expandedTo(kSmallestList).boundedTo(kLargestList));
    list->move(m_more->mapToGlobal(QPoint(0, m_more->height())));
    list->show();
    list->setFocus(Qt::PopupFocusReason);
    list->installEventFilter(this);
}

bool LegendStrip::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        static_cast<QWidget*>(watched)->close();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

int LegendStrip::hiddenEntries() const
{
    return static_cast<int>(m_entries.size()) - places(width()).shown;
}

int LegendStrip::heightForWidth(int width) const
{
    return (1 + places(width).lines) * QFontMetrics(font()).height() + 2 * kPad;
}

QSize LegendStrip::sizeHint() const
{
    return {400, heightForWidth(std::max(width(), 400))};
}

QSize LegendStrip::minimumSizeHint() const
{
    return {100, 2 * QFontMetrics(font()).height() + 2 * kPad};
}

void LegendStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QFontMetricsF metrics(font());
    const Places at = places(width());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(QRectF(0, kPad, width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(m_title, Qt::ElideRight, width()));
    for (int i = 0; i < at.shown; ++i) {
        const LegendEntry& entry = m_entries[static_cast<std::size_t>(i)];
        const QRectF box = cell(at, i);
        painter.setPen(QPen(entry.color, 3.0, entry.dashed ? Qt::DotLine : Qt::SolidLine));
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.left() + kSwatch, box.center().y()));
        painter.setPen(palette().color(QPalette::WindowText));
        const QRectF text = box.adjusted(kSwatch + kPad, 0, 0, 0);
        const double value = metrics.horizontalAdvance(entry.value);
        const QString label =
            metrics.elidedText(entry.label, Qt::ElideMiddle, std::max(0.0, text.width() - value - kPad));
        painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, label);
        const QRectF behind = text.adjusted(metrics.horizontalAdvance(label) + 2 * kPad, 0, 0, 0);
        painter.drawText(behind, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(entry.value, Qt::ElideRight, std::max(0.0, behind.width())));
    }
}

void LegendStrip::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placeMore();
}

} // namespace dskd::viz
