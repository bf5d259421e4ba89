// How long the window takes to open, how late a logged point is on the screen, and what the window costs while runs
// train.
//   window_bench WORKSPACE [SECONDS]       on a workspace in which something trains
// Prints the time to the first complete picture, then over SECONDS (default 20) the delay from the time a point of
// `loss` was logged to the chart that holds it (median and worst, looked at every 10 ms), and the processor time used.

#include "app/workbench/compose.h"
#include "core/base/process.h"
#include "core/base/run_layout.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"
#include "tests/bench/process_use.h"
#include "tests/support/temporary_folder.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "viz/curve_chart.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTest>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

namespace
{

using namespace dskd;
using bench::processorSeconds;

// The chart that holds most points, and the step of its newest one.
int newestStep(const ui::MainWindow& window)
{
    qsizetype most = 0;
    int step = 0;
    for (const auto* chart : window.findChildren<viz::CurveChart*>()) {
        const QString csv = chart->toCsv();
        if (chart->isVisible() && csv.size() > most) {
            most = csv.size();
            step = csv.trimmed().section(',', -2, -2).toInt();
        }
    }
    return step;
}

std::optional<std::string> runningRun(const ui::MainWindow& window, const std::filesystem::path& workspace)
{
    for (const std::string& id : window.runModel().shownRuns()) {
        if (jobs::readStatus(WorkspaceLayout{workspace}.run(id)).status == jobs::Status::Running) {
            return id;
        }
    }
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv)
{
    QElapsedTimer clock;
    clock.start();
    QApplication application(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "window_bench WORKSPACE [SECONDS]\n");
        return 2;
    }
    const std::filesystem::path workspace = std::filesystem::absolute(argv[1]);
    const int seconds = argc > 2 ? std::atoi(argv[2]) : 20;
    const test::TemporaryFolder settings; // the person's own layout is neither used nor changed
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, QString::fromStdString(settings.path().string()));
    ui::applyTheme(application, ui::Appearance::Light);
    workbench::Workbench bench(workspace);
    ui::MainWindow& window = bench.window();
    window.show();
    if (!QTest::qWaitFor([&] { return newestStep(window) > 0; }, 20'000)) {
        std::fprintf(stderr, "no curve appeared\n");
        return 1;
    }
    window.grab();
    std::printf("window with curves after %lld ms\n", static_cast<long long>(clock.elapsed()));

    const auto id = runningRun(window, workspace);
    if (!id) {
        std::printf("nothing trains in this workspace\n");
        return 0;
    }
    window.runModel().setShown({*id});
    QTest::qWait(1000);
    std::map<int, double> seen; // step -> when its point was in the chart
    int last = newestStep(window);
    const double before = processorSeconds();
    clock.restart();
    while (clock.elapsed() < seconds * 1000) {
        QTest::qWait(10);
        if (const int step = newestStep(window); step > last) {
            const double now = unixTime();
            for (int s = last + 1; s <= step; ++s) {
                seen[s] = now;
            }
            last = step;
        }
    }
    const double used = processorSeconds() - before;
    std::vector<double> delays;
    auto reader = store::RunReader::open(WorkspaceLayout{workspace}.run(*id));
    for (const store::MetricPoint& point : reader->series("loss")) {
        if (const auto shown = seen.find(static_cast<int>(point.step)); shown != seen.end()) {
            delays.push_back(1000.0 * (shown->second - point.time));
        }
    }
    std::sort(delays.begin(), delays.end());
    if (!delays.empty()) {
        std::printf("%zu points: logged to shown %.0f ms median, %.0f ms worst\n", delays.size(),
                    delays[delays.size() / 2], delays.back());
    }
    std::printf("processor time %.1f %% of one core (with this program's own looking)\n", 100.0 * used / seconds);
    return 0;
}
