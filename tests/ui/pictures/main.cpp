// Pictures depend on fonts, so these tests have their own: DejaVu, rendered without the machine's settings
// (fonts.conf).

#include "tests/support/paths.h"

#include <QApplication>
#include <QFont>
#include <QFontInfo>
#include <cstdio>
#include <gmock/gmock.h>

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("FONTCONFIG_FILE", QByteArray::fromStdString(dskd::test::sourceDir() + "/tests/ui/pictures/fonts.conf"));
    qputenv("TZ", "UTC");
    qputenv("LC_ALL", "C.UTF-8");
    testing::InitGoogleMock(&argc, argv);
    const QApplication application(argc, argv);
    QApplication::setCursorFlashTime(0); // a text cursor that does not blink
    QApplication::setFont(QFont(QStringLiteral("DejaVu Sans"), 9));
    const bool onlyLists = testing::GTEST_FLAG(list_tests); // as the build asks for the names of the tests
    if (!onlyLists && QFontInfo(QApplication::font()).family() != QLatin1String("DejaVu Sans")) {
        std::fprintf(stderr, "The font DejaVu Sans is missing: install fonts-dejavu-core.\n");
        return 1;
    }
    return RUN_ALL_TESTS();
}
