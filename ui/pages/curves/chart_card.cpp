#include "ui/pages/curves/chart_card.h"

#include "ui/look/theme.h"
#include "ui/pages/shared/muted_label.h"
#include "viz/curve_chart.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QFileDialog>
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
    m_title->setToolTip(QStringLiteral("Metrics: %1").arg([&] {
        QStringList names;
        for (const std::string& metric : chart.metrics) {
            names.append(QString::fromStdString(metric));
        }
        return names.join(QStringLiteral(", "));
    }()));
    m_menu->setText(QStringLiteral("\u22ef"));
    m_menu->setAutoRaise(true);
    m_menu->setPopupMode(QToolButton::InstantPopup);
    m_menu->setAccessibleName(tr("Menu of the chart %1").arg(m_title->text()));
    m_notes->setObjectName(QStringLiteral("chartNotes"));
    m_notes->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // or long notes widen the page
    setAccessibleName(m_title->text());
    m_chart->setAccessibleName(m_title->text());
    m_chart->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);

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

    auto* menu = new QMenu(m_menu);
    m_menu->setMenu(menu);
    if (editable) {
        makeMenu();
        m_title->setCursor(Qt::OpenHandCursor);
        m_title->installEventFilter(this);
        menu->addSeparator();
    }
    menu->addAction(tr("Copy recorded points as CSV"), this,
                    [this] { QApplication::clipboard()->setText(m_chart->toCsv()); });
    menu->addAction(tr("Save as PNG\u2026"), this, [this] { save(false); });
    menu->addAction(tr("Save as SVG\u2026"), this, [this] { save(true); });
}

void ChartCard::makeMenu()
{
    QMenu* menu = m_menu->menu();
    menu->addAction(tr("Choose metrics\u2026"), this, &ChartCard::editRequested);
    menu->addSeparator();
    menu->addAction(tr("Move forward"), this, [this] { Q_EMIT moveRequested(-1); });
    menu->addAction(tr("Move back"), this, [this] { Q_EMIT moveRequested(1); });
    menu->addSeparator();
    menu->addAction(tr("Remove this chart"), this, &ChartCard::removeRequested);
}

void ChartCard::setNotes(const QStringList& notes)
{
    m_notes->setText(notes.join(QStringLiteral(" \u00b7 ")));
    m_notes->setToolTip(m_notes->text());
}

void ChartCard::setDropTarget(bool on)
{
    setFrameShadow(on ? QFrame::Sunken : QFrame::Plain);
    setLineWidth(on ? 2 : 1);
}

void ChartCard::save(bool vector)
{
    auto* dialog = new QFileDialog(this, tr("Save the chart"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(vector ? QStringLiteral("svg") : QStringLiteral("png"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, vector](const QString& file) {
        m_chart->setTitle(m_title->text()); // on the page the card shows it
        const bool saved = vector ? m_chart->saveSvg(file) : m_chart->savePng(file);
        m_chart->setTitle({});
        setNotes({saved ? tr("saved as %1").arg(file) : tr("%1 cannot be written").arg(file)});
    });
    dialog->open();
}

bool ChartCard::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_title && event->type() == QEvent::MouseButtonPress) {
        m_pressed = static_cast<QMouseEvent*>(event)->globalPosition().toPoint();
        m_dragging = false;
        return true;
    }
    if (watched == m_title && event->type() == QEvent::MouseMove) {
        const QPoint at = static_cast<QMouseEvent*>(event)->globalPosition().toPoint();
        m_dragging = m_dragging || (at - m_pressed).manhattanLength() >= QApplication::startDragDistance();
        if (m_dragging) {
            m_title->setCursor(Qt::ClosedHandCursor);
            Q_EMIT dragged(at);
        }
        return true;
    }
    if (watched == m_title && event->type() == QEvent::MouseButtonRelease) {
        m_title->setCursor(Qt::OpenHandCursor);
        if (m_dragging) {
            m_dragging = false;
            Q_EMIT dropped(static_cast<QMouseEvent*>(event)->globalPosition().toPoint());
        }
        return true;
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace dskd::ui
