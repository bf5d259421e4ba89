// dskd-workbench: the window on a workspace.

#include "app/workbench/start_window.h"
#include "core/base/version.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName("dskd");
    QCoreApplication::setApplicationName("dskd-workbench");
    QCoreApplication::setApplicationVersion(QLatin1String(dskd::kVersion));
    QGuiApplication::setDesktopFileName("dskd-workbench");

    QCommandLineParser line;
    line.setApplicationDescription("Distil language models, and watch it. Workers go on when the window is closed.");
    line.addHelpOption();
    line.addVersionOption();
    line.addPositionalArgument("workspace", "Folder of runs; DSKD_WORKSPACE or the last one when it is not given.",
                               "[workspace]");
    line.process(application);

    dskd::ui::applyTheme(application, static_cast<dskd::ui::Appearance>(QSettings().value("appearance", 0).toInt()));
    const QStringList arguments = line.positionalArguments();
    QString folder = arguments.isEmpty() ? qEnvironmentVariable("DSKD_WORKSPACE") : arguments.first();
    const bool asked = !folder.isEmpty();
    if (!asked) {
        folder = QSettings().value("lastWorkspace").toString();
    }
    QString trouble;
    if (!folder.isEmpty() && dskd::workbench::openWorkspace(folder, &trouble)) {
        return QApplication::exec();
    }
    if (asked) {
        std::fprintf(stderr, "%s\n", qPrintable(trouble));
    }
    dskd::workbench::StartWindow start(asked ? trouble : QString());
    start.show();
    return QApplication::exec();
}
