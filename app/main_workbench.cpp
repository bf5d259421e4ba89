// dskd-workbench: the window on a workspace.

#include "app/workbench/recent_workspaces.h"
#include "app/workbench/start_window.h"
#include "core/base/exit_codes.h"
#include "core/base/version.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace
{

// Sets `line` up. Both the early look and Qt's own reading of the arguments need it.
void describe(QCommandLineParser& line)
{
    line.setApplicationDescription("Distil language models, and watch it. Workers go on when the window is closed.");
    line.addHelpOption();
    line.addVersionOption();
    line.addPositionalArgument("workspace", "Folder of runs; DSKD_WORKSPACE or the last one when it is not given.",
                               "[workspace]");
}

// More than one folder is refused, with the code that the other programs have for it.
std::optional<int> refusedFolders(const QStringList& folders)
{
    if (folders.size() < 2) {
        return std::nullopt;
    }
    std::fprintf(stderr, "dskd-workbench: one workspace is opened, and %d folders are named: %s.\n",
                 static_cast<int>(folders.size()), qPrintable(folders.join(QStringLiteral(", "))));
    return dskd::toInt(dskd::ExitCode::Usage);
}

// What can and must be said without a display, where a QApplication would abort: help, version, and that there is no
// display. Returns the exit code, or nothing when the window can open.
std::optional<int> saidWithoutDisplay(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName("dskd-workbench");
    QCommandLineParser line;
    describe(line);
    const QStringList arguments = QCoreApplication::arguments();
    (void)line.parse(arguments); // Qt's own options (-platform, -style) are unknown here; process() judges later
    if (line.isSet("help")) {
        std::fputs(qPrintable(line.helpText()), stdout);
        return EXIT_SUCCESS;
    }
    if (line.isSet("version")) {
        std::printf("dskd-workbench %s\n", dskd::kVersion);
        return EXIT_SUCCESS;
    }
    if (line.unknownOptionNames().isEmpty()) { // the value of an unknown option looks like a folder
        if (const std::optional<int> code = refusedFolders(line.positionalArguments())) {
            return code;
        }
    }
    const bool chosen = arguments.contains("-platform") || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
    if (!chosen && qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")) {
        std::fputs(
            "dskd-workbench: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). Log in with "
            "\"ssh -X\", or open the workspace folder on a machine with a display; \"dskd\" does the same on the "
            "command line.\n",
            stderr);
        return EXIT_FAILURE;
    }
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv)
{
    if (const std::optional<int> code = saidWithoutDisplay(argc, argv)) {
        return *code;
    }
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName("dskd");
    QCoreApplication::setApplicationName("dskd-workbench");
    QCoreApplication::setApplicationVersion(QLatin1String(dskd::kVersion));
    QGuiApplication::setDesktopFileName(DSKD_APPLICATION_ID);

    QCommandLineParser line;
    describe(line);
    line.process(application);
    if (const std::optional<int> code = refusedFolders(line.positionalArguments())) {
        return *code;
    }

    dskd::ui::applyTheme(application, static_cast<dskd::ui::Appearance>(QSettings().value("appearance", 0).toInt()));
    const QStringList arguments = line.positionalArguments();
    QString folder = arguments.isEmpty() ? qEnvironmentVariable("DSKD_WORKSPACE") : arguments.first();
    const bool asked = !folder.isEmpty();
    if (!asked) {
        folder = dskd::workbench::lastWorkspace();
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
