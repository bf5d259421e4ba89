#include "ui/pages/shared/picture_export.h"

#include <QBuffer>
#include <QImage>
#include <QMarginsF>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <cmath>

namespace dskd::ui
{
namespace
{

constexpr double kUnitsPerInch = 96.0;
constexpr double kMmPerInch = 25.4;
constexpr double kMostPixels = 200e6; // 800 MB

double unitsOf(double mm)
{
    return mm / kMmPerInch * kUnitsPerInch;
}

Result<void> paintPng(const PaintPicture& paint, const PictureSize& size, const QRectF& target, QIODevice& out)
{
    const double scale = size.dpi / kUnitsPerInch;
    const QSizeF pixels = target.size() * scale;
    if (pixels.width() * pixels.height() > kMostPixels) {
        return Failure{"A picture of " + std::to_string(std::lround(pixels.width())) + " x " +
                           std::to_string(std::lround(pixels.height())) + " pixels is too large.",
                       "Lower the resolution, or save it as SVG or PDF, which have no pixels."};
    }
    QImage image(static_cast<int>(std::lround(pixels.width())), static_cast<int>(std::lround(pixels.height())),
                 QImage::Format_ARGB32_Premultiplied);
    if (image.isNull()) {
        return Failure{"There is no memory for a picture of this size.", "Lower the resolution."};
    }
    const int perMeter = static_cast<int>(std::lround(size.dpi / kMmPerInch * 1000.0));
    image.setDotsPerMeterX(perMeter);
    image.setDotsPerMeterY(perMeter);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.scale(scale, scale);
    paint(painter, target);
    painter.end();
    image.save(&out, "PNG");
    return {};
}

void paintSvg(const PaintPicture& paint, const QRectF& target, const QString& title, QIODevice& out)
{
    QSvgGenerator generator;
    generator.setOutputDevice(&out);
    generator.setResolution(static_cast<int>(kUnitsPerInch)); // so that its size is told in mm
    generator.setSize(target.size().toSize());
    generator.setViewBox(target);
    generator.setTitle(title);
    QPainter painter(&generator);
    paint(painter, target);
}

void paintPdf(const PaintPicture& paint, const PictureSize& size, const QRectF& target, const QString& title,
              QIODevice& out)
{
    constexpr int kResolution = 1200;
    QPdfWriter writer(&out);
    writer.setTitle(title);
    writer.setResolution(kResolution);
    writer.setPageSize(QPageSize(QSizeF(size.widthMm, size.heightMm), QPageSize::Millimeter, QString(),
                                 QPageSize::ExactMatch)); // and not a standard size nearby
    writer.setPageMargins(QMarginsF());
    QPainter painter(&writer);
    painter.scale(kResolution / kUnitsPerInch, kResolution / kUnitsPerInch);
    paint(painter, target);
}

} // namespace

QString endingOf(PictureFormat format)
{
    switch (format) {
    case PictureFormat::Png: return QStringLiteral("png");
    case PictureFormat::Svg: return QStringLiteral("svg");
    case PictureFormat::Pdf: return QStringLiteral("pdf");
    }
    return {};
}

Result<void> writePicture(const PaintPicture& paint, PictureFormat format, const PictureSize& size,
                          const QString& title, const QString& file)
{
    if (!(size.widthMm > 0.0) || !(size.heightMm > 0.0) || size.dpi <= 0) {
        return Failure{"A picture needs a width, a height and a resolution above 0.", {}};
    }
    const QRectF target(0.0, 0.0, unitsOf(size.widthMm), unitsOf(size.heightMm));
    QBuffer made;
    made.open(QIODevice::WriteOnly);
    switch (format) {
    case PictureFormat::Png:
        if (Result<void> painted = paintPng(paint, size, target, made); !painted) {
            return painted;
        }
        break;
    case PictureFormat::Svg: paintSvg(paint, target, title, made); break;
    case PictureFormat::Pdf: paintPdf(paint, size, target, title, made); break;
    }
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(made.data()) != made.data().size() || !out.commit()) {
        return Failure{file.toStdString() + " cannot be written: " + out.errorString().toStdString() + ".",
                       "Choose a folder you may write to."};
    }
    return {};
}

} // namespace dskd::ui
