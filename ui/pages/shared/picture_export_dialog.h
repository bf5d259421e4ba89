#pragma once

#include "ui/pages/shared/picture_export.h"

#include <QDialog>
#include <QStringList>
#include <functional>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace dskd::ui
{

class Background;

// What can be exported of a chart, a map or a table.
struct ExportSubject {
    QString title;      // of the window, of the file's metadata, and what its name is made of
    PaintPicture paint; // in the colours of paper
    // Writes the numbers and calls back, at once or later, with a sentence for the person. Empty: it has no numbers to
    // give.
    std::function<void(const QString& file, std::function<void(const QString& sentence)> done)> writeCsv;
    double heightPerWidth = 0.65; // to begin with
    // Gets what finishedWriting emits, also when the dialog is closed by then. May be empty; guards its own page.
    std::function<void(const QString& sentence)> said = {};
};

// Asks for format, size in mm and resolution, shows what comes out, and writes the file. Always in the colours of
// paper. Shown with open(). Pictures are painted here, encoded and written in the background. GUI thread only.
class PictureExportDialog final : public QDialog
{
    Q_OBJECT
public:
    // `background` outlives the dialog's last use.
    PictureExportDialog(ExportSubject subject, Background& background, QWidget* parent);

    // In the format and size that are set; shows in the dialog when it cannot be written. At once or later:
    // finishedWriting.
    void writeTo(const QString& file);
    [[nodiscard]] PictureSize size() const;

Q_SIGNALS:
    void finishedWriting(const QString& sentence); // "saved as …"; or why not

protected:
    void showEvent(QShowEvent* event) override;

private:
    void chooseFile();
    void showTrouble(const Failure& why);
    void showPreview();
    void showFields(); // those that the format has
    [[nodiscard]] QString ending() const;

    ExportSubject m_subject;
    Background& m_background;
    QComboBox* m_format;
    QDoubleSpinBox* m_width;
    QDoubleSpinBox* m_height;
    QSpinBox* m_dpi;
    QLabel* m_preview;
    QLabel* m_trouble;
    QPushButton* m_save = nullptr;
};

} // namespace dskd::ui
