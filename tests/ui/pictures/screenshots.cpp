// The pictures of the README, from a finished demo workspace:
//   screenshots WORKSPACE FOLDER

#include "tests/support/temporary_folder.h"
#include "tests/ui/pictures/capture.h"
#include "tests/ui/pictures/picture.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QDir>
#include <QSettings>
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
    const std::filesystem::path workspace = std::filesystem::absolute(argv[1]);
    const QString folder = QDir(QString::fromLocal8Bit(argv[2])).absolutePath();
    std::filesystem::create_directories(folder.toStdString());
    const auto save = [&](const QString& suffix) -> test::Take {
        return [folder, suffix](QWidget& widget, const QString& name) {
            const QString file = folder + '/' + name + suffix + ".png";
            const bool saved = test::steadyPicture(widget).save(file);
            std::printf("%s %s\n", saved ? "wrote" : "could not write", qPrintable(file));
            return saved;
        };
    };
    bool good = true;
    for (const auto& [appearance, look] : {std::pair(ui::Appearance::Light, "light"), {ui::Appearance::Dark, "dark"}}) {
        ui::applyTheme(application, appearance);
        good = test::showPages(workspace, {1280, 720}, save(QStringLiteral("-%1-1280").arg(look))) && good;
        good = test::showExperimentDialog(save(QStringLiteral("-%1").arg(look))) && good;
    }
    ui::applyTheme(application, ui::Appearance::Light);
    good = test::showPages(workspace, {1920, 1080}, save("-light-1920")) && good;
    return good ? 0 : 1;
}
