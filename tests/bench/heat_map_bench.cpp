// How long a heat map of 1,024 x 1,024 cells takes: to be set, to be painted again under a moving cursor, to be zoomed
// and moved. Medians and worst of many frames, in milliseconds.
//   heat_map_bench [CELLS] [WIDTH HEIGHT]

#include "viz/heat_map_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QPixmap>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

namespace
{

void measure(const char* what, int frames, const std::function<void(int)>& draw)
{
    std::vector<double> times;
    for (int i = 0; i < frames; ++i) {
        QElapsedTimer clock;
        clock.start();
        draw(i);
        times.push_back(1e-6 * static_cast<double>(clock.nsecsElapsed()));
    }
    std::sort(times.begin(), times.end());
    std::printf("%-12s median %6.2f ms, worst %6.2f ms\n", what, times[times.size() / 2], times.back());
}

} // namespace

int main(int argc, char** argv)
{
    const QApplication application(argc, argv);
    const int cells = argc > 1 ? std::atoi(argv[1]) : 1024;
    dskd::viz::HeatMap map;
    std::mt19937 random(1);
    std::uniform_real_distribution<float> value(0.0F, 1.0F);
    for (int i = 0; i < cells; ++i) {
        map.rowTexts << QStringLiteral("row%1").arg(i);
        map.columnTexts << QStringLiteral("column%1").arg(i);
        for (int j = 0; j < cells; ++j) {
            map.values.push_back(value(random));
        }
    }
    dskd::viz::HeatMapView view;
    view.resize(argc > 3 ? std::atoi(argv[2]) : 900, argc > 3 ? std::atoi(argv[3]) : 800);
    view.show();
    QPixmap screen(view.size());
    const auto paint = [&] { view.render(&screen); };
    measure("set", 10, [&](int) {
        view.setMap(map);
        paint();
    });
    measure("cursor", 100, [&](int i) {
        view.setCursorCell(QPoint(i % cells, i % cells));
        paint();
    });
    measure("zoom", 100, [&](int i) {
        const double side = cells * (1.0 - 0.009 * i);
        view.setVisiblePart({0.0, 0.0, side, side});
        paint();
    });
    measure("move", 100, [&](int i) {
        view.setVisiblePart({i * 0.5, i * 0.5, cells / 2.0, cells / 2.0});
        paint();
    });
    return 0;
}
