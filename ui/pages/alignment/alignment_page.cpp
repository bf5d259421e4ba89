#include "ui/pages/alignment/alignment_page.h"

#include "core/base/run_layout.h"
#include "core/config/schema/choices.h"
#include "core/preflight/run_coverage.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/map_panel.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/page_stack.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

namespace dskd::ui
{
namespace
{

const QString kAnotherStep = QStringLiteral("@step"); // in place of the run beside: another step of the same
const QString kPair = QStringLiteral("@pair");        // in place of a run: models without one

// What is read for one sample at one step.
struct SampleMaps {
    std::optional<store::HeatMapRow> left;
    std::optional<store::HeatMapRow> right;
    std::optional<preflight::SampleRows> rows; // none without coverage, and where the sample is none of its samples
};

QString folderName(const std::string& path)
{
    const std::filesystem::path folder(path);
    const std::string name = (folder.filename().empty() ? folder.parent_path() : folder).filename().string();
    return shownName(name);
}

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

void AlignmentPage::setStepLink(StepLink& link)
{
    m_maps->setStepLink(link);
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

bool AlignmentPage::showAlignment(const config::Experiment& experiment, std::int64_t line)
{
    m_pair = experiment;
    m_pairLine = std::max<std::int64_t>(1, line);
    m_showedLine = false;
    m_followsList = false;
    m_measured.clear();
    fillChoices(); // it is among them now
    m_run->setCurrentIndex(m_run->findData(kPair));
    fillChoices(); // where it was chosen before
    return true;
}

bool AlignmentPage::showsPair() const
{
    return m_pairLine > 0 && m_run->currentData().toString() == kPair;
}

QString AlignmentPage::nameOf(const std::string& runId) const
{
    return runId == kPair.toStdString()
               ? tr("%1 and %2, without a run").arg(folderName(m_pair.teacher.model), folderName(m_pair.student.model))
               : runTitle(m_workspace, runId);
}

const config::AlignmentRow* AlignmentPage::alignmentOf(const std::string& runId) const
{
    if (m_pairLine > 0 && runId == kPair.toStdString()) {
        return &config::rowOf(m_pair.method.alignment);
    }
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

bool AlignmentPage::comparesSteps() const
{
    return m_other->currentData().toString() == kAnotherStep;
}

void AlignmentPage::fillChoices()
{
    std::vector<std::pair<QString, QString>> runs;
    for (const std::string& id : m_catalogues.shown()) {
        if (alignmentOf(id)) {
            runs.emplace_back(nameOf(id), QString::fromStdString(id));
        }
    }
    if (m_pairLine > 0) {
        runs.emplace_back(nameOf(kPair.toStdString()), kPair);
    }
    refill(*m_run, runs);
    followList(*m_run, 0);
    std::vector<std::pair<QString, QString>> others{{tr("no other map"), {}}};
    if (!runs.empty() && !showsPair()) { // which has no maps
        others.emplace_back(tr("another step"), kAnotherStep);
        std::copy_if(runs.begin(), runs.end(), std::back_inserter(others), [this](const auto& run) {
            return run.second != m_run->currentData().toString() && run.second != kPair;
        });
    }
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
    m_maps->setSteps(std::move(steps), comparesSteps());
    readStepValues();
    readMaps();
}

// Reads the maps of the chosen sample and step, and marks its tokens.
void AlignmentPage::readMaps()
{
    m_readAgain = m_reading;
    if (m_reading) { // a slider that is dragged asks faster than maps are read: only the newest choice counts
        return;
    }
    m_reading = true;
    const WorkspaceLayout layout{m_workspace.workspace()};
    using Ask = std::pair<std::filesystem::path, std::optional<std::int64_t>>;
    const std::string left = chosen(*m_run);
    const std::string right = comparesSteps() ? left : chosen(*m_other);
    const auto ask = [&](const std::string& runId, std::optional<std::int64_t> step) -> Ask {
        return runId.empty() ? Ask{} : Ask{layout.run(runId).root, nearest(stepsOf(runId), step)};
    };
    const std::vector<Ask> asks{ask(left, m_maps->leftStep()), ask(right, m_maps->rightStep())};
    const std::optional<std::int64_t> sample =
        m_sample->count() > 0 ? std::optional<std::int64_t>(m_sample->currentData().toLongLong()) : std::nullopt;
    m_background.run(
        this,
        [asks, sample, coverage = m_coverage](const std::atomic<bool>&) -> Result<SampleMaps> {
            SampleMaps read;
            for (std::size_t side = 0; side < asks.size(); ++side) {
                const auto& [folder, id] = asks[side];
                auto map = id ? readMap(folder, *id) : Result<std::optional<store::HeatMapRow>>(std::nullopt);
                if (!map) {
                    return map.failure();
                }
                (side == 0 ? read.left : read.right) = std::move(*map);
            }
            if (coverage && sample) {
                read.rows = coverage->rows(*sample);
            }
            return read;
        },
        [this](Result<SampleMaps> read) {
            m_reading = false;
            if (std::exchange(m_readAgain, false)) {
                readMaps();
                return;
            }
            const std::string run = chosen(*m_run); // as it is now
            const std::string other = comparesSteps() ? run : chosen(*m_other);
            MapPanel::Maps maps;
            maps.leftName = run.empty() ? QString() : nameOf(run);
            maps.rightName = other.empty() ? QString() : nameOf(other);
            maps.sameRun = comparesSteps();
            maps.whyNone = read ? whyNoMap() : windowWords(read.failure().text());
            if (read) {
                maps.left = std::move(read->left);
                maps.right = std::move(read->right);
                maps.rows = std::move(read->rows);
            }
            m_maps->setMaps(std::move(maps));
            showTokens();
            showInsideChunks();
            m_tokens->setCursorCell(m_maps->cursorCell());
        });
}

// The step is known, so a map that is not there has gone; else the alignment records none, or none yet.
QString AlignmentPage::whyNoMap() const
{
    if (showsPair()) {
        return tr("This pair has no run, so no attention is recorded. The tokens above show how they are aligned.");
    }
    const std::string run = chosen(*m_run);
    const config::AlignmentRow* alignment = alignmentOf(run);
    return !stepsOf(run).empty() ? tr("This map is gone: the run was resumed from before its step.")
           : alignment           ? noMap(*alignment)
                                 : QString();
}

void AlignmentPage::showEmpty()
{
    if (m_run->count() > 0) {
        m_stack->showContent();
    } else {
        m_stack->showSentence(m_catalogues.whyEmpty(noAlignedRunShown(), noRunAligns(m_catalogues.shown().size())));
    }
}

} // namespace dskd::ui
