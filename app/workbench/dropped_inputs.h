#pragma once

#include <QObject>
#include <filesystem>
#include <memory>
#include <vector>

namespace dskd::ui
{
class Background;
class MainWindow;
class PairsPage;
} // namespace dskd::ui

namespace dskd::workbench
{

// What is dropped on the window, on whatever page: folders become models of the workspace, files become data sets. One
// message says what was added and why the rest was not; the page of pairs shows it. GUI thread only.
class DroppedInputs final : public QObject
{
    Q_OBJECT
public:
    DroppedInputs(std::filesystem::path workspace, ui::MainWindow& window, ui::PairsPage& pairs);
    ~DroppedInputs() override;

    void add(const std::vector<std::filesystem::path>& paths);

private:
    std::filesystem::path m_workspace;
    ui::MainWindow& m_window;
    ui::PairsPage& m_pairs;
    std::unique_ptr<ui::Background> m_reading; // models are large: others do not wait for them
};

} // namespace dskd::workbench
