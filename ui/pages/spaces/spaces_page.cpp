#include "ui/pages/spaces/spaces_page.h"

#include "core/base/run_layout.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/probed_samples.h"
#include "ui/pages/shared/step_index.h"
#include "ui/pages/shared/step_slider.h"
#include "viz/box_plot.h"
#include "viz/curve_chart.h"
#include "viz/scatter.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QJsonObject>
#include <QSignalBlocker>
#include <QTabWidget>
#include <algorithm>
#include <set>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr auto kTab = "tab";
constexpr auto kConnected = "connected";

} // namespace

SpacesPage::~SpacesPage() = default;

void SpacesPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_selected = std::move(selected);
    m_readings.setShown(std::move(shown));
    rebuild();
}

void SpacesPage::setStepLink(StepLink& link)
{
    m_step->setLink(link);
}

QJsonObject SpacesPage::savedState() const
{
    return {{kTab, m_tabs->currentIndex()}, {kConnected, m_connect->isChecked()}};
}

void SpacesPage::restoreState(const QJsonObject& state)
{
    m_tabs->setCurrentIndex(std::clamp(state[kTab].toInt(), 0, m_tabs->count() - 1));
    m_connect->setChecked(state[kConnected].toBool(true));
}

void SpacesPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_readings.refresh();
}

void SpacesPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_runs.empty()) { // the colours of runs are another theme's now
        rebuild();
    }
}

void SpacesPage::rebuild()
{
    m_groups = spaceGroups(m_workspace, m_readings.shown(), m_selected,
                           [this](const std::string& id) { return m_readings.find(id); });
    showEmpty();
    fillRuns();
    fillSteps();
    showDistances();
    showBoxes(/*growing=*/false);
    showPredictions();
    readPicture();
}

// The run selected in the list is the one shown alone, until another is chosen here.
void SpacesPage::fillRuns()
{
    const std::string chosen = chosenRun();
    const auto has = [this](const std::string& id) {
        return std::any_of(m_groups.begin(), m_groups.end(), [&](const SpaceGroup& group) {
            return std::find(group.runs.begin(), group.runs.end(), id) != group.runs.end();
        });
    };
    const auto selected = std::find_if(m_selected.begin(), m_selected.end(), has);
    std::string wanted = chosen;
    if (selected != m_selected.end() && *selected != m_followed) {
        wanted = m_followed = *selected;
    }
    for (QComboBox* box : m_runs) {
        const QSignalBlocker blocker(box);
        box->clear();
        for (const SpaceGroup& group : m_groups) {
            for (const std::string& id : group.runs) {
                box->addItem(runTitle(m_workspace, id), QString::fromStdString(id));
            }
        }
        box->setCurrentIndex(std::max(0, box->findData(QString::fromStdString(wanted))));
        box->setEnabled(box->count() > 1);
    }
}

void SpacesPage::fillSteps()
{
    std::set<std::int64_t> steps;
    for (const SpaceGroup& group : m_groups) {
        for (const SpaceReading* reading : group.readings) {
            const std::set<std::int64_t> some = reading->steps();
            steps.insert(some.begin(), some.end());
        }
    }
    m_step->setSteps({steps.begin(), steps.end()});
}

void SpacesPage::showDistances()
{
    for (const Distance& distance : m_distances) {
        std::vector<viz::Curve> curves;
        for (const SpaceGroup& group : m_groups) {
            if (auto curve = curveOf(group, distance.metric)) {
                curves.push_back(std::move(*curve));
            }
        }
        distance.chart->setCurves(std::move(curves));
    }
}

void SpacesPage::showBoxes(bool growing)
{
    const auto step = m_step->step();
    for (const Distance& distance : m_distances) {
        std::vector<viz::Box> boxes;
        for (const SpaceGroup& group : m_groups) {
            if (auto box = step ? boxOf(group, distance.metric, *step) : std::nullopt) {
                boxes.push_back(std::move(*box));
            }
        }
        distance.boxes->setBoxes(std::move(boxes), growing);
    }
}

