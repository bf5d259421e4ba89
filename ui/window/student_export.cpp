#include "ui/window/student_export.h"

#include "ui/look/window_words.h"
#include "ui/window/export_dialog.h"

#include <QDir>
#include <QMessageBox>
#include <QPushButton>
#include <atomic>

namespace dskd::ui
{

StudentExport::StudentExport(RunLayout run, QWidget* window)
    : QObject(window), m_run(std::move(run)), m_window(window), m_background(QStringLiteral("export"))
{
}

void StudentExport::askForFolder()
{
    // The id as its name: what is written says which run it is from.
    auto* dialog = new ExportDialog(QDir::homePath(), QString::fromStdString(m_run.root.filename().string()), m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ExportDialog::chosen, this, &StudentExport::exportTo);
    connect(dialog, &QDialog::rejected, this, &QObject::deleteLater);
    dialog->open();
}

void StudentExport::exportTo(const QString& folder)
{
    m_background.run(
        this,
        [run = m_run, to = folder.toStdString()](const std::atomic<bool>&) {
            return exporting::planExport(run, std::nullopt, exporting::ExportedAs::Model, to);
        },
        [this](const Result<exporting::ExportPlan>& plan) {
            if (!plan) {
                fail(plan.failure());
            } else if (plan->occupied) {
                askBeforeOverwriting(*plan);
            } else {
                carryOut(*plan, exporting::Existing::Refuse);
            }
        });
}

void StudentExport::askBeforeOverwriting(const exporting::ExportPlan& plan)
{
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Export student"),
                                tr("%1 is not empty.").arg(QString::fromStdString(plan.to.string())),
                                QMessageBox::Cancel, m_window);
    box->setObjectName("confirmOverwrite");
    box->setInformativeText(tr("Files of the student replace those of the same names. Other files stay."));
    const auto* overwrite = box->addButton(tr("Overwrite"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel); // Enter must not overwrite
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(box, &QDialog::finished, this, [this, box, overwrite, plan] {
        if (box->clickedButton() == overwrite) {
            carryOut(plan, exporting::Existing::Overwrite);
        } else {
            deleteLater();
        }
    });
    box->open();
}

void StudentExport::carryOut(const exporting::ExportPlan& plan, exporting::Existing existing)
{
    const QString folder = QString::fromStdString(plan.to.string());
    Q_EMIT started(tr("Writing the student of step %1 to %2 \u2026").arg(plan.step).arg(folder));
    m_background.run(
        this,
        [plan, existing](const std::atomic<bool>& cancelled) { return exporting::carryOut(plan, existing, cancelled); },
        [this, folder](const Result<std::vector<std::string>>& files) {
            if (files) {
                finish(true, tr("The student is in %1 now.").arg(folder),
                       tr("AutoModelForCausalLM.from_pretrained and AutoTokenizer load it as it is."));
            } else {
                fail(files.failure());
            }
        });
}

void StudentExport::fail(const Failure& failure)
{
    finish(false, windowWords(failure.what), windowWords(failure.hint));
}

void StudentExport::finish(bool done, const QString& what, const QString& hint)
{
    Q_EMIT finished(done, what, hint);
    deleteLater();
}

} // namespace dskd::ui
