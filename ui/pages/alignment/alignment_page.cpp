#include "ui/pages/alignment/alignment_page.h"

#include "core/base/run_layout.h"
#include "core/config/schema/choices.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/window_words.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/coverage_lists.h"
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
#include <cmath>
#include <set>
#include <utility>

namespace dskd::ui
{
namespace
{

const QString kItself = QStringLiteral("@step"); // beside: another step of the same run

bool holds(const QComboBox& box, const std::vector<std::pair<QString, QString>>& entries)
{
    if (box.count() != static_cast<int>(entries.size())) {
        return false;
    }
    for (int i = 0; i < box.count(); ++i) {
        const auto& [text, data] = entries[static_cast<std::size_t>(i)];
        if (box.itemText(i) != text || box.itemData(i).toString() != data) {
            return false;
        }
    }
    return true;
}

// Fills a box anew, unless it holds the same already, and keeps the choice when it is still there.
void refill(QComboBox& box, const std::vector<std::pair<QString, QString>>& entries)
{
    box.setEnabled(entries.size() > 1);
    if (holds(box, entries)) {
        return;
    }
    const QSignalBlocker blocker(box);
    const QString chosen = box.currentData().toString();
    box.clear();
    for (const auto& [text, data] : entries) {
        box.addItem(text, data);
    }
    box.setCurrentIndex(std::max(0, box.findData(chosen)));
}

std::string chosen(const QComboBox& box)
{
    return box.currentData().toString().toStdString();
}

std::optional<std::int64_t> nearest(const StepIndex& steps, std::optional<std::int64_t> wanted)
{
    const auto step = wanted ? nearestStep(steps, *wanted) : std::nullopt;
    return step ? std::optional(steps.at(*step)) : std::nullopt;
}

} // namespace

void AlignmentPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_followsList = m_followsList || selected != m_selected;
    m_selected = std::move(selected);
    m_catalogues.setShown(std::move(shown));
    fillChoices();
}

// The run selected in the list comes to the left, a second one beside it, until another one is chosen on the page.
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
    fillChoices();
}

const config::AlignmentRow* AlignmentPage::alignmentOf(const std::string& runId) const
{
    const RunRecord* record = m_workspace.find(runId);
    if (!record || record->row.objective != config::name(config::Objective::Kd)) {
        return nullptr;
    }
    for (const config::AlignmentRow& row : config::kAlignments) {
        if (row.name == record->row.alignment && (row.attends || row.pairsRows || row.matchesSpellings)) {
            return &row;
        }
    }
    return nullptr;
}

bool AlignmentPage::besideItself() const
{
    return m_other->currentData().toString() == kItself;
}

void AlignmentPage::fillChoices()
{
    std::vector<std::pair<QString, QString>> runs;
    for (const std::string& id : m_catalogues.shown()) {
        if (alignmentOf(id)) {
            runs.emplace_back(runTitle(m_workspace, id), QString::fromStdString(id));
        }
    }
    refill(*m_run, runs);
    followList(*m_run, 0);
    std::vector<std::pair<QString, QString>> others{{tr("no other map"), {}}};
    if (!runs.empty()) {
        others.emplace_back(tr("another step"), kItself);
    }
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(others),
                 [this](const auto& run) { return run.second != m_run->currentData().toString(); });
    refill(*m_other, others);
    followList(*m_other, 1);
    std::vector<std::pair<QString, QString>> maps;
    if (const MapCatalogue* run = m_catalogues.find(chosen(*m_run))) {
        for (const auto& [name, bySample] : run->byName) {
            maps.emplace(name.ends_with("t2s") ? maps.begin() : maps.end(), mapTitle(name),
                         QString::fromStdString(name));
        }
    }
    refill(*m_map, maps);
    for (int i = 0; i < m_map->count(); ++i) {
        m_map->setItemData(i, m_map->itemData(i), Qt::ToolTipRole); // its name in run.db
    }
    showEmpty();
    measure();
    fillSamples();
}

