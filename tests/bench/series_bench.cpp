// What the window costs with long and with many series: opening, first curves, every point read, memory, and frames
// while a person zooms and pans.
//   series_bench make WORKSPACE RUNS METRICS STEPS      a workspace of finished runs, all in the group "series"
//   series_bench WORKSPACE [SHOWN]                      shows the first SHOWN runs (default: all) on the page of curves
// The cases: `make W 20 1 1000000`, `make W 500 50 1000`, `make W 2000 200 20` (shown: 20). Run it twice:
// the first time the series files of long runs are written (core/store/series_file.h), which is part of what it prints.
// Beside it: tensorboard_bench.py.

#include "app/workbench/compose.h"
#include "core/store/workspace_db.h"
#include "tests/bench/finished_runs.h"
#include "tests/bench/process_use.h"
#include "tests/support/temporary_folder.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "viz/curve_chart.h"
#include "viz/plot_area.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QSettings>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace
{

using namespace dskd;
using bench::peakMebibytes;
using bench::processorSeconds;

constexpr int kLongestMs = 600'000;

// ---- the workspace

// The loss, and metrics that no chart of the page draws at first.
int make(const std::filesystem::path& root, int runs, int metrics, int steps)
{
    auto workspace = store::WorkspaceDb::create(root).value();
    bench::makeFinishedRuns(
        workspace, "series", runs, steps,
        [metrics, steps](int step, const bench::Noise& noise, std::map<std::string, double>& values) {
            values["loss"] = bench::fallingLoss(step, steps, noise);
            for (int metric = 1; metric < metrics; ++metric) {
                values["metric_" + std::to_string(metric)] = 0.001 * metric + noise();
            }
        });
    std::printf("%d runs of %d metrics and %d steps in %s\n", runs, metrics, steps, root.c_str());
    return 0;
}

// ---- what it costs

// The visible chart with most curves.
viz::CurveChart* fullestChart(const ui::MainWindow& window)
{
    viz::CurveChart* fullest = nullptr;
    std::size_t most = 0;
    for (auto* chart : window.findChildren<viz::CurveChart*>()) {
        const std::size_t curves = chart->isVisible() ? chart->readings().size() : 0;
        if (curves > most) {
            most = curves;
            fullest = chart;
        }
    }
    return fullest;
}

std::size_t numCurves(const ui::MainWindow& window)
{
    const viz::CurveChart* chart = fullestChart(window);
    return chart == nullptr ? 0 : chart->readings().size();
}

// Cards say "Reading 31 %" as long as something that they draw is not read.
bool isReading(const ui::MainWindow& window)
{
    const auto labels = window.findChildren<QLabel*>(QStringLiteral("chartNotes"));
    return std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->isVisible() && label->text().contains(QStringLiteral("Reading"));
    });
}

// Milliseconds from the event until what it changes is painted, everything that comes on its way included.
double frame(viz::CurveChart& chart, int angle, Qt::KeyboardModifiers modifiers, double at)
{
    auto* plot = chart.findChild<viz::PlotArea*>();
    const QRectF inside = plot->plot();
    const QPointF place = QPointF(plot->pos()) + QPointF(inside.left() + at * inside.width(), inside.center().y());
    QWheelEvent wheel(place, chart.mapToGlobal(place), {}, QPoint(0, angle), Qt::NoButton, modifiers, Qt::NoScrollPhase,
                      false);
    QElapsedTimer clock;
    clock.start();
    QApplication::sendEvent(&chart, &wheel);
    QApplication::processEvents(); // the chart chooses its points once a turn of the event loop
    plot->viewport()->repaint();
    return 1e-6 * static_cast<double>(clock.nsecsElapsed());
}

void printFrames(const char* what, std::vector<double> frames)
{
    std::sort(frames.begin(), frames.end());
    std::printf("%s, %zu frames: median %.1f ms, 99th percentile %.1f ms, worst %.1f ms\n", what, frames.size(),
                frames[frames.size() / 2], frames[frames.size() * 99 / 100], frames.back());
}

