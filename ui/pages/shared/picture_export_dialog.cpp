#include "ui/pages/shared/picture_export_dialog.h"

#include "ui/feed/background.h"
#include "ui/look/theme.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QPainter>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kCsv = 100; // in the list of formats, beside the values of PictureFormat
constexpr QSize kPreview(420, 280);

// A name that every file system takes.
QString fileName(const QString& title)
{
    static const QRegularExpression odd(QStringLiteral("[^\\w.-]+"), QRegularExpression::UseUnicodePropertiesOption);
    QString name = title;
    name.replace(odd, QStringLiteral("-"));
    constexpr int kLongest = 80;
    return name.left(kLongest);
}

} // namespace

PictureExportDialog::PictureExportDialog(ExportSubject subject, Background& background, QWidget* parent)
    : QDialog(parent), m_subject(std::move(subject)), m_background(background), m_format(new QComboBox(this)),
      m_width(new QDoubleSpinBox(this)), m_height(new QDoubleSpinBox(this)), m_dpi(new QSpinBox(this)),
      m_preview(new QLabel(this)), m_trouble(new QLabel(this))
{
    setWindowTitle(tr("Export: %1").arg(m_subject.title));
    m_format->setObjectName(QStringLiteral("format"));
    m_format->addItem(tr("PNG, a picture"), static_cast<int>(PictureFormat::Png));
    m_format->addItem(tr("SVG, for web pages and drawing programs"), static_cast<int>(PictureFormat::Svg));
    m_format->addItem(tr("PDF, for LaTeX"), static_cast<int>(PictureFormat::Pdf));
    if (m_subject.writeCsv) {
        m_format->addItem(tr("CSV, every recorded number"), kCsv);
    }
    const PictureSize usual;
    const auto setUp = [](QDoubleSpinBox& box, double value) {
        box.setRange(10.0, 1000.0);
        box.setDecimals(1);
        box.setSuffix(tr(" mm"));
        box.setValue(value);
    };
    setUp(*m_width, usual.widthMm);
    setUp(*m_height, usual.widthMm * m_subject.heightPerWidth);
    m_width->setObjectName(QStringLiteral("width"));
    m_height->setObjectName(QStringLiteral("height"));
    m_dpi->setObjectName(QStringLiteral("dpi"));
    m_dpi->setRange(36, 2400);
    m_dpi->setSuffix(tr(" dpi"));
    m_dpi->setValue(usual.dpi);
    m_preview->setFixedSize(kPreview);
    m_preview->setAlignment(Qt::AlignCenter);
    m_preview->setAccessibleName(tr("What the file will look like"));
    m_trouble->setObjectName(QStringLiteral("trouble"));
    m_trouble->setWordWrap(true);
    m_trouble->setTextFormat(Qt::PlainText);
    setTone(*m_trouble, "bad");
    m_trouble->hide();

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_save = buttons->button(QDialogButtonBox::Save);
    m_save->setText(tr("Save as\u2026"));
    auto* form = new QFormLayout;
    form->addRow(tr("Format"), m_format);
    form->addRow(tr("Width"), m_width);
    form->addRow(tr("Height"), m_height);
    form->addRow(tr("Resolution"), m_dpi);
    auto* all = new QVBoxLayout(this);
    all->addLayout(form);
    all->addWidget(m_preview);
    all->addWidget(m_trouble);
    all->addWidget(buttons);

    connect(m_format, &QComboBox::currentIndexChanged, this, &PictureExportDialog::showFields);
    for (QDoubleSpinBox* box : {m_width, m_height}) {
        connect(box, &QDoubleSpinBox::valueChanged, this, &PictureExportDialog::showPreview);
    }
    connect(buttons, &QDialogButtonBox::accepted, this, &PictureExportDialog::chooseFile);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    showFields();
}

PictureSize PictureExportDialog::size() const
{
    return {m_width->value(), m_height->value(), m_dpi->value()};
}

QString PictureExportDialog::ending() const
{
    const int format = m_format->currentData().toInt();
    return format == kCsv ? QStringLiteral("csv") : endingOf(static_cast<PictureFormat>(format));
}

void PictureExportDialog::showEvent(QShowEvent* event)
{
    QDialog::showEvent(event);
    showPreview();
}

void PictureExportDialog::showFields()
{
    const int format = m_format->currentData().toInt();
    m_width->setEnabled(format != kCsv);
    m_height->setEnabled(format != kCsv);
    m_dpi->setEnabled(format == static_cast<int>(PictureFormat::Png));
    m_preview->setVisible(format != kCsv);
    showPreview();
}

void PictureExportDialog::showPreview()
{
    if (!isVisible()) {
        return;
    }
    constexpr double kUnitsPerMm = 96.0 / 25.4;
    const QRectF target(0.0, 0.0, m_width->value() * kUnitsPerMm, m_height->value() * kUnitsPerMm);
    const double scale = std::min(kPreview.width() / target.width(), kPreview.height() / target.height());
    QPixmap picture((target.size() * scale * devicePixelRatioF()).toSize());
    picture.setDevicePixelRatio(devicePixelRatioF());
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.scale(scale, scale);
    m_subject.paint(painter, target);
    painter.end();
    m_preview->setPixmap(picture);
}

void PictureExportDialog::chooseFile()
{
    auto* dialog = new QFileDialog(this, windowTitle());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(ending());
    dialog->selectFile(fileName(m_subject.title) + QLatin1Char('.') + ending());
    connect(dialog, &QFileDialog::fileSelected, this, &PictureExportDialog::writeTo);
    dialog->open();
}

void PictureExportDialog::showTrouble(const Failure& why)
{
    m_trouble->setText(QString::fromStdString(why.text()));
    m_trouble->show();
    m_save->setEnabled(true);
}

void PictureExportDialog::writeTo(const QString& file)
{
    m_trouble->hide();
    m_save->setEnabled(false); // one at a time
    // The dialog may be closed by then; the page gets the result all the same.
    const auto told = [dialog = QPointer<PictureExportDialog>(this), said = m_subject.said](const QString& sentence) {
        if (said) {
            said(sentence);
        }
        if (dialog) {
            Q_EMIT dialog->finishedWriting(sentence);
        }
    };
    const int format = m_format->currentData().toInt();
    if (format == kCsv) {
        m_subject.writeCsv(file, [told, dialog = QPointer<PictureExportDialog>(this)](const QString& sentence) {
            told(sentence);
            if (dialog) {
                dialog->accept();
            }
        });
        return;
    }
    Result<PaintedPicture> painted =
        paintPicture(m_subject.paint, static_cast<PictureFormat>(format), size(), m_subject.title);
    if (!painted) {
        showTrouble(painted.failure());
        told(m_trouble->text());
        return;
    }
    m_background.run(
        &m_background,
        [picture = std::move(*painted), file](const std::atomic<bool>&) { return writePainted(picture, file); },
        [told, file, dialog = QPointer<PictureExportDialog>(this)](const Result<void>& written) {
            if (dialog && !written) {
                dialog->showTrouble(written.failure());
            }
            told(written ? tr("saved as %1").arg(file) : QString::fromStdString(written.failure().text()));
            if (dialog && written) {
                dialog->accept();
            }
        });
}

} // namespace dskd::ui
