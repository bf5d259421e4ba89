#include "ui/pages/alignment/alignment_page.h"

#include "core/base/run_layout.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/quiet_label.h"
#include "ui/pages/shared/read_each.h"
#include "viz/heat_map_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedWidget>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

// Fills a box anew and keeps the choice when it is still there.
void refill(QComboBox& box, const std::vector<std::pair<QString, QString>>& entries)
{
    const QSignalBlocker quiet(box);
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

void AlignmentPage::play(bool on)
{
    m_play->setText(on ? tr("Pause") : tr("Play"));
    m_play->setChecked(on);
    if (!on) {
        m_player.stop();
        return;
    }
    if (m_slider->value() == m_slider->maximum()) {
        m_slider->setValue(0);
    }
    m_player.start();
}

void AlignmentPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    const bool chosenAnew = selected != m_selected;
    m_shown = std::move(shown);
    m_selected = std::move(selected);
    m_followsList = m_followsList || chosenAnew;
    fillChoices();
    readCatalogues();
}

// What is selected in the list comes to the left, a second one beside it, as soon as there are maps of it; until
// someone chooses otherwise here.
void AlignmentPage::followList(QComboBox& box, std::size_t from) const
{
    const QSignalBlocker quiet(box);
    for (std::size_t i = from; m_followsList && i < m_selected.size(); ++i) {
        if (const int at = box.findData(QString::fromStdString(m_selected[i])); at >= 0) {
            box.setCurrentIndex(at);
            return;
        }
    }
}

void AlignmentPage::hideEvent(QHideEvent* event)
{
    m_play->setChecked(false); // nobody is looking
    QWidget::hideEvent(event);
}

void AlignmentPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    readCatalogues();
}

QString AlignmentPage::nameOf(const std::string& runId) const
{
    const RunRecord* record = m_workspace.find(runId);
    return QString::fromStdString(record && !record->row.name.empty() ? record->row.name : runId);
}

void AlignmentPage::readCatalogues()
{
    if (!isVisible() || m_readingCatalogues) {
        return;
    }
    std::erase_if(m_final, [this](const std::string& id) { // resumed: goes on
        const RunRecord* record = m_workspace.find(id);
        return !record || jobs::isAlive(record->status.status);
    });
    std::vector<std::string> ids;
    std::set<std::string> ended;
    for (const std::string& id : m_shown) {
        const RunRecord* record = m_workspace.find(id);
        if (!record || m_final.contains(id)) {
            continue;
        }
        ids.push_back(id);
        if (!jobs::isAlive(record->status.status)) {
            ended.insert(id);
        }
    }
    if (ids.empty()) {
        showEmpty();
        return;
    }
    m_readingCatalogues = true;
    const WorkspaceLayout layout{m_workspace.workspace()};
    m_background.run(
        this,
        [ids, layout](const std::atomic<bool>& cancelled) {
            return readEach<MapCatalogue>(ids, layout, cancelled, readCatalogue);
        },
        [this, ended](Result<ReadRuns<MapCatalogue>> read) {
            m_readingCatalogues = false;
            m_trouble = read ? read->trouble : QString::fromStdString(read.failure().text());
            bool changed = std::erase_if(m_catalogues, [this](const auto& entry) { // what nobody looks at
                               return std::find(m_shown.begin(), m_shown.end(), entry.first) == m_shown.end();
                           }) > 0;
            for (auto& [id, catalogue] : read ? read->byRun : std::map<std::string, MapCatalogue>()) {
                if (ended.contains(id)) {
                    m_final.insert(id);
                }
                changed = changed || !m_catalogues.contains(id) || m_catalogues[id] != catalogue;
                m_catalogues[id] = std::move(catalogue);
            }
            std::erase_if(m_final, [this](const std::string& id) { return !m_catalogues.contains(id); });
            if (changed) {
                fillChoices();
            } else {
                showEmpty();
            }
        });
}