// In to a thousandth of the axis and out again, then across at a tenth of it.
void zoomAndPan(viz::CurveChart& chart)
{
    constexpr int kWheel = 120;
    constexpr int kZooms = 31; // 0.8 to the power of 31
    constexpr int kPans = 200;
    std::vector<double> zooms;
    for (const int angle : {kWheel, -kWheel}) {
        for (int i = 0; i < kZooms; ++i) {
            zooms.push_back(frame(chart, angle, Qt::NoModifier, 0.4));
            QTest::qWait(5); // what was asked for may come
        }
    }
    printFrames("zoom", zooms);
    for (int i = 0; i < kZooms / 3; ++i) {
        (void)frame(chart, kWheel, Qt::NoModifier, 0.4);
    }
    std::vector<double> pans;
    for (int i = 0; i < kPans; ++i) {
        pans.push_back(frame(chart, i < kPans / 2 ? kWheel : -kWheel, Qt::ShiftModifier, 0.4));
        QTest::qWait(5);
    }
    printFrames("pan", pans);
}

int show(const std::filesystem::path& root, int numShown, QApplication& application, const QElapsedTimer& clock)
{
    const test::TemporaryFolder settings; // the person's own layout is neither used nor changed
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, QString::fromStdString(settings.path().string()));
    ui::applyTheme(application, ui::Appearance::Light);
    auto database = store::WorkspaceDb::open(root).value();
    std::vector<std::string> ids;
    for (const store::RunRow& row : database.runs()) {
        ids.push_back(row.id);
    }
    const auto seconds = [&] { return 1e-3 * static_cast<double>(clock.elapsed()); };
    workbench::Workbench bench(root);
    ui::MainWindow& window = bench.window();
    window.resize(1600, 1000);
    window.show();
    if (!QTest::qWaitFor([&] { return !window.runModel().shownRuns().empty(); }, kLongestMs)) {
        std::fprintf(stderr, "no run appeared\n");
        return 1;
    }
    std::printf("%zu runs: window with its list after %.2f s, %.2f s of processor time, %.0f MiB\n", ids.size(),
                seconds(), processorSeconds(), peakMebibytes());
    ids.resize(std::min(ids.size(), static_cast<std::size_t>(numShown > 0 ? numShown : static_cast<int>(ids.size()))));

    const double began = seconds(); // the newest hundred runs are shown, and read, from here on
    const double used = processorSeconds();
    window.runModel().setShown({ids.begin(), ids.end()});
    const bool any = QTest::qWaitFor([&] { return numCurves(window) > 0; }, kLongestMs);
    const double first = seconds() - began;
    const bool all = any && QTest::qWaitFor([&] { return numCurves(window) >= ids.size(); }, kLongestMs);
    const double curves = seconds() - began;
    if (!all || !QTest::qWaitFor([&] { return !isReading(window); }, kLongestMs)) {
        std::fprintf(stderr, "not all curves appeared: %zu of %zu\n", numCurves(window), ids.size());
        return 1;
    }
    std::printf("%zu runs shown: first curves after %.2f s, a curve of each after %.2f s\n", ids.size(), first, curves);
    std::printf("every charted point read after %.2f s, %.2f s of processor time; peak %.0f MiB\n", seconds() - began,
                processorSeconds() - used, peakMebibytes());
    QTest::qWait(500);
    zoomAndPan(*fullestChart(window));
    std::printf("peak %.0f MiB\n", peakMebibytes());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    QElapsedTimer clock;
    clock.start();
    try {
        if (argc == 6 && std::strcmp(argv[1], "make") == 0) {
            return make(argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]));
        }
        QApplication application(argc, argv);
        if (argc < 2) {
            std::fprintf(stderr, "series_bench make WORKSPACE RUNS METRICS STEPS\nseries_bench WORKSPACE [SHOWN]\n");
            return 2;
        }
        return show(std::filesystem::absolute(argv[1]), argc > 2 ? std::atoi(argv[2]) : 0, application, clock);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "series_bench: %s\n", error.what());
        return 1;
    }
}
