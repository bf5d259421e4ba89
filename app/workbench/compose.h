#pragma once

#include "ui/look/findable.h"

#include <QObject>
#include <filesystem>
#include <memory>
#include <vector>

namespace dskd::config
{
struct Experiment;
}

namespace dskd::ui
{
class MainWindow;
class Page;
} // namespace dskd::ui

namespace dskd::workbench
{

// One open workspace: its feeds, its window, its pages, and what is connected to what.
class Workbench final : public QObject
{
    Q_OBJECT
public:
    explicit Workbench(const std::filesystem::path& workspace, QObject* parent = nullptr);
    ~Workbench() override;

    [[nodiscard]] ui::MainWindow& window() const;

private:
    void linkSteps(); // the sliders of the pages with each other, by the settings
    void addPages();
    void showAlignment(const config::Experiment& experiment, qint64 line); // on the page that has it
    [[nodiscard]] std::vector<ui::Findable> findablesOn(ui::Page& page);
    void keepState(ui::Page& page, const QString& name); // in the settings, per workspace
    void connectExperiments();
    void connectFindings();
    void connectWorkspaces();

    class Private;
    std::unique_ptr<Private> d;
};

} // namespace dskd::workbench