void AlignmentPage::fillChoices()
{
    std::vector<std::pair<QString, QString>> runs;
    for (const std::string& id : m_shown) {
        if (const auto found = m_catalogues.find(id); found != m_catalogues.end() && !found->second.byName.empty()) {
            runs.emplace_back(nameOf(id), QString::fromStdString(id));
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
    if (const auto run = m_catalogues.find(chosen(*m_run)); run != m_catalogues.end()) {
        for (const auto& [name, bySample] : run->second.byName) {
            maps.emplace(name.ends_with("t2s") ? maps.begin() : maps.end(), mapTitle(name),
                         QString::fromStdString(name));
        }
        refill(*m_map, maps);
        for (int i = 0; i < m_map->count(); ++i) {
            m_map->setItemData(i, m_map->itemData(i), Qt::ToolTipRole); // as it is called in run.db
        }
        if (const auto map = run->second.byName.find(chosen(*m_map)); map != run->second.byName.end()) {
            for (const auto& [sample, steps] : map->second) {
                samples.emplace_back(tr("%1").arg(sample + 1), QString::number(sample));
            }
        }
    }
    refill(*m_sample, samples);
    showEmpty();
    fillSteps();
}

const MapSteps& AlignmentPage::stepsOf(const std::string& runId) const
{
    static const MapSteps kNone;
    const auto run = m_catalogues.find(runId);
    if (run == m_catalogues.end()) {
        return kNone;
    }
    const auto map = run->second.byName.find(chosen(*m_map));
    if (map == run->second.byName.end()) {
        return kNone;
    }
    const auto sample = map->second.find(m_sample->currentData().toLongLong());
    return sample == map->second.end() ? kNone : sample->second;
}

void AlignmentPage::fillSteps()
{
    const bool atEnd = m_steps.empty() || m_slider->value() == m_slider->maximum();
    const std::int64_t before = m_steps.empty() ? 0 : m_steps[static_cast<std::size_t>(m_slider->value())];
    const MapSteps& steps = stepsOf(chosen(*m_run));
    m_steps.clear();
    for (const auto& [step, id] : steps) {
        m_steps.push_back(step);
    }
    {
        const QSignalBlocker quiet(m_slider);
        m_slider->setRange(0, std::max(0, static_cast<int>(m_steps.size()) - 1));
        const auto nearest = nearestStep(steps, before);
        const auto at = nearest ? std::find(m_steps.begin(), m_steps.end(), *nearest) - m_steps.begin() : 0;
        m_slider->setValue(atEnd ? m_slider->maximum() : static_cast<int>(at)); // at the end it follows the run
        m_slider->setEnabled(m_steps.size() > 1);
    }
    m_play->setEnabled(m_steps.size() > 1);
    readMaps();
}

void AlignmentPage::readMaps()
{
    if (m_steps.empty()) {
        ++m_request;
        m_stepText->clear();
        return;
    }
    const std::int64_t step = m_steps[static_cast<std::size_t>(m_slider->value())];
    m_stepText->setText(tr("step %1 of %2").arg(step).arg(m_steps.back()));
    m_readAgain = m_readingMaps;
    if (m_readingMaps) { // a slider that is dragged asks faster than maps are read: the newest wish counts
        return;
    }
    m_readingMaps = true;
    const int request = ++m_request;
    const WorkspaceLayout layout{m_workspace.workspace()};
    using Ask = std::pair<std::filesystem::path, std::optional<std::int64_t>>;
    const auto ask = [&](const std::string& runId) -> Ask {
        const MapSteps& steps = stepsOf(runId);
        const auto nearest = nearestStep(steps, step);
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
    showSide(m_right, other, tr("%1 has no such map of this sample.").arg(nameOf(other)));
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
        side.title->setText(isDifference ? tr("difference") : nameOf(runId));
        side.view->clear(whyEmpty);
        return;
    }
    const std::int64_t wanted = m_steps[static_cast<std::size_t>(m_slider->value())];
    const QString step = side.map->step == wanted ? tr("step %1").arg(wanted) : tr("nearest %1").arg(side.map->step);
    if (isDifference) {
        const bool sameStep = m_left.map->step == m_right.map->step;
        side.title->setText(
            tr("difference: %1 \u2212 %2").arg(nameOf(chosen(*m_run)), nameOf(chosen(*m_other))) +
            (sameStep ? QString() : tr(" (steps %1 and %2)").arg(m_left.map->step).arg(m_right.map->step)));
    } else {
        side.title->setText(nameOf(runId) + QStringLiteral(" \u00b7 ") + step);
    }
    const bool teacherRows = rowsAreTeacher(side.map->name);
    side.view->setAxisTitles(teacherRows ? tr("teacher") : tr("student"), teacherRows ? tr("student") : tr("teacher"));
    side.view->setMap(toHeatMap(*side.map), isDifference ? viz::Scale::Diverging : viz::Scale::Sequential);
}

void AlignmentPage::showEmpty()
{
    const bool anyMap = m_run->count() > 0;
    m_stack->setCurrentIndex(anyMap ? 1 : 0);
    if (!anyMap) {
        const bool read = std::all_of(m_shown.begin(), m_shown.end(), [this](const std::string& id) {
            return m_catalogues.contains(id) || !m_workspace.find(id);
        });
        m_empty->setText(whyNoMap(m_shown.size(), read, m_trouble));
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
