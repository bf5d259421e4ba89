#include "tests/ui/pictures/picture.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QTest>
#include <QWidget>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

namespace dskd::test
{
namespace
{

constexpr int kTile = 16;          // pixels
constexpr int kMostInATile = 12;   // of 256
constexpr int kSameColour = 40;    // of 255
constexpr qint64 kSteadyMs = 1000; // unchanged for so long
constexpr int kPatienceMs = 30'000;

bool differs(QRgb a, QRgb b)
{
    return std::max({std::abs(qRed(a) - qRed(b)), std::abs(qGreen(a) - qGreen(b)), std::abs(qBlue(a) - qBlue(b))}) >
           kSameColour;
}

// "Reading…" and its like stand where something is still to come.
bool isReading(const QWidget& widget)
{
    const auto labels = widget.findChildren<QLabel*>();
    const auto texts = widget.findChildren<QPlainTextEdit*>();
    return std::any_of(labels.begin(), labels.end(),
                       [](const QLabel* label) { return label->isVisible() && label->text().startsWith("Reading"); }) ||
           std::any_of(texts.begin(), texts.end(), [](const QPlainTextEdit* text) {
               return text->isVisible() && text->toPlainText().startsWith("Reading");
           });
}

} // namespace

QImage pictureOf(QWidget& widget)
{
    QImage picture(widget.size(), QImage::Format_RGB32);
    picture.fill(Qt::black);
    widget.render(&picture);
    return picture;
}

QImage steadyPicture(QWidget& widget)
{
    QImage picture = pictureOf(widget);
    QElapsedTimer unchanged;
    unchanged.start();
    (void)QTest::qWaitFor(
        [&] {
            if (QImage now = pictureOf(widget); now != picture || isReading(widget)) {
                picture = std::move(now);
                unchanged.start();
            }
            return unchanged.elapsed() >= kSteadyMs;
        },
        kPatienceMs);
    return picture;
}

PictureDifference compare(const QImage& expected, const QImage& actual)
{
    if (expected.size() != actual.size()) {
        return {false,
                QStringLiteral("%1 x %2 pixels instead of %3 x %4")
                    .arg(actual.width())
                    .arg(actual.height())
                    .arg(expected.width())
                    .arg(expected.height()),
                actual};
    }
    QImage difference = actual.convertToFormat(QImage::Format_RGB32);
    QPainter(&difference).fillRect(difference.rect(), QColor(255, 255, 255, 190));
    std::map<std::pair<int, int>, int> tiles; // row and column of the tile -> pixels that differ
    for (int y = 0; y < actual.height(); ++y) {
        for (int x = 0; x < actual.width(); ++x) {
            if (differs(expected.pixel(x, y), actual.pixel(x, y))) {
                ++tiles[{y / kTile, x / kTile}];
                difference.setPixel(x, y, qRgb(255, 0, 0));
            }
        }
    }
    std::erase_if(tiles, [](const auto& tile) { return tile.second <= kMostInATile; });
    if (tiles.empty()) {
        return {true, {}, {}};
    }
    const auto [row, column] = tiles.begin()->first;
    return {false,
            QStringLiteral("%1 tiles differ, the first one at (%2, %3)")
                .arg(tiles.size())
                .arg(column * kTile)
                .arg(row * kTile),
            difference};
}

} // namespace dskd::test
