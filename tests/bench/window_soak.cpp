// A day of training replayed to the window in minutes, while its memory is watched.
//   window_soak [MINUTES [RUNS]]       default 5 minutes, 2 runs at a time
// Another process writes a step a second of each run for 24 hours (86,400 steps a run, eight metrics, an attention map
// a minute, a validation every ten) as fast as MINUTES allow, with the heartbeats of a worker. The window shows the
// curves of both. Prints the memory in use at each tenth; exit code 1 when it grew by more than a tenth, and by more
// than 16 MiB, after the first tenth.

#include "app/workbench/compose.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QSettings>
#include <QTest>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

using namespace dskd;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kSteps = 86'400;

std::vector<std::string> makeRuns(const std::filesystem::path& root, int count)
{
    auto workspace = store::WorkspaceDb::create(root).value();
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
        config::Experiment experiment;
        experiment.name = "soak " + std::to_string(i);
        experiment.student.model = "/models/student";
        experiment.teacher.model = "/models/teacher";
        experiment.data.train = "/data/train.jsonl";
        experiment.data.validation = "/data/validation.jsonl";
        ids.push_back(jobs::createRun(workspace, experiment).value());
    }
    return ids;
}

void addStep(store::RunWriter& writer, std::int64_t step)
{
    const double progress = static_cast<double>(step) / static_cast<double>(kSteps);
    const double wave = std::sin(0.1 * static_cast<double>(step));
    std::map<std::string, double> values = {{"loss", 3 - progress + 0.1 * wave},    {"nll_loss", 2.8 - progress},
                                            {"kd_loss", 1 - 0.5 * progress},        {"t2s_kd_loss", 0.7 + 0.01 * wave},
                                            {"lr", 5e-4 * (1 - progress)},          {"grad_norm", 1 + 0.2 * wave},
                                            {"tokens_per_second", 900 + 50 * wave}, {"t2s_acc", 0.5 + 0.4 * progress}};
    if (step % 600 == 0) {
        values["validation.loss"] = 3.1 - progress;
        values["structure.cosine_mean"] = 0.4 - 0.2 * progress;
    }
    writer.addMetrics(step, step * 900, values);
    if (step % 60 == 0) {
        constexpr int kTokens = 48;
        store::HeatMapRow map;
        map.step = step;
        map.name = "cma.t2s";
        map.rowTokens.assign(kTokens, "token");
        map.columnTokens.assign(kTokens, "jeton");
        map.values.assign(kTokens * kTokens, 1.0F / kTokens);
        writer.addHeatMap(map);
    }
}

// In a process of its own: the day of all runs, evenly over the time.
int writeDay(const std::vector<RunLayout>& runs, std::chrono::duration<double> time)
{
    std::vector<std::unique_ptr<store::RunWriter>> writers;
    for (const RunLayout& run : runs) {
        writers.push_back(store::RunWriter::open(run).value());
        writers.back()->beginAttempt(std::nullopt).value();
        writers.back()->setPlan({kSteps, kSteps}).value();
    }
    const Clock::time_point start = Clock::now();
    for (std::int64_t step = 0; step < kSteps;) {
        const double share = std::chrono::duration<double>(Clock::now() - start) / time;
        const auto until = std::min(kSteps, static_cast<std::int64_t>(share * static_cast<double>(kSteps)));
        for (const auto& writer : writers) {
            for (std::int64_t next = step + 1; next <= until; ++next) {
                addStep(*writer, next);
            }
            writer->heartbeat(until, "training").value();
        }
        step = until;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    for (const auto& writer : writers) {
        writer->endAttempt(0, "Finished.").value();
    }
    return 0;
}

double residentMebibytes()
{
    std::ifstream status("/proc/self/statm");
    long total = 0;
    long resident = 0;
    status >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

} // namespace

int main(int argc, char** argv)
{
    const double minutes = argc > 1 ? std::atof(argv[1]) : 5;
    const int numRuns = argc > 2 ? std::atoi(argv[2]) : 2;
    const test::TemporaryFolder folder;
    const std::vector<std::string> ids = makeRuns(folder / "workspace", numRuns);
    std::vector<RunLayout> runs;
    for (const std::string& id : ids) {
        runs.push_back(WorkspaceLayout{folder / "workspace"}.run(id));
    }
    const std::chrono::duration<double> time(60 * minutes);
    const pid_t writer = fork(); // before Qt has threads
    if (writer == 0) {
        _exit(writeDay(runs, time));
    }

    QApplication application(argc, argv);
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                       QString::fromStdString((folder / "settings").string()));
    ui::applyTheme(application, ui::Appearance::Light);
    workbench::Workbench bench(folder / "workspace");
    ui::MainWindow& window = bench.window();
    window.show();
    QTest::qWait(1000);
    window.runModel().setShown({ids.begin(), ids.end()});

    const Clock::time_point start = Clock::now();
    double first = 0;
    double last = 0;
    for (int tenth = 1; tenth <= 10; ++tenth) {
        while (Clock::now() - start < time * tenth / 10) {
            QTest::qWait(100);
        }
        window.grab(); // everything is drawn
        last = residentMebibytes();
        first = tenth == 1 ? last : first;
        std::printf("%3d %% of the day: %.1f MiB\n", 10 * tenth, last);
        std::fflush(stdout);
    }
    int status = 0;
    waitpid(writer, &status, 0);
    const double grown = last - first;
    std::printf("%d runs, %lld rows each in %.1f minutes: memory grew by %.1f MiB (%.1f %%) after the first tenth\n",
                numRuns, static_cast<long long>(8 * kSteps), minutes, grown, 100 * grown / first);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        std::fprintf(stderr, "the writing process ended early\n");
        return 1;
    }
    return grown > 16 && grown > 0.1 * first ? 1 : 0;
}