void SpacesPage::showPredictions()
{
    const SpaceGroup* group = chosenGroup();
    for (const Comparison& comparison : m_comparisons) {
        std::vector<viz::Curve> curves;
        for (std::size_t i = 0; group != nullptr && i < comparison.metrics.size(); ++i) {
            if (auto curve = curveOf(*group, comparison.metrics[i])) {
                curve->label = QString::fromStdString(metrics::titleOf(comparison.metrics[i]));
                curve->color = runColor(static_cast<int>(i));
                curve->printColor = runColorOnPaper(static_cast<int>(i));
                curve->strong = false;
                curves.push_back(std::move(*curve));
            }
        }
        comparison.chart->setCurves(std::move(curves));
    }
}

const SpaceGroup* SpacesPage::chosenGroup() const
{
    const std::string run = chosenRun();
    const auto found = std::find_if(m_groups.begin(), m_groups.end(), [&](const SpaceGroup& group) {
        return std::find(group.runs.begin(), group.runs.end(), run) != group.runs.end();
    });
    return found == m_groups.end() ? nullptr : &*found;
}

std::string SpacesPage::chosenRun() const
{
    return m_runs.front()->currentData().toString().toStdString();
}

void SpacesPage::readPicture()
{
    const std::string run = chosenRun();
    const SpaceReading* reading = m_readings.find(run);
    const auto step = m_step->step();
    m_readAgain =
        m_reading; // a slider that is dragged asks faster than points are read: only the newest request counts
    if (reading == nullptr || !step || reading->pointSteps.empty()) {
        m_shownRun.clear();
        for (viz::ScatterView* view : {m_studentSpace, m_teacherSpace}) {
            view->clear(tr("%1 has recorded no hidden states.").arg(runTitle(m_workspace, run)));
        }
        m_pictureNote->setText({});
        return;
    }
    if (m_reading) {
        return;
    }
    m_reading = true;
    StepIndex index;
    for (const std::int64_t one : reading->pointSteps) {
        index[one] = 0;
    }
    const std::int64_t nearest = *nearestStep(index, *step);
    const std::filesystem::path folder = WorkspaceLayout{m_workspace.workspace()}.run(run).root;
    m_background.run(
        this, [folder, nearest](const std::atomic<bool>&) { return readPoints(folder, nearest); },
        [this, run, nearest](Result<SpacePoints> read) {
            m_reading = false;
            if (std::exchange(m_readAgain, false)) {
                readPicture();
                return;
            }
            if (!read) {
                m_studentSpace->clear(windowWords(read.failure().text()));
                m_teacherSpace->clear({});
                return;
            }
            m_pictureNote->setText(
                tr("%1 at step %2. A point is the hidden state behind which a token is predicted; its axes are those "
                   "of the first recording, so a point moves only when its state does.")
                    .arg(runTitle(m_workspace, run), QString::number(nearest)));
            const bool sameRun = std::exchange(m_shownRun, run) == run;
            m_shownStep = nearest;
            for (const auto& [view, space] : {std::pair(m_studentSpace, store::ModelSide::Student),
                                              std::pair(m_teacherSpace, store::ModelSide::Teacher)}) {
                viz::ScatterPicture picture = pictureOf(*read, space, 0, 1);
                if (picture.points.empty()) {
                    view->clear(space == store::ModelSide::Teacher
                                    ? tr("No teacher was there to compare with. log.probe_teacher names one for "
                                         "methods that have none.")
                                    : tr("No hidden state was recorded at this step."));
                } else {
                    view->setPicture(std::move(picture), sameRun);
                }
            }
        });
}

void SpacesPage::showEmpty()
{
    if (!m_groups.empty()) {
        m_stack->showContent();
        return;
    }
    m_stack->showSentence(m_readings.whyEmpty(
        tr("No run is shown. Check the box of a run in the list to see its spaces."),
        tr("None of the %1 shown runs has recorded its spaces yet. Runs do so every log.probe_every steps for %2.")
            .arg(m_readings.shown().size())
            .arg(probedSamples())));
}

} // namespace dskd::ui
