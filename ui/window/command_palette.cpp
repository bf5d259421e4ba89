#include "ui/window/command_palette.h"

#include "ui/look/theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace dskd::ui
{

namespace
{

constexpr std::size_t kMostListed = 100; // of thousands of runs

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

// Two places may have a command of one name, "Move to trash": what cannot be done now is listed once, and not at all
// where another of that name can be.
void removeTwins(std::vector<Findable>& all)
{
    std::map<std::pair<QString, QString>, bool> enabled; // by kind and text
    for (const Findable& one : all) {
        bool& any = enabled[{one.kind, one.text}];
        any = any || one.enabled;
    }
    std::set<std::pair<QString, QString>> kept;
    std::erase_if(all, [&](const Findable& one) {
        const std::pair name(one.kind, one.text);
        return !one.enabled && (enabled.at(name) || !kept.insert(name).second);
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

Findable findableOf(QAction& action)
{
    return {.text = plainText(action),
            .keys = action.shortcut().toString(QKeySequence::NativeText),
            .tip = action.toolTip(),
            .icon = action.icon(),
            .enabled = action.isEnabled(),
            .act = [&action] { action.trigger(); }};
}

CommandPalette::CommandPalette(std::vector<Findable> all, QWidget* parent)
    : QDialog(parent), m_all(std::move(all)), m_text(new QLineEdit(this)), m_list(new QListWidget(this))
{
    removeTwins(m_all);
    setObjectName("commandPalette");
    setWindowTitle(tr("Find"));
    m_text->setPlaceholderText(tr("A command, a run, an experiment, a metric"));
    m_text->setAccessibleName(tr("What to find"));
    m_text->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("What was found"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    layout->addWidget(m_text);
    layout->addWidget(m_list);
    resize(520, 380);
    connect(m_text, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(m_text, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::run);
    fill({});
}

void CommandPalette::fill(const QString& text)
{
    m_list->clear();
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < m_all.size(); ++i) {
        const Findable& one = m_all[i];
        if (text.isEmpty() ? one.kind.isEmpty() : fuzzyMatch(text, one.kind + ' ' + one.text)) {
            found.push_back(i);
        }
    }
    // What holds the text as it stands comes before what only has its letters, what can be done before what cannot.
    std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [&](const Findable& one) {
            return std::tuple(!one.enabled, !one.text.contains(text, Qt::CaseInsensitive),
                              !one.text.startsWith(text, Qt::CaseInsensitive));
        };
        return rank(m_all[a]) < rank(m_all[b]);
    });
    const std::size_t listed = std::min(found.size(), kMostListed);
    for (std::size_t i = 0; i < listed; ++i) {
        const Findable& one = m_all[found[i]];
        const QString name = one.kind.isEmpty() ? one.text : tr("%1: %2").arg(one.kind, one.text);
        auto* item = new QListWidgetItem(one.icon, name + (one.keys.isEmpty() ? QString() : "   " + one.keys), m_list);
        item->setData(Qt::UserRole, static_cast<qulonglong>(found[i]));
        item->setToolTip(one.tip);
        if (!one.enabled) {
            item->setFlags(Qt::NoItemFlags);
        }
    }
    if (listed < found.size()) {
        (new QListWidgetItem(tr("%1 more: type more letters").arg(found.size() - listed), m_list))
            ->setFlags(Qt::NoItemFlags);
    } else if (found.empty()) {
        (new QListWidgetItem(tr("Nothing has these letters in its name"), m_list))->setFlags(Qt::NoItemFlags);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::run()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr || !(item->flags() & Qt::ItemIsEnabled)) {
        return;
    }
    const std::function<void()> act = m_all[item->data(Qt::UserRole).toULongLong()].act;
    accept(); // first, so that what it opens is not behind the palette
    act();
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
