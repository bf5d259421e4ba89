#include "ui/pages/matrix/field_chooser.h"

#include "core/jobs/matrix_table.h"
#include "ui/look/format.h"

#include <QMenu>
#include <QStringList>
#include <QStyleOptionToolButton>
#include <QStylePainter>
#include <algorithm>

namespace dskd::ui
{

namespace
{

constexpr int kNarrowest = 70;
constexpr int kPadding = 9; // of the text to either side, with the frame: the style sheet's

} // namespace

FieldChooser::FieldChooser(QWidget* parent) : QToolButton(parent)
{
    setPopupMode(QToolButton::InstantPopup);
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    setFocusPolicy(Qt::StrongFocus);
    setProperty("choice", true); // has a frame, as the lists beside it
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* menu = new QMenu(this);
    setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, &FieldChooser::fillMenu);
}

void FieldChooser::setFields(std::vector<std::string> offered, std::vector<std::string> chosen,
                             std::vector<std::string> shown)
{
    m_offered = std::move(offered);
    m_chosen = std::move(chosen);
    m_shown = std::move(shown);
    QStringList titles;
    for (const std::string& field : m_shown) {
        titles.append(QString::fromStdString(jobs::axisTitle(field)));
    }
    setText(titles.isEmpty() ? tr("none") : titles.join(QStringLiteral(", ")));
    const QString why = m_chosen.empty() ? tr("Chosen by what the experiment varies, else by what differs") : QString();
    setToolTip(plainHint((text() + QLatin1Char('\n') + why).trimmed()));
}

QSize FieldChooser::minimumSizeHint() const
{
    const QSize whole = sizeHint();
    return {std::min(kNarrowest, whole.width()), whole.height()};
}

void FieldChooser::paintEvent(QPaintEvent* /*event*/)
{
    QStylePainter painter(this);
    QStyleOptionToolButton option;
    initStyleOption(&option);
    option.text = option.fontMetrics.elidedText(text(), Qt::ElideMiddle, width() - 2 * kPadding);
    painter.drawComplexControl(QStyle::CC_ToolButton, option);
}

void FieldChooser::fillMenu()
{
    menu()->clear();
    QAction* automatic = menu()->addAction(tr("Automatic"));
    automatic->setCheckable(true);
    automatic->setChecked(m_chosen.empty());
    connect(automatic, &QAction::triggered, this, [this] { Q_EMIT chosen({}); });
    menu()->addSeparator();
    for (const std::string& field : m_offered) {
        QAction* action = menu()->addAction(QString::fromStdString(jobs::axisTitle(field)));
        action->setCheckable(true);
        action->setChecked(std::find(m_shown.begin(), m_shown.end(), field) != m_shown.end());
        connect(action, &QAction::triggered, this, [this, field](bool on) { toggle(field, on); });
    }
}

// A choice begins with what the matrix has chosen itself.
void FieldChooser::toggle(const std::string& field, bool on)
{
    std::vector<std::string> fields = m_shown;
    std::erase(fields, field);
    if (on) {
        fields.push_back(field);
    }
    Q_EMIT chosen(fields);
}

} // namespace dskd::ui
