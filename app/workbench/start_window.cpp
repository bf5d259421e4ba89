#include "app/workbench/start_window.h"

#include "app/workbench/compose.h"
#include "core/base/result.h"
#include "core/store/workspace_db.h"
#include "ui/look/theme.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QFileDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QVBoxLayout>
#include <filesystem>

namespace dskd::workbench
{

StartWindow::StartWindow(const QString& trouble, QWidget* parent) : QWidget(parent)
{
    setWindowTitle(tr("DSKD Workbench"));
    setWindowIcon(QIcon(":/icons/dskd.svg"));
    auto* picture = new QLabel(this);
    picture->setPixmap(QIcon(":/icons/dskd.svg").pixmap(72, 72));
    picture->setAlignment(Qt::AlignCenter);
    auto* name = new QLabel(tr("DSKD Workbench"), this);
    name->setFont(ui::titleFont());
    name->setAlignment(Qt::AlignCenter);
    auto* what = new QLabel(
        trouble.isEmpty() ? tr("A workspace is a folder that holds runs, their curves and checkpoints.") : trouble,
        this);
    what->setWordWrap(true);
    what->setAlignment(Qt::AlignCenter);
    what->setProperty(trouble.isEmpty() ? "muted" : "tone", trouble.isEmpty() ? QVariant(true) : QVariant("bad"));
    auto* open = new QPushButton(tr("Open or make a workspace …"), this);
    open->setProperty("primary", true);
    open->setDefault(true);
    auto* demo = new QLabel(tr("The demo: packaging/run.sh, or \"dskd demo\" in a terminal."), this);
    demo->setAlignment(Qt::AlignCenter);
    demo->setProperty("muted", true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(48, 32, 48, 32);
    layout->setSpacing(ui::kSpace3);
    layout->addStretch();
    for (QWidget* widget : {static_cast<QWidget*>(picture), static_cast<QWidget*>(name), static_cast<QWidget*>(what)}) {
        layout->addWidget(widget);
    }
    layout->addWidget(open, 0, Qt::AlignHCenter);
    layout->addWidget(demo);
    layout->addStretch();
    resize(560, 380);
    connect(open, &QPushButton::clicked, this, [this] { askForWorkspace(this); });
}

bool openWorkspace(const QString& folder, QString* trouble)
{
    const std::filesystem::path path = std::filesystem::absolute(folder.toStdString()).lexically_normal();
    if (const auto workspace = store::WorkspaceDb::open(path); !workspace) {
        if (trouble != nullptr) {
            *trouble = QString::fromStdString(workspace.failure().text());
        }
        return false;
    }
    auto* workbench = new Workbench(path, qApp);
    // with its window go its threads and points; deleted before the application ends, also when it is the last
    QObject::connect(&workbench->window(), &ui::MainWindow::closed, workbench, &QObject::deleteLater);
    workbench->window().show();
    return true;
}

namespace
{

void showWarning(const QString& sentence, QWidget* parent)
{
    auto* box = new QMessageBox(QMessageBox::Warning, StartWindow::tr("Workspace"), sentence, QMessageBox::Ok, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace

void askForWorkspace(QWidget* parent)
{
    auto* dialog = new QFileDialog(parent, StartWindow::tr("Workspace folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [parent](const QString& folder) {
        const auto opened = [parent] {
            if (auto* start = qobject_cast<StartWindow*>(parent)) {
                start->close();
            }
        };
        QString trouble;
        if (openWorkspace(folder, &trouble)) {
            opened();
            return;
        }
        const Result<bool> isOne = store::WorkspaceDb::isWorkspace(folder.toStdString());
        if (!isOne || *isOne) {
            showWarning(trouble, parent); // it cannot be opened: unreadable, locked, damaged or of a newer version
            return;
        }
        auto* box = new QMessageBox(QMessageBox::Question, StartWindow::tr("Workspace"),
                                    StartWindow::tr("%1 is no workspace yet. Make it one?").arg(folder),
                                    QMessageBox::Cancel, parent);
        const auto* make = box->addButton(StartWindow::tr("Make a workspace"), QMessageBox::AcceptRole);
        box->setAttribute(Qt::WA_DeleteOnClose);
        QObject::connect(make, &QPushButton::clicked, parent, [folder, opened, parent] {
            QString why;
            if (const auto made = store::WorkspaceDb::create(folder.toStdString()); !made) {
                showWarning(QString::fromStdString(made.failure().text()), parent);
            } else if (openWorkspace(folder, &why)) {
                opened();
            } else {
                showWarning(why, parent);
            }
        });
        box->open();
    });
    dialog->open();
}

} // namespace dskd::workbench
