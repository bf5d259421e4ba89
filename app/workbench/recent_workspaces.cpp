#include "app/workbench/recent_workspaces.h"

#include "core/base/run_layout.h"

#include <QSettings>
#include <system_error>

namespace dskd::workbench
{
namespace
{

constexpr qsizetype kKept = 8;
constexpr const char* kRecent = "recentWorkspaces";
constexpr const char* kLast = "lastWorkspace";

bool isThere(const QString& folder)
{
    std::error_code error;
    return std::filesystem::exists(WorkspaceLayout{folder.toStdString()}.database(), error);
}

} // namespace

QStringList recentWorkspaces()
{
    QStringList found;
    const QStringList noted = QSettings().value(kRecent).toStringList();
    for (const QString& folder : noted) {
        if (isThere(folder)) {
            found += folder;
        }
    }
    return found;
}

void noteOpened(const std::filesystem::path& workspace)
{
    const QString folder = QString::fromStdString(workspace.string());
    QStringList noted = QSettings().value(kRecent).toStringList();
    noted.removeAll(folder);
    noted.prepend(folder);
    QSettings().setValue(kRecent, QStringList(noted.mid(0, kKept)));
    QSettings().setValue(kLast, folder);
}

QString lastWorkspace()
{
    return QSettings().value(kLast).toString();
}

} // namespace dskd::workbench
