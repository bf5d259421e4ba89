#include "tests/ui/pictures/capture.h"

#include "app/workbench/compose.h"
#include "core/config/schema/experiment_json.h"
#include "tests/support/paths.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/preflight_panel.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/run_list.h"

#include <QDir>
#include <QTabWidget>
#include <QTest>

namespace dskd::test
{
namespace
{

constexpr int kPatienceMs = 30'000;

std::string selectedRun(const ui::RunTreeModel& model)
{
    for (const std::string& id : model.shownRuns()) {
        if (model.indexOf(id).siblingAtColumn(ui::RunTreeModel::Method).data().toString().contains("cma")) {
            return id;
        }
    }
    return model.shownRuns().empty() ? std::string() : model.shownRuns().back();
}

} // namespace

bool showPages(const std::filesystem::path& workspace, QSize size, const Take& take)
{
    const workbench::Workbench bench(workspace);
    ui::MainWindow& window = bench.window();
    window.resize(size);
    window.show();
    window.activateWindow();
    if (!QTest::qWaitForWindowActive(&window) ||
        !QTest::qWaitFor([&] { return !window.runModel().shownRuns().empty(); }, kPatienceMs)) {
        return false;
    }
    window.runList().select({selectedRun(window.runModel())});
    for (int page = 0; page < window.pages().count(); ++page) {
        window.pages().setCurrentIndex(page);
        if (!take(window, window.pages().tabText(page).toLower())) {
            return false;
        }
    }
    return true;
}

bool showExperimentDialog(const Take& take)
{
    auto experiment = config::loadExperiment(sourceDir() + "/experiments/demo/cma.json");
    experiment->method.alignment = config::Alignment::None; // so that there is a remedy to see
    QDir::setCurrent(QString::fromStdString(sourceDir()));
    for (std::string* path : {&experiment->teacher.model, &experiment->student.model, &experiment->data.train,
                              &experiment->data.validation}) {
        *path = std::filesystem::relative(*path, sourceDir()).string(); // a picture shows no one's own folders
    }
    ui::ExperimentDialog dialog(*experiment);
    dialog.show();
    dialog.activateWindow();
    if (!QTest::qWaitForWindowActive(&dialog) ||
        !QTest::qWaitFor([&] { return !dialog.preflight().busy(); }, kPatienceMs) || !take(dialog, "experiment")) {
        return false;
    }
    dialog.findChild<QTabWidget*>()->setCurrentIndex(1);
    return take(dialog, "method");
}

} // namespace dskd::test
