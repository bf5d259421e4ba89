// Pictures of every page of the workbench, as the README shows them.
//   screenshots [WORKSPACE] FOLDER      without a workspace: one with made-up runs

#include "app/workbench/compose.h"
#include "core/config/schema/experiment_json.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/preflight_panel.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/run_list.h"

#include <QApplication>
#include <QDir>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <cstdio>

namespace
{

using namespace dskd;

bool save(QWidget& widget, const QString& folder, const QString& name)
{
    const QString file = folder + '/' + name + ".png";
    const bool saved = widget.grab().save(file);
    std::printf("%s %s\n", saved ? "wrote" : "could not write", qPrintable(file));
    return saved;
}

// The run whose alignment there is to see, else the last.
std::string selectedRun(const ui::RunTreeModel& model)
{
    for (const std::string& id : model.shownRuns()) {
        if (model.indexOf(id).siblingAtColumn(ui::RunTreeModel::Method).data().toString().contains("cma")) {
            return id;
        }
    }
    return model.shownRuns().empty() ? std::string() : model.shownRuns().back();
}

bool picturesOf(const std::filesystem::path& workspace, const QString& folder, const QString& look, QSize size)
{
    const workbench::Workbench bench(workspace);
    ui::MainWindow& window = bench.window();
    window.resize(size);
    window.show();
    if (!QTest::qWaitFor([&] { return !window.runModel().shownRuns().empty(); }, 20'000)) {
        std::fprintf(stderr, "%s shows no run\n", workspace.c_str());
        return false;
    }
    window.runList().select({selectedRun(window.runModel())});
    bool good = true;
    for (int page = 0; page < window.pages().count(); ++page) {
        window.pages().setCurrentIndex(page);
        QTest::qWait(1500); // what is read in the background has arrived
        const QString name = window.pages().tabText(page).toLower();
        good = save(window, folder, QStringLiteral("%1-%2-%3").arg(name, look).arg(size.width())) && good;
    }
    return good;
}

bool pictureOfDialog(const QString& folder, const QString& look)
{
    auto experiment = config::loadExperiment(test::sourceDir() + "/experiments/demo/cma.json");
    experiment->method.alignment = config::Alignment::None; // so that there is a remedy to see
    QDir::setCurrent(QString::fromStdString(test::sourceDir()));
    for (std::string* path : {&experiment->teacher.model, &experiment->student.model, &experiment->data.train,
                              &experiment->data.validation}) {
        *path = std::filesystem::relative(*path, test::sourceDir()).string(); // a picture shows no one's own folders
    }
    ui::ExperimentDialog dialog(*experiment);
    dialog.show();
    const bool checked = QTest::qWaitFor([&] { return !dialog.preflight().busy(); }, 20'000);
    QTest::qWait(100);
    const bool first = checked && save(dialog, folder, "experiment-" + look);
    dialog.findChild<QTabWidget*>()->setCurrentIndex(1); // every switch of the method
    QTest::qWait(100);
    return first && save(dialog, folder, "method-" + look);
}

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "screenshots [WORKSPACE] FOLDER\n");
        return 2;
    }
    const test::TemporaryFolder temporary;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                       QString::fromStdString((temporary / "settings").string()));
    std::filesystem::path workspace = argv[1];
    if (argc == 2) {
        workspace = temporary / "workspace";
        auto made = store::WorkspaceDb::create(workspace);
        test::fillSampleWorkspace(*made);
    }
    const QString folder = QDir(QString::fromLocal8Bit(argv[argc - 1])).absolutePath();
    std::filesystem::create_directories(folder.toStdString());
    bool good = true;
    for (const auto& [appearance, look] : {std::pair(ui::Appearance::Light, "light"), {ui::Appearance::Dark, "dark"}}) {
        ui::applyTheme(application, appearance);
        good = picturesOf(std::filesystem::absolute(workspace), folder, look, {1280, 720}) && good;
        good = pictureOfDialog(folder, look) && good;
    }
    ui::applyTheme(application, ui::Appearance::Light);
    good = picturesOf(std::filesystem::absolute(workspace), folder, "light", {1920, 1080}) && good;
    return good ? 0 : 1;
}
