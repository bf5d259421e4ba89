#include "ui/window/export_dialog.h"

#include "ui/look/theme.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace dskd::ui
{

namespace
{

QString withHome(const QString& path)
{
    return path == QLatin1String("~") || path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path;
}

} // namespace

ExportDialog::ExportDialog(const QString& parentFolder, const QString& name, QWidget* window)
    : QDialog(window), m_parentFolder(new QLineEdit(parentFolder, this)), m_name(new QLineEdit(name, this)),
      m_folder(new QLabel(this))
{
    setObjectName("exportDialog");
    setWindowTitle(tr("Export student"));
    m_parentFolder->setObjectName("exportParent");
    m_name->setObjectName("exportName");
    m_folder->setObjectName("exportFolder");
    m_folder->setTextFormat(Qt::PlainText);
    m_folder->setWordWrap(true);
    setTone(*m_folder, "muted");

    auto* choose = new QToolButton(this);
    choose->setIcon(icon("folder"));
    choose->setToolTip(tr("Choose a folder"));
    choose->setAccessibleName(choose->toolTip());
    connect(choose, &QToolButton::clicked, this, &ExportDialog::browse);
    auto* parentLine = new QHBoxLayout;
    parentLine->addWidget(m_parentFolder, 1);
    parentLine->addWidget(choose);
    auto* parentLabel = new QLabel(tr("&In the folder"), this);
    parentLabel->setBuddy(m_parentFolder);
    auto* form = new QFormLayout;
    form->addRow(parentLabel, parentLine);
    form->addRow(tr("&Name of the new folder"), m_name);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_export = buttons->addButton(tr("Export"), QDialogButtonBox::AcceptRole);
    m_export->setObjectName("exportButton");
    m_export->setDefault(true);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(folder());
        accept();
    });

    auto* layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_folder);
    layout->addStretch();
    layout->addWidget(buttons);
    resize(520, 180);
    for (const QLineEdit* line : {m_parentFolder, m_name}) {
        connect(line, &QLineEdit::textChanged, this, &ExportDialog::showFolder);
    }
    showFolder();
    m_name->setFocus();
    m_name->selectAll();
}

QString ExportDialog::folder() const
{
    const QString name = withHome(m_name->text().trimmed());
    // an absolute path in the second line is taken as it is
    return name.isEmpty() ? QString()
                          : QDir::cleanPath(QDir(withHome(m_parentFolder->text().trimmed())).absoluteFilePath(name));
}

void ExportDialog::showFolder()
{
    const QString path = folder();
    m_folder->setText(path.isEmpty() ? tr("The folder needs a name.")
                                     : tr("Written to %1, which is made where it is missing.").arg(path));
    m_export->setEnabled(!path.isEmpty());
}

void ExportDialog::browse()
{
    auto* dialog = new QFileDialog(this, tr("Folder for the student's folder"), withHome(m_parentFolder->text()));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, m_parentFolder, &QLineEdit::setText);
    dialog->open();
}

} // namespace dskd::ui
