#include "ui/pages/shared/picture_export.h"

#include <QBuffer>
#include <QImageWriter>
#include <QMarginsF>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <cmath>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr double kUnitsPerInch = 96.0;
constexpr double kMmPerInch = 25.4;
constexpr double kMostPixels = 64e6; // 256 MB

double unitsOf(double mm)
{
    return mm / kMmPerInch * kUnitsPerInch;
}

Failure cannotPaint()
{
    return {"The picture could not be painted.", "Choose another size or format."};
}

Result<PaintedPicture> paintPng(const PaintPicture& paint, const PictureSize& size, const QRectF& target)
{
    const double scale = size.dpi / kUnitsPerInch;
    const QSizeF pixels = target.size() * scale;
    if (pixels.width() * pixels.height() > kMostPixels) {
        return Failure{"A picture of " + std::to_string(std::lround(pixels.width())) + " x " +
                           std::to_string(std::lround(pixels.height())) +
                           " pixels is too large: 64 million are the most.",
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
    if (!painter.end()) {
        return cannotPaint();
    }
    return PaintedPicture{std::move(image), {}};
}

bool paintSvg(const PaintPicture& paint, const QRectF& target, const QString& title, QIODevice& out)
{
    QSvgGenerator generator;
    generator.setOutputDevice(&out);
    generator.setResolution(static_cast<int>(kUnitsPerInch)); // so that its size is given in mm
    generator.setSize(target.size().toSize());
    generator.setViewBox(target);
    generator.setTitle(title);
    QPainter painter;
    if (!painter.begin(&generator)) {
        return false;
    }
    paint(painter, target);
    return painter.end();
}

bool paintPdf(const PaintPicture& paint, const PictureSize& size, const QRectF& target, const QString& title,
              QIODevice& out)
{
    constexpr int kResolution = 1200;
    QPdfWriter writer(&out);
    writer.setTitle(title);
    writer.setResolution(kResolution);
    writer.setPageSize(QPageSize(QSizeF(size.widthMm, size.heightMm), QPageSize::Millimeter, QString(),
                                 QPageSize::ExactMatch)); // and not a standard size nearby
    writer.setPageMargins(QMarginsF());
    QPainter painter;
    if (!painter.begin(&writer)) {
        return false;
    }
    painter.scale(kResolution / kUnitsPerInch, kResolution / kUnitsPerInch);
    paint(painter, target);
    return painter.end();
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

Result<PaintedPicture> paintPicture(const PaintPicture& paint, PictureFormat format, const PictureSize& size,
                                    const QString& title)
{
    if (!(size.widthMm > 0.0) || !(size.heightMm > 0.0) || size.dpi <= 0) {
        return Failure{"A picture needs a width, a height and a resolution above 0.", {}};
    }
    const QRectF target(0.0, 0.0, unitsOf(size.widthMm), unitsOf(size.heightMm));
    if (format == PictureFormat::Png) {
        return paintPng(paint, size, target);
    }
    QBuffer made;
    made.open(QIODevice::WriteOnly);
    const bool painted = format == PictureFormat::Svg ? paintSvg(paint, target, title, made)
                                                      : paintPdf(paint, size, target, title, made);
    if (!painted || made.data().isEmpty()) {
        return cannotPaint();
    }
    return PaintedPicture{{}, made.data()};
}

Result<void> writePainted(const PaintedPicture& picture, const QString& file)
{
    const auto failed = [&file](const QString& why) {
        return Failure{file.toStdString() + " cannot be written: " + why.toStdString() + ".",
                       "Choose a folder you may write to."};
    };
    QSaveFile out(file); // beside its place, and gone again unless it is committed
    if (!out.open(QIODevice::WriteOnly)) {
        return failed(out.errorString());
    }
    if (!picture.pixels.isNull()) {
        QImageWriter writer(&out, "png");
        if (!writer.write(picture.pixels)) {
            return failed(out.error() != QFileDevice::NoError ? out.errorString() : writer.errorString());
        }
    } else if (out.write(picture.file) != picture.file.size()) {
        return failed(out.errorString());
    }
    if (!out.commit()) {
        return failed(out.errorString());
    }
    return {};
}

Result<void> writePicture(const PaintPicture& paint, PictureFormat format, const PictureSize& size,
                          const QString& title, const QString& file)
{
    const Result<PaintedPicture> painted = paintPicture(paint, format, size, title);
    if (!painted) {
        return painted.failure();
    }
    return writePainted(*painted, file);
}

} // namespace dskd::ui
