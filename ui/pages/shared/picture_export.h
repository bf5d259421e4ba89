#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QImage>
#include <QRectF>
#include <QString>
#include <functional>

class QPainter;

namespace dskd::ui
{

// Charts, maps and tables as files for papers. GUI thread only (fonts), where no comment names another thread.

enum class PictureFormat { Png, Svg, Pdf };

// "png", "svg", "pdf".
[[nodiscard]] QString endingOf(PictureFormat format);

struct PictureSize {
    double widthMm = 140.0;
    double heightMm = 90.0;
    int dpi = 300; // of PNG; the others have no pixels
};

// Paints the picture into the rectangle, background included, in the colours of paper (paperPalette, runColorOnPaper).
// A unit is 1/96 inch on every device, so fonts are to have a pixel size.
using PaintPicture = std::function<void(QPainter& painter, const QRectF& target)>;

// What is left to be encoded and written.
struct PaintedPicture {
    QImage pixels;   // of PNG
    QByteArray file; // of the others: what the file holds
};

// Fails where the picture would be larger than a window can paint without standing still, and where the size is not
// above 0.
[[nodiscard]] Result<PaintedPicture> paintPicture(const PaintPicture& paint, PictureFormat format,
                                                  const PictureSize& size, const QString& title);

// Replaces the file as a whole, or fails and leaves what was there. Any thread.
[[nodiscard]] Result<void> writePainted(const PaintedPicture& picture, const QString& file);

// Both.
[[nodiscard]] Result<void> writePicture(const PaintPicture& paint, PictureFormat format, const PictureSize& size,
                                        const QString& title, const QString& file);

} // namespace dskd::ui
