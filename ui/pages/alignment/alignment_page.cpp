#include "ui/pages/alignment/alignment_page.h"

#include "core/base/run_layout.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/step_slider.h"
#include "viz/heat_map_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSignalBlocker>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

// Fills a box anew and keeps the choice when it is still there.
void refill(QComboBox& box, const std::vector<std::pair<QString, QString>>& entries)
{
    const QSignalBlocker blocker(box);
    const QString chosen = box.currentData().toString();
    box.clear();
    for (const auto& [text, data] : entries) {
        box.addItem(text, data);
    }
    box.setCurrentIndex(std::max(0, box.findData(chosen)));
    box.setEnabled(entries.size() > 1);
}

std::string chosen(const QComboBox& box)
{
    return box.currentData().toString().toStdString();
}

} // namespace

void AlignmentPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_followsList = m_followsList || selected != m_selected;
    m_selected = std::move(selected);
    m_catalogues.setShown(std::move(shown));
    fillChoices();
}

// The run selected in the list comes to the left, a second one beside it, as soon as there are maps of it, until
// another one is chosen on the page.
void AlignmentPage::followList(QComboBox& box, std::size_t from) const
{
    const QSignalBlocker blocker(box);
    for (std::size_t i = from; m_followsList && i < m_selected.size(); ++i) {
        if (const int at = box.findData(QString::fromStdString(m_selected[i])); at >= 0) {
            box.setCurrentIndex(at);
            return;
        }
    }
}

void AlignmentPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_catalogues.refresh();
}

void AlignmentPage::fillChoices()
{
    std::vector<std::pair<QString, QString>> runs;
    for (const std::string& id : m_catalogues.shown()) {
        if (const MapCatalogue* found = m_catalogues.find(id); found && !found->byName.empty()) {
            runs.emplace_back(runTitle(m_workspace, id), QString::fromStdString(id));
        }
    }
    refill(*m_run, runs);
    followList(*m_run, 0);
    std::vector<std::pair<QString, QString>> others{{tr("no other run"), {}}};
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(others),
                 [this](const auto& run) { return run.second != m_run->currentData().toString(); });
    refill(*m_other, others);
    followList(*m_other, 1);
    std::vector<std::pair<QString, QString>> maps;
    std::vector<std::pair<QString, QString>> samples;
    if (const MapCatalogue* run = m_catalogues.find(chosen(*m_run))) {
        for (const auto& [name, bySample] : run->byName) {
            maps.emplace(name.ends_with("t2s") ? maps.begin() : maps.end(), mapTitle(name),
                         QString::fromStdString(name));
        }
        refill(*m_map, maps);
        for (int i = 0; i < m_map->count(); ++i) {
            m_map->setItemData(i, m_map->itemData(i), Qt::ToolTipRole); // its name in run.db
        }
        if (const auto map = run->byName.find(chosen(*m_map)); map != run->byName.end()) {
            for (const auto& [sample, steps] : map->second) {
                samples.emplace_back(tr("%1").arg(sample + 1), QString::number(sample));
            }
        }
    }
    refill(*m_sample, samples);
    showEmpty();
    fillSteps();
}

const StepIndex& AlignmentPage::stepsOf(const std::string& runId) const
{
    static const StepIndex kNone;
    const MapCatalogue* run = m_catalogues.find(runId);
    if (!run) {
        return kNone;
    }
    const auto map = run->byName.find(chosen(*m_map));
    if (map == run->byName.end()) {
        return kNone;
    }
    const auto sample = map->second.find(m_sample->currentData().toLongLong());
    return sample == map->second.end() ? kNone : sample->second;
}

void AlignmentPage::fillSteps()
{
    std::vector<std::int64_t> steps;
    for (const auto& [step, id] : stepsOf(chosen(*m_run))) {
        steps.push_back(step);
    }
    m_step->setSteps(std::move(steps));
    readMaps();
}