// Those that were recorded, and those whose coverage is known.
void AlignmentPage::fillSamples()
{
    std::set<std::int64_t> recorded;
    if (const MapCatalogue* run = m_catalogues.find(chosen(*m_run))) {
        if (const auto map = run->byName.find(chosen(*m_map)); map != run->byName.end()) {
            for (const auto& [sample, steps] : map->second) {
                recorded.insert(sample);
            }
        }
    }
    std::set<std::int64_t> all = recorded;
    const bool sameSamples = m_coverage && m_coverage->holdsProbes(); // else a number means two samples
    if (m_coverage) {
        if (!sameSamples) {
            all.clear();
        }
        for (const align::SampleCoverage& sample : m_coverage->report().samples) {
            all.insert(sample.sample);
        }
    }
    std::vector<std::pair<QString, QString>> samples;
    for (const std::int64_t sample : all) {
        const bool hasMap = recorded.contains(sample) && (sameSamples || !m_coverage);
        samples.emplace_back(hasMap ? tr("%1 (recorded)").arg(sample + 1) : QString::number(sample + 1),
                             QString::number(sample));
    }
    refill(*m_sample, samples);
    m_lists->showSample(samples.empty() ? std::nullopt : std::optional(m_sample->currentData().toLongLong()));
    fillSteps();
}

const StepIndex& AlignmentPage::stepsOf(const std::string& runId) const
{
    static const StepIndex kNone;
    const MapCatalogue* run = m_catalogues.find(runId);
    if (!run || (m_coverage && !m_coverage->holdsProbes())) {
        return kNone;
    }
    const auto* map = mapLike(*run, chosen(*m_map));
    if (!map) {
        return kNone;
    }
    const auto sample = map->find(m_sample->currentData().toLongLong());
    return sample == map->end() ? kNone : sample->second;
}

void AlignmentPage::fillSteps()
{
    std::vector<std::int64_t> steps;
    for (const auto& [step, id] : stepsOf(chosen(*m_run))) {
        steps.push_back(step);
    }
    m_otherStep->setSteps(steps);
    m_otherStep->setVisible(besideItself() && steps.size() > 1);
    m_step->setVisible(!steps.empty());
    m_step->setSteps(std::move(steps));
    readStepValues();
    look();
}

// Reads the maps of the chosen sample and step, and tells its tokens apart.
void AlignmentPage::look()
{
    m_lookAgain = m_looking;
    if (m_looking) { // a slider that is dragged asks faster than maps are read: only the newest choice counts
        return;
    }
    m_looking = true;
    const WorkspaceLayout layout{m_workspace.workspace()};
    using Ask = std::pair<std::filesystem::path, std::optional<std::int64_t>>;
    const std::string left = chosen(*m_run);
    const std::string right = besideItself() ? left : chosen(*m_other);
    const auto ask = [&](const std::string& runId, const StepSlider& step) -> Ask {
        return runId.empty() ? Ask{} : Ask{layout.run(runId).root, nearest(stepsOf(runId), step.step())};
    };
    const std::vector<Ask> asks{ask(left, *m_step), ask(right, besideItself() ? *m_otherStep : *m_step)};
    const std::optional<std::int64_t> sample =
        m_sample->count() > 0 ? std::optional<std::int64_t>(m_sample->currentData().toLongLong()) : std::nullopt;
    m_background.run(
        this,
        [asks, sample, coverage = m_coverage](const std::atomic<bool>&) -> Result<Looked> {
            Looked looked;
            for (std::size_t side = 0; side < asks.size(); ++side) {
                const auto& [folder, id] = asks[side];
                auto map = id ? readMap(folder, *id) : Result<std::optional<store::HeatMapRow>>(std::nullopt);
                if (!map) {
                    return map.failure();
                }
                (side == 0 ? looked.left : looked.right) = std::move(*map);
            }
            if (coverage && sample) {
                looked.rows = coverage->rows(*sample);
            }
            return looked;
        },
        [this](Result<Looked> looked) {
            m_looking = false;
            if (std::exchange(m_lookAgain, false)) {
                look();
            } else if (!looked) {
                m_left.view->clear(windowWords(looked.failure().text()));
            } else {
                showLooked(std::move(*looked));
            }
        });
}

void AlignmentPage::showLooked(Looked looked)
{
    m_left.map = std::move(looked.left);
    m_right.map = std::move(looked.right);
    m_rows = std::move(looked.rows);
    showTokens();
    showSides();
    showInsideChunks();
    linkCursor(m_cell);
}

