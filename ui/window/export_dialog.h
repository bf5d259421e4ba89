#pragma once

#include <QDialog>

class QLabel;
class QLineEdit;
class QPushButton;

namespace dskd::ui
{

// Asks for the folder that an export is to write: a folder that exists, and the name of one in it, which need not. (A
// QFileDialog for folders takes none that has still to be made.) It looks at no disk itself. GUI thread only.
class ExportDialog final : public QDialog
{
    Q_OBJECT
public:
    // What the two lines begin with.
    ExportDialog(const QString& parentFolder, const QString& name, QWidget* window);

    // The absolute path of what is typed now; "~" is the home folder. Empty while there is no name.
    [[nodiscard]] QString folder() const;

Q_SIGNALS:
    void chosen(const QString& folder);

private:
    void browse();
    void showFolder();

    QLineEdit* m_parentFolder;
    QLineEdit* m_name;
    QLabel* m_folder;
    QPushButton* m_export;
};

} // namespace dskd::ui
