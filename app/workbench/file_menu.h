#pragma once

#include <QObject>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

class QAction;

namespace dskd::ui
{
class Background;
class MainWindow;
} // namespace dskd::ui

namespace dskd::workbench
{

// What the File menu has besides the window's own: the workspaces that were open before, and the shown runs as a report
// or as event files of TensorBoard, written on a thread of its own. GUI thread only.
class FileMenu final : public QObject
{
    Q_OBJECT
public:
    FileMenu(std::filesystem::path workspace, ui::MainWindow& window);
    ~FileMenu() override;

    // Of the shown runs; what became of it is a message of the window.
    void writeReport(const QString& file);
    void writeEventFiles(const QString& folder);

private:
    void addRecent();
    QAction* add(const QString& name, const QString& text, const QString& tip);
    // Empty where no run is shown, which the window then reports.
    [[nodiscard]] std::vector<std::string> shownRuns();

    std::filesystem::path m_workspace;
    ui::MainWindow& m_window;
    std::unique_ptr<ui::Background> m_writing;
};

} // namespace dskd::workbench
