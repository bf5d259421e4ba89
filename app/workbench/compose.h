#pragma once

#include <QObject>
#include <filesystem>
#include <memory>

namespace dskd::ui
{
class MainWindow;
}

namespace dskd::workbench
{

// One open workspace: its feeds, its window, and who talks to whom. The one place that knows all pages.
class Workbench final : public QObject
{
    Q_OBJECT
public:
    explicit Workbench(const std::filesystem::path& workspace, QObject* parent = nullptr);
    ~Workbench() override;

    [[nodiscard]] ui::MainWindow& window() const;

private:
    void addPages();
    void connectExperiments();
    void connectWorkspaces();

    class Private;
    std::unique_ptr<Private> d;
};

} // namespace dskd::workbench