void AlignmentPage::readMaps()
{
    const auto step = m_step->step();
    if (!step) {
        ++m_request;
        return;
    }
    m_readAgain = m_readingMaps;
    if (m_readingMaps) { // a slider that is dragged asks faster than maps are read: only the newest request counts
        return;
    }
    m_readingMaps = true;
    const int request = ++m_request;
    const WorkspaceLayout layout{m_workspace.workspace()};
    using Ask = std::pair<std::filesystem::path, std::optional<std::int64_t>>;
    const auto ask = [&](const std::string& runId) -> Ask {
        const StepIndex& steps = stepsOf(runId);
        const auto nearest = nearestStep(steps, *step);
        return {layout.run(runId).root, nearest ? std::optional(steps.at(*nearest)) : std::nullopt};
    };
    const std::string other = chosen(*m_other);
    std::vector<Ask> asks{ask(chosen(*m_run)), other.empty() ? Ask{} : ask(other)};
    using Maps = std::vector<std::optional<store::HeatMapRow>>;
    m_background.run(
        this,
        [asks](const std::atomic<bool>&) -> Result<Maps> {
            Maps maps;
            for (const auto& [folder, id] : asks) {
                auto map = id ? readMap(folder, *id) : Result<std::optional<store::HeatMapRow>>(std::nullopt);
                if (!map) {
                    return map.failure();
                }
                maps.push_back(std::move(*map));
            }
            return maps;
        },
        [this, request](Result<Maps> maps) {
            m_readingMaps = false;
            if (std::exchange(m_readAgain, false)) {
                readMaps();
                return;
            }
            if (request != m_request) {
                return;
            }
            if (!maps) {
                m_left.view->clear(QString::fromStdString(maps.failure().text()));
                return;
            }
            showMaps(std::move((*maps)[0]), std::move((*maps)[1]));
        });
}

void AlignmentPage::showMaps(std::optional<store::HeatMapRow> left, std::optional<store::HeatMapRow> right)
{
    m_left.map = std::move(left);
    m_right.map = std::move(right);
    const std::string other = chosen(*m_other);
    m_difference->setEnabled(!other.empty());
    m_delta.map = m_left.map && m_right.map ? difference(*m_left.map, *m_right.map) : std::nullopt;
    m_right.frame->setVisible(!other.empty());
    m_delta.frame->setVisible(!other.empty() && m_difference->isChecked());
    showSide(m_left, chosen(*m_run), tr("This map is gone: the run was resumed from before its step."));
    showSide(m_right, other, tr("%1 has no such map of this sample.").arg(runTitle(m_workspace, other)));
    showSide(m_delta, {}, tr("The two runs split the text into different tokens, so there is no difference to show."));
    if (m_left.map) {
        const bool teacherRows = rowsAreTeacher(m_left.map->name);
        m_tokens->setMap(toHeatMap(*m_left.map), teacherRows ? tr("student") : tr("teacher"),
                         teacherRows ? tr("teacher") : tr("student"));
    } else {
        m_tokens->clear();
    }
    linkCursor(m_cell);
}

void AlignmentPage::showSide(Side& side, const std::string& runId, const QString& whyEmpty)
{
    const bool isDifference = &side == &m_delta;
    if (!side.map) {
        side.title->setText(isDifference ? tr("difference") : runTitle(m_workspace, runId));
        side.view->clear(whyEmpty);
        return;
    }
    const QString step =
        side.map->step == m_step->step() ? tr("step %1").arg(side.map->step) : tr("nearest %1").arg(side.map->step);
    if (isDifference) {
        const bool sameStep = m_left.map->step == m_right.map->step;
        side.title->setText(
            tr("difference: %1 \u2212 %2")
                .arg(runTitle(m_workspace, chosen(*m_run)), runTitle(m_workspace, chosen(*m_other))) +
            (sameStep ? QString() : tr(" (steps %1 and %2)").arg(m_left.map->step).arg(m_right.map->step)));
    } else {
        side.title->setText(runTitle(m_workspace, runId) + QStringLiteral(" \u00b7 ") + step);
    }
    const bool teacherRows = rowsAreTeacher(side.map->name);
    side.view->setAxisTitles(teacherRows ? tr("teacher") : tr("student"), teacherRows ? tr("student") : tr("teacher"));
    side.view->setMap(toHeatMap(*side.map), isDifference ? viz::Scale::Diverging : viz::Scale::Sequential);
}

void AlignmentPage::showEmpty()
{
    if (m_run->count() > 0) {
        m_stack->showContent();
    } else {
        m_stack->showSentence(m_catalogues.whyEmpty(noAttentionRunShown(), noMapRecorded(m_catalogues.shown().size())));
    }
}

void AlignmentPage::linkCursor(std::optional<QPoint> cell)
{
    m_cell = cell;
    for (const Side* side : {&m_left, &m_right, &m_delta}) {
        side->view->setCursorCell(cell);
    }
    m_tokens->setCursorCell(cell);
    showReadout();
}

void AlignmentPage::showReadout()
{
    m_readout->setText(m_left.map ? readout(*m_left.map, m_right.map, m_cell) : QString());
}

} // namespace dskd::ui
