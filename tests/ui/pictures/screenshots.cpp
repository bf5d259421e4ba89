// Takes the pictures of the guide and of the README anew, from a finished demo workspace:
//   screenshots WORKSPACE resources/guide/pictures
// A picture has the name of its page ("curves.png"), or is "experiment.png" or "method.png" of the dialog. Written are
// those that the folder has already, and all where it has none. report.png is not of the window: it is the top of a
// report.html in a browser, 1100 pixels wide.

#include "tests/support/temporary_folder.h"
#include "tests/ui/pictures/capture.h"
#include "tests/ui/pictures/picture.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QDir>
#include <QSettings>
#include <QStringList>
#include <cstdio>

int main(int argc, char** argv)
{
    using namespace dskd;
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    if (argc != 3) {
        std::fprintf(stderr, "screenshots WORKSPACE FOLDER\n");
        return 2;
    }
    const test::TemporaryFolder temporary;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                       QString::fromStdString((temporary / "settings").string()));
    std::filesystem::path workspace = std::filesystem::absolute(argv[1]).lexically_normal();
    if (!workspace.has_filename()) { // a slash at its end
        workspace = workspace.parent_path();
    }
    const QString folder = QDir(QString::fromLocal8Bit(argv[2])).absolutePath();
    std::filesystem::create_directories(folder.toStdString());
    QStringList left = QDir(folder).entryList({"*.png"}, QDir::Files);
    const bool all = left.isEmpty();
    const test::Take save = [&](QWidget& widget, const QString& name) {
        const QString file = name + ".png";
        if (!all && left.removeAll(file) == 0) {
            return true; // no page of the guide shows it
        }
        const bool saved = test::steadyPicture(widget).save(folder + '/' + file);
        std::printf("%s %s\n", saved ? "wrote" : "could not write", qPrintable(file));
        return saved;
    };
    ui::applyTheme(application, ui::Appearance::Light);
    QDir::setCurrent(QString::fromStdString(workspace.parent_path().string())); // the status bar shows the path given
    const bool good = test::showPages(workspace.filename(), {1280, 720}, save) && test::showExperimentDialog(save);
    for (const QString& file : left) {
        std::printf("left %s as it is\n", qPrintable(file));
    }
    return good ? 0 : 1;
}
