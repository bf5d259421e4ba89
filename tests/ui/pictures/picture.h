#pragma once

// Pictures of widgets, and whether two of them show the same.

#include <QImage>
#include <QString>

class QWidget;

namespace dskd::test
{

// The widget as it is painted now, one pixel per logical pixel.
[[nodiscard]] QImage pictureOf(QWidget& widget);
// The same once nothing has changed for a second and nothing is being read.
[[nodiscard]] QImage steadyPicture(QWidget& widget);

struct PictureDifference {
    bool same = false;
    QString sentence;  // where and how much they differ
    QImage difference; // the actual picture, faded, with what differs in red
};

// Pictures are the same when no tile of 16 x 16 pixels has more than 12 that differ by more than 40 of 255 in a colour.
// Text rendered by another version of a library stays below that; another word, a missing line or a shifted button does
// not.
[[nodiscard]] PictureDifference compare(const QImage& expected, const QImage& actual);

} // namespace dskd::test
