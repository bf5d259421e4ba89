#include "ui/window/student_export.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>

namespace dskd::ui
{

namespace
{

// The command line beside this program, else on the PATH.
QString commandLine()
{
    const QString beside = QCoreApplication::applicationDirPath() + "/dskd";
    return QFileInfo(beside).isExecutable() ? beside : QStandardPaths::findExecutable("dskd");
}

} // namespace

StudentExport::StudentExport(std::filesystem::path workspace, std::string runId, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)), m_run(std::move(runId))
{
}

void StudentExport::ask(QWidget* window)
{
    auto* dialog = new QFileDialog(window, tr("Folder for the student"));
    dialog->setObjectName("exportFolder");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setLabelText(QFileDialog::Accept, tr("Export"));
    connect(dialog, &QFileDialog::fileSelected, this, &StudentExport::exportTo);
    connect(dialog, &QDialog::rejected, this, &QObject::deleteLater);
    dialog->open();
}

void StudentExport::exportTo(const QString& folder)
{
    const QString program = commandLine();
    if (program.isEmpty()) {
        Q_EMIT finished(false, tr("The command line \"dskd\" was not found beside this program or on the PATH."),
                        tr("Build it, or put it beside dskd-workbench."));
        deleteLater();
        return;
    }
    auto* process = new QProcess(this);
    connect(process, &QProcess::finished, this, [this, process, folder](int code) {
        const QJsonObject answer = QJsonDocument::fromJson(process->readAllStandardOutput()).object();
        if (code == 0) {
            Q_EMIT finished(true, tr("The student is in %1 now.").arg(folder),
                            tr("AutoModelForCausalLM.from_pretrained and AutoTokenizer load it as it is."));
        } else {
            const QJsonObject error = answer["error"].toObject();
            const QString what = error["what"].toString();
            Q_EMIT finished(false, what.isEmpty() ? QString::fromUtf8(process->readAllStandardError()).trimmed() : what,
                            error["hint"].toString());
        }
        deleteLater();
    });
    connect(process, &QProcess::errorOccurred, this, [this, process, program](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) { // the others end in finished()
            Q_EMIT finished(false, tr("%1 could not be started: %2.").arg(program, process->errorString()), {});
            deleteLater();
        }
    });
    process->start(program, {"export", QString::fromStdString(m_run), "--to", folder, "--json", "-w",
                             QString::fromStdString(m_workspace.string())});
}

} // namespace dskd::ui
