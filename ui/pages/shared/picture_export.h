#pragma once

#include "core/base/result.h"

#include <QRectF>
#include <QString>
#include <functional>

class QPainter;

namespace dskd::ui
{

// Charts, maps and tables as files for papers. GUI thread only (fonts).

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

// Replaces the file as a whole. Fails where the picture would be larger than a machine's memory wants, where the size
// is not above 0, and where the file cannot be written.
[[nodiscard]] Result<void> writePicture(const PaintPicture& paint, PictureFormat format, const PictureSize& size,
                                        const QString& title, const QString& file);

} // namespace dskd::ui
