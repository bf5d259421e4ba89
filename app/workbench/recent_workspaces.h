#pragma once

#include <QStringList>
#include <filesystem>

namespace dskd::workbench
{

// The workspaces that were opened last, the newest first; at most eight, without those that are gone.
[[nodiscard]] QStringList recentWorkspaces();
// Puts this one first. It is what the program opens when it is started without a folder.
void noteOpened(const std::filesystem::path& workspace);
// The one that was opened last, also when it is gone; empty: none yet.
[[nodiscard]] QString lastWorkspace();

} // namespace dskd::workbench
