#include "ui/window/command_palette.h"

#include "ui/look/theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

namespace
{

// Whether the letters of `wanted` stand in `text` in their order.
bool fuzzyMatch(const QString& wanted, const QString& text)
{
    qsizetype from = 0;
    return std::all_of(wanted.begin(), wanted.end(), [&](QChar letter) {
        const qsizetype at = letter.isSpace() ? from : text.indexOf(letter, from, Qt::CaseInsensitive);
        from = at + (letter.isSpace() ? 0 : 1);
        return at >= 0;
    });
}

} // namespace

QString plainText(const QAction& action)
{
    QString text = action.text();
    text.remove('&');
    if (text.endsWith(QStringLiteral(" …"))) {
        text.chop(2);
    }
    return text;
}

CommandPalette::CommandPalette(QList<QAction*> actions, QWidget* parent)
    : QDialog(parent), m_actions(std::move(actions)), m_text(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setObjectName("commandPalette");
    setWindowTitle(tr("Commands"));
    m_text->setPlaceholderText(tr("Type a command"));
    m_text->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    layout->addWidget(m_text);
    layout->addWidget(m_list);
    resize(460, 340);
    connect(m_text, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(m_text, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::run);
    fill({});
}

void CommandPalette::fill(const QString& text)
{
    m_list->clear();
    QList<QAction*> found;
    std::copy_if(m_actions.begin(), m_actions.end(), std::back_inserter(found),
                 [&](const QAction* action) { return fuzzyMatch(text, plainText(*action)); });
    // What holds the text as it stands comes before what only has its letters, what can be done before what cannot.
    std::stable_sort(found.begin(), found.end(), [&](const QAction* a, const QAction* b) {
        const auto rank = [&](const QAction* action) {
            return std::pair(!action->isEnabled(), !plainText(*action).contains(text, Qt::CaseInsensitive));
        };
        return rank(a) < rank(b);
    });
    for (QAction* action : found) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        auto* item =
            new QListWidgetItem(action->icon(), plainText(*action) + (keys.isEmpty() ? "" : "   " + keys), m_list);
        item->setData(Qt::UserRole, QVariant::fromValue(action));
        item->setToolTip(action->toolTip());
        if (!action->isEnabled()) {
            item->setFlags(Qt::NoItemFlags);
        }
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::run()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr || !(item->flags() & Qt::ItemIsEnabled)) {
        return;
    }
    auto* action = item->data(Qt::UserRole).value<QAction*>();
    accept(); // first, so that what the action opens is not behind the palette
    action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const int next = m_list->currentRow() + (key == Qt::Key_Down ? 1 : -1);
            m_list->setCurrentRow(std::clamp(next, 0, std::max(0, m_list->count() - 1)));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace dskd::ui
