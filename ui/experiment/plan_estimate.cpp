#include "ui/experiment/plan_estimate.h"

#include "core/config/plan/revision.h"
#include "core/jobs/experiments.h"
#include "core/jobs/queue_runner.h"
#include "core/jobs/step_probe.h"
#include "core/jobs/time_estimate.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_db.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <algorithm>
#include <utility>

namespace dskd::ui
{

namespace
{

constexpr int kPauseMs = 300; // of the typing

struct EstimateText {
    std::string sentence;
    std::string refusal; // why there is no plan
    std::optional<std::size_t> runs;
    std::optional<config::Experiment> untimed; // the first run that no time is known of
};

// What `plan` is in the workspace; every run is planned anew, nothing is made.
EstimateText estimate(const std::filesystem::path& folder, const std::string& name, const ExpandedPlan& plan,
                      const std::vector<jobs::MeasuredRun>& probes, jobs::SampleCounts& samples)
{
    const ExpandedPlan::Runs& planned = plan.runs();
    if (!planned) {
        return {{}, planned.failure().text(), {}, {}};
    }
    const std::vector<config::Experiment> runs = jobs::namedRuns(name, *planned);
    std::optional<store::WorkspaceDb> workspace;
    std::string remark;
    if (!folder.empty()) {
        auto opened = store::WorkspaceDb::open(folder);
        if (opened) {
            workspace = *std::move(opened);
        } else {
            remark = " " + opened.failure().text();
        }
    }
    if (workspace) {
        const auto known = store::ExperimentTable(*workspace).all();
        const auto same = std::find_if(known.begin(), known.end(), [&](const auto& row) { return row.name == name; });
        if (same != known.end()) {
            const auto newest = jobs::planOf(*workspace, *same);
            const bool isNew = !newest || config::revisionAfter(*newest, plan.plan());
            remark = " \"" + name +
                     (isNew ? "\" is there already: this becomes a new revision of it, and"
                            : "\" has this plan already: no new revision is made, and") +
                     " of its runs only those are started that are not done, at work or queued.";
        }
    }
    auto measured =
        jobs::estimateRuns(workspace ? &*workspace : nullptr, runs, jobs::localSlots().size(), probes, &samples);
    measured.cells = config::numCells(*planned);
    EstimateText text{jobs::toText(measured) + "." + remark, {}, runs.size(), {}};
    if (measured.firstUntimed) {
        text.untimed = runs[*measured.firstUntimed];
    }
    return text;
}

} // namespace

PlanEstimateLine::PlanEstimateLine(QWidget* parent) : QLabel(parent), m_background("estimate"), m_probeThread("probe")
{
    setObjectName("planEstimate");
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setTone(*this, "muted");
    setAccessibleName(tr("Runs, time and disk"));
    m_soon.setSingleShot(true);
    m_soon.setInterval(kPauseMs);
    connect(&m_soon, &QTimer::timeout, this, &PlanEstimateLine::start);
}

PlanEstimateLine::~PlanEstimateLine()
{
    if (m_cancelProbe) {
        *m_cancelProbe = true;
    }
}

void PlanEstimateLine::probe()
{
    if (m_cancelProbe || !m_untimed) {
        return; // one at a time, and where no time is known
    }
    m_cancelProbe = std::make_shared<std::atomic<bool>>(false);
    setText(tr("Training %1 steps to measure them …").arg(jobs::kProbeSteps));
    m_probeThread.run(
        this,
        [experiment = *m_untimed, cancel = m_cancelProbe](const std::atomic<bool>&) -> Result<jobs::MeasuredRun> {
            jobs::ProbeOptions options;
            options.cancelled = cancel.get();
            return jobs::probeSteps(experiment, options);
        },
        [this](Result<jobs::MeasuredRun> run) {
            m_cancelProbe.reset();
            if (run) {
                m_probes.push_back(*std::move(run));
                follow(m_name, m_plan);
                return;
            }
            setText(shownName(run.failure().text()));
            Q_EMIT finished();
        });
    Q_EMIT finished(); // what there is to be done has changed
}

void PlanEstimateLine::follow(const std::string& name, std::shared_ptr<const ExpandedPlan> plan)
{
    m_name = name;
    m_plan = std::move(plan);
    m_busy = true;
    m_runs.reset();
    m_refusal.clear();
    ++m_asked;
    m_soon.start();
}

void PlanEstimateLine::start()
{
    m_background.run(
        this,
        [folder = m_workspace, name = m_name, plan = m_plan, probes = m_probes, asked = m_asked.load(),
         newest = &m_asked, samples = &m_samples](const std::atomic<bool>&) -> Result<EstimateText> {
            if (asked != *newest) {
                return EstimateText{}; // a newer estimate has been asked for
            }
            return estimate(folder, name, *plan, probes, *samples);
        },
        [this, asked = m_asked.load()](Result<EstimateText> text) {
            if (asked != m_asked) {
                return; // another is on its way
            }
            m_busy = false;
            m_runs = text ? text->runs : std::nullopt;
            m_untimed = text ? text->untimed : std::nullopt;
            m_refusal = text ? shownName(text->refusal) : QString();
            const std::string sentence = text ? text->sentence : text.failure().text();
            setText(m_refusal.isEmpty() ? shownName(sentence) : QString());
            Q_EMIT finished();
        });
}

} // namespace dskd::ui