void AlignmentPage::showSides()
{
    const std::string other = besideItself() ? chosen(*m_run) : chosen(*m_other);
    const bool two = !other.empty();
    m_difference->setEnabled(two);
    m_delta.map = m_left.map && m_right.map ? difference(*m_left.map, *m_right.map) : std::nullopt;
    m_right.frame->setVisible(two);
    m_delta.frame->setVisible(two && m_difference->isChecked());
    const config::AlignmentRow* alignment = alignmentOf(chosen(*m_run));
    const bool recorded = !stepsOf(chosen(*m_run)).empty();
    showSide(m_left, chosen(*m_run),
             recorded    ? tr("This map is gone: the run was resumed from before its step.")
             : alignment ? noMap(*alignment)
                         : QString());
    showSide(m_right, other, tr("%1 has no such map of this sample.").arg(runTitle(m_workspace, other)));
    showSide(m_delta, {},
             m_left.map && m_right.map ? tr("The two maps are of different tokens, so there is no difference to show.")
                                       : tr("There is a difference where there are two maps."));
    colourSides();
}

void AlignmentPage::showSide(Side& side, const std::string& runId, const QString& whyEmpty)
{
    const bool isDifference = &side == &m_delta;
    side.title->setToolTip(side.map ? cutNote(*side.map) : QString());
    if (!side.map) {
        side.title->setText(isDifference ? tr("difference") : runTitle(m_workspace, runId));
        side.view->clear(whyEmpty);
        return;
    }
    const StepSlider& slider = &side == &m_right && besideItself() ? *m_otherStep : *m_step;
    const QString step =
        side.map->step == slider.step() ? tr("step %1").arg(side.map->step) : tr("nearest %1").arg(side.map->step);
    const auto chunks = chunksOf(*side.map, m_rows);
    if (isDifference) {
        const bool sameStep = m_left.map->step == m_right.map->step;
        const QString other = besideItself() ? QString() : runTitle(m_workspace, chosen(*m_other));
        side.title->setText(
            (other.isEmpty() ? tr("difference")
                             : tr("difference: %1 \u2212 %2").arg(runTitle(m_workspace, chosen(*m_run)), other)) +
            (sameStep ? QString() : tr(" (steps %1 and %2)").arg(m_left.map->step).arg(m_right.map->step)));
    } else {
        QString title = runTitle(m_workspace, runId) + QStringLiteral(" \u00b7 ") + step;
        if (const QString cut = cutNote(*side.map); !cut.isEmpty()) {
            title += QStringLiteral(" \u00b7 ") + cut;
        }
        const auto inside = chunks
                                ? align::attentionInsideChunks(side.map->values, chunks->rows, chunks->columns).mean()
                                : std::nullopt;
        if (inside) {
            title += tr(" \u00b7 %1 % inside the chunks").arg(100.0 * *inside, 0, 'f', 1);
        }
        side.title->setText(title);
    }
    side.view->setAxisTitles(axisTitle(*side.map, /*ofRows=*/true), axisTitle(*side.map, /*ofRows=*/false));
    side.view->setMap(toHeatMap(*side.map), isDifference ? viz::Scale::Diverging : viz::Scale::Sequential);
    side.view->setOutlines(m_chunks->isChecked() ? outlinesOf(*side.map) : std::vector<QRect>{});
}

// Maps side by side share their colours, or they could not be compared by eye.
void AlignmentPage::colourSides()
{
    std::optional<std::pair<float, float>> range;
    if (m_unit->isChecked()) {
        range = std::pair(0.0F, 1.0F);
    } else if (m_left.map && m_right.map) {
        for (const Side* side : {&m_left, &m_right}) {
            for (const float value : side->map->values) {
                if (std::isfinite(value)) {
                    range = range ? std::pair(std::min(range->first, value), std::max(range->second, value))
                                  : std::pair(value, value);
                }
            }
        }
        if (range && !(range->first < range->second)) {
            range.reset();
        }
    }
    m_left.view->setColourRange(range);
    m_right.view->setColourRange(range);
}

void AlignmentPage::showEmpty()
{
    if (m_run->count() > 0) {
        m_stack->showContent();
    } else {
        m_stack->showSentence(m_catalogues.whyEmpty(noAlignedRunShown(), noRunAligns(m_catalogues.shown().size())));
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
    QString text = m_left.map ? readout(*m_left.map, m_right.map, m_cell) : QString();
    const auto chunks = m_left.map && m_rows && m_cell ? chunksOf(*m_left.map, m_rows) : std::nullopt;
    if (chunks && m_cell->y() >= 0 && m_cell->y() < static_cast<int>(chunks->rows.size())) {
        const auto inside = align::attentionInsideChunks(m_left.map->values, chunks->rows, chunks->columns);
        if (const auto& share = inside.rows[static_cast<std::size_t>(m_cell->y())]) {
            text += tr("; %1 % of this row is inside its chunk").arg(100.0 * *share, 0, 'f', 1);
        }
    }
    m_readout->setText(text);
}

} // namespace dskd::ui
