#include "ui/pages/curves/chart_card.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/muted_label.h"
#include "viz/curve_chart.h"

#include <QActionGroup>
#include <QApplication>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolButton>

namespace dskd::ui
{

ChartCard::ChartCard(const ChartSpec& chart, bool editable, QWidget* parent)
    : QFrame(parent), m_curves(chart), m_title(new QLabel(titleOf(chart), this)), m_notes(new MutedLabel({}, this)),
      m_menu(new QToolButton(this)), m_chart(new viz::CurveChart(this))
{
    setObjectName(QStringLiteral("chartCard"));
    setProperty("card", true);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setObjectName(QStringLiteral("chartTitle"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setToolTip(descriptionOf(chart));
    m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_title->installEventFilter(this);
    m_menu->setText(QStringLiteral("\u22ef"));
    m_menu->setAutoRaise(true);
    m_menu->setPopupMode(QToolButton::InstantPopup);
    m_menu->setAccessibleName(tr("Menu of the chart %1").arg(title()));
    m_notes->setObjectName(QStringLiteral("chartNotes"));
    m_notes->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // or long notes widen the page
    setAccessibleName(title());
    setAccessibleDescription(m_title->toolTip());
    m_chart->setAccessibleName(title());
    m_chart->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_chart->setYTitle(unitOf(chart), shownFactorOf(chart));
    m_chart->setLegendShown(false); // the page has one for all

    auto* header = new QHBoxLayout;
    header->setSpacing(kSpace2);
    header->addWidget(m_title);
    header->addWidget(m_notes, 1);
    header->addWidget(m_menu);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(kSpace2, kSpace1, kSpace1, kSpace1);
    all->setSpacing(0);
    all->addLayout(header);
    all->addWidget(m_chart, 1);

    m_menu->setMenu(new QMenu(m_menu));
    makeMenu(editable);
    if (editable) {
        m_title->setCursor(Qt::OpenHandCursor);
    }
}

QString ChartCard::title() const
{
    return m_title->text();
}

QMenu* ChartCard::menu() const
{
    return m_menu->menu();
}

void ChartCard::makeMenu(bool editable)
{
    QMenu* menu = m_menu->menu();
    menu->addAction(tr("Open large\tReturn"), this, [this] { Q_EMIT largeRequested(true); });
    if (editable) {
        menu->addSeparator();
        if (m_curves.chart().kind == ChartKind::Lines) {
            menu->addAction(tr("Choose metrics\u2026"), this, &ChartCard::editRequested);
        }
        makeSizeMenu(*menu);
        menu->addAction(tr("Move forward\tCtrl+Shift+Left"), this, [this] { Q_EMIT moveRequested(-1); });
        menu->addAction(tr("Move back\tCtrl+Shift+Right"), this, [this] { Q_EMIT moveRequested(1); });
        menu->addSeparator();
        menu->addAction(tr("Remove this chart"), this, &ChartCard::removeRequested);
    }
    menu->addSeparator();
    QAction* copy = menu->addAction(tr("Copy recorded points as CSV"), this, &ChartCard::copyRequested);
    QAction* exporting = menu->addAction(tr("Export\u2026"), this, &ChartCard::exportRequested);
    exporting->setObjectName(QStringLiteral("exportChart"));
    for (QAction* action : {copy, exporting}) {
        m_chart->addAction(action); // its context menu has them too
    }
}

void ChartCard::makeSizeMenu(QMenu& menu)
{
    QMenu* sizes = menu.addMenu(tr("Size"));
    auto* group = new QActionGroup(sizes);
    for (const auto& [size, name] : {std::pair(CardSize::Small, tr("small")), std::pair(CardSize::Medium, tr("medium")),
                                     std::pair(CardSize::Large, tr("large"))}) {
        const CardSize chosen = size;
        QAction* action = sizes->addAction(name, this, [this, chosen] { Q_EMIT sizeRequested(chosen); });
        action->setCheckable(true);
        group->addAction(action);
        m_sizes.push_back(action);
    }
    setSize(m_curves.chart().size);
}

void ChartCard::setSize(CardSize size)
{
    if (!m_sizes.empty()) {
        m_sizes[static_cast<std::size_t>(size)]->setChecked(true);
    }
}

void ChartCard::setNotes(const QStringList& notes)
{
    m_noteList = notes;
    m_notes->setText(notes.join(QStringLiteral(" \u00b7 ")));
    m_notes->setToolTip(plainHint(m_notes->text()));
}

void ChartCard::setDropTarget(bool on)
{
    setFrameShadow(on ? QFrame::Sunken : QFrame::Plain);
    setLineWidth(on ? 2 : 1);
}

void ChartCard::keyPressEvent(QKeyEvent* event)
{
    const bool moves = event->modifiers() == (Qt::ControlModifier | Qt::ShiftModifier);
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter: Q_EMIT largeRequested(true); break;
    case Qt::Key_Escape: Q_EMIT largeRequested(false); break;
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (moves) {
            Q_EMIT moveRequested(event->key() == Qt::Key_Left ? -1 : 1);
            break;
        }
        [[fallthrough]];
    default: QFrame::keyPressEvent(event);
    }
}

bool ChartCard::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_title) {
        return QFrame::eventFilter(watched, event);
    }
    const bool canMove = m_title->cursor().shape() != Qt::ArrowCursor;
    switch (event->type()) {
    case QEvent::MouseButtonDblClick:
        m_dragging = false;
        Q_EMIT largeRequested(true);
        return true;
    case QEvent::MouseButtonPress:
        m_pressed = static_cast<QMouseEvent*>(event)->globalPosition().toPoint();
        m_dragging = false;
        return true;
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const QPoint at = mouse->globalPosition().toPoint();
        const bool held = canMove && (mouse->buttons() & Qt::LeftButton);
        m_dragging = held && (m_dragging || (at - m_pressed).manhattanLength() >= QApplication::startDragDistance());
        if (m_dragging) {
            m_title->setCursor(Qt::ClosedHandCursor);
            Q_EMIT dragged(at);
        }
        return true;
    }
    case QEvent::MouseButtonRelease:
        if (canMove) {
            m_title->setCursor(Qt::OpenHandCursor);
        }
        if (m_dragging) {
            m_dragging = false;
            Q_EMIT dropped(static_cast<QMouseEvent*>(event)->globalPosition().toPoint());
        }
        return true;
    default: return QFrame::eventFilter(watched, event);
    }
}

} // namespace dskd::ui
