#include "ui/pages/samples/run_chooser.h"

#include "ui/look/format.h"

#include <QAction>
#include <QMenu>

namespace dskd::ui
{

RunChooser::RunChooser(QWidget* parent) : QToolButton(parent)
{
    setPopupMode(QToolButton::InstantPopup);
    setMenu(new QMenu(this));
    setFocusPolicy(Qt::StrongFocus);
    connect(menu(), &QMenu::aboutToShow, this, &RunChooser::fillMenu);
    showCount();
}

void RunChooser::setRuns(std::vector<std::pair<std::string, QString>> runs)
{
    m_runs = std::move(runs);
    showCount();
}

std::vector<std::string> RunChooser::ticked() const
{
    std::vector<std::string> ids;
    for (const auto& [id, title] : m_runs) {
        if (!m_left.contains(id)) {
            ids.push_back(id);
        }
    }
    return ids;
}

void RunChooser::fillMenu()
{
    menu()->clear();
    for (const auto& run : m_runs) {
        QString text = run.second;
        QAction* action = menu()->addAction(text.replace(QLatin1Char('&'), QStringLiteral("&&")));
        action->setCheckable(true);
        action->setChecked(!m_left.contains(run.first));
        connect(action, &QAction::toggled, this, [this, id = run.first](bool on) {
            if (on) {
                m_left.erase(id);
            } else {
                m_left.insert(id);
            }
            showCount();
            Q_EMIT changed();
        });
    }
}

void RunChooser::showCount()
{
    const auto count = static_cast<std::int64_t>(ticked().size());
    const auto all = static_cast<std::int64_t>(m_runs.size());
    setText(count == all ? counted(all, tr("run"), tr("runs")) : tr("%1 of %2 runs").arg(count).arg(all));
}

} // namespace dskd::ui
