// Coverage, tokens and what is recorded over the steps, on the alignment page. Choices and maps are in
// alignment_page.cpp.

#include "core/base/run_layout.h"
#include "core/config/schema/experiment_json.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/muted_label.h"
#include "viz/curve_chart.h"
#include "viz/heat_map_view.h"

#include <QComboBox>
#include <QLabel>
#include <QSpinBox>
#include <cstdlib>
#include <map>
#include <utility>

namespace dskd::ui
{
namespace
{

// The map's columns are drawn above its rows; without a map the teacher is.
bool teacherIsAbove(const std::optional<store::HeatMapRow>& map)
{
    return !map || !align::rowsAreTeacher(map->name);
}

} // namespace

// Finds out the coverage of the run at the left, unless it is known or on its way.
void AlignmentPage::measure()
{
    const std::string run = m_run->currentData().toString().toStdString();
    const auto which = static_cast<preflight::CoverageData>(m_data->currentData().toInt());
    const std::int64_t samples = m_samples->value();
    const std::string wanted =
        run.empty() ? std::string()
                    : run + '\n' + std::to_string(static_cast<int>(which)) + '\n' + std::to_string(samples);
    if (!isVisible() || wanted == m_measured) {
        return;
    }
    if (m_outdated) {
        *m_outdated = true;
    }
    m_measured = wanted;
    m_coverage.reset();
    m_rows.reset();
    m_stepValues.reset();
    m_lists->clear();
    m_headlineNotes->setText({});
    m_headline->setText(run.empty() ? QString() : tr("coverage \u2026"));
    showStepValues();
    const config::AlignmentRow* alignment = alignmentOf(run);
    if (!alignment) {
        return;
    }
    m_legend->setAlignment(*alignment);
    m_outdated = std::make_shared<std::atomic<bool>>(false);
    const std::filesystem::path file = WorkspaceLayout{m_workspace.workspace()}.run(run).config();
    m_measuring->run(
        this,
        [file, request = preflight::CoverageRequest{which, samples},
         outdated = m_outdated](const std::atomic<bool>&) -> Result<std::shared_ptr<const preflight::RunCoverage>> {
            if (*outdated) {
                return Failure{"Another run was chosen.", {}};
            }
            const auto experiment = config::loadExperiment(file);
            return experiment ? preflight::RunCoverage::measure(*experiment, request, *outdated)
                              : Result<std::shared_ptr<const preflight::RunCoverage>>(experiment.failure());
        },
        [this, outdated = m_outdated](Result<std::shared_ptr<const preflight::RunCoverage>> measured) {
            if (!*outdated) {
                showCoverage(std::move(measured));
            }
        });
}

void AlignmentPage::showCoverage(Result<std::shared_ptr<const preflight::RunCoverage>> measured)
{
    if (!measured) {
        m_headline->setText(tr("coverage not known"));
        m_headlineNotes->setText(windowWords(measured.failure().text()));
        m_headlineNotes->setToolTip(plainHint(m_headlineNotes->text()));
        return;
    }
    m_coverage = std::move(*measured);
    m_headline->setText(coverageHeadline(m_coverage->report()));
    m_headlineNotes->setText(coverageNotes(*m_coverage));
    m_headlineNotes->setToolTip(plainHint(m_headlineNotes->text()));
    m_lists->setReport(m_coverage->report());
    fillSamples();
}

void AlignmentPage::showTokens()
{
    const config::AlignmentRow* alignment = alignmentOf(m_run->currentData().toString().toStdString());
    const bool teacherAbove = teacherIsAbove(m_left.map);
    const QString above = teacherAbove ? tr("teacher") : tr("student");
    const QString below = teacherAbove ? tr("student") : tr("teacher");
    if (m_rows && alignment) {
        m_tokens->setTokens(rowTokens(*m_rows, teacherAbove, *alignment), rowTokens(*m_rows, !teacherAbove, *alignment),
                            above, below);
        if (m_left.map && chunksOf(*m_left.map, m_rows)) {
            m_tokens->setMap(toHeatMap(*m_left.map), teacherAbove ? m_rows->firstTeacher : m_rows->firstStudent,
                             teacherAbove ? m_rows->firstStudent : m_rows->firstTeacher);
        }
    } else if (m_left.map) {
        m_tokens->setMap(toHeatMap(*m_left.map), above, below);
    } else {
        m_tokens->clear();
    }
    m_legend->setVisible(m_rows.has_value());
    showTokenDetail();
}

void AlignmentPage::showTokenDetail()
{
    const auto place = m_tokens->selected();
    const config::AlignmentRow* alignment = alignmentOf(m_run->currentData().toString().toStdString());
    QString text;
    if (m_rows && m_left.map && !chunksOf(*m_left.map, m_rows)) {
        text = tr("The recorded map is of other tokens: the data or a tokenizer has changed since. Its chunks are not "
                  "known.");
    } else if (place && m_rows && alignment) {
        text = tokenDetail(*m_rows, place->upper == teacherIsAbove(m_left.map), static_cast<std::size_t>(place->token),
                           *alignment);
    } else if (m_rows) {
        text = tr("Click a token to see its partner and the text that both stand for.");
    }
    m_tokenDetail->setText(text);
    m_tokenDetail->setToolTip(plainHint(text));
}

std::vector<QRect> AlignmentPage::outlinesOf(const store::HeatMapRow& map) const
{
    std::vector<QRect> outlines;
    const auto chunks = chunksOf(map, m_rows);
    if (!chunks) {
        return outlines;
    }
    for (const align::ChunkBox& box : align::chunkBoxes(chunks->rows, chunks->columns)) {
        outlines.emplace_back(box.columnBegin, box.rowBegin, box.columnEnd - box.columnBegin,
                              box.rowEnd - box.rowBegin);
    }
    return outlines;
}

// What is recorded besides maps grows while a run trains.
void AlignmentPage::followSteps()
{
    const RunRecord* record = m_workspace.find(m_run->currentData().toString().toStdString());
    if (record && jobs::isAlive(record->status.status)) {
        readStepValues();
    }
}

void AlignmentPage::readStepValues()
{
    const std::string run = m_run->currentData().toString().toStdString();
    if (m_readingSteps || run.empty() || !isVisible()) {
        return;
    }
    m_readingSteps = true;
    const bool goesOn = m_stepsOf == run && m_stepValues;
    const std::filesystem::path folder = WorkspaceLayout{m_workspace.workspace()}.run(run).root;
    m_background.run(
        this,
        [folder, map = m_map->currentData().toString().toStdString(), coverage = m_coverage,
         before = goesOn ? m_stepValues : nullptr](const std::atomic<bool>& cancelled) {
            return readSteps(folder, map, coverage, before ? *before : StepValues{}, cancelled);
        },
        [this, run, coverage = m_coverage](Result<StepValues> values) {
            m_readingSteps = false;
            const bool current = run == m_run->currentData().toString().toStdString() && coverage == m_coverage;
            if (current && values && values->mapName == m_map->currentData().toString().toStdString()) {
                m_stepValues = std::make_shared<const StepValues>(std::move(*values));
                m_stepsOf = run;
                showStepValues();
                showInsideChunks();
            } else if (values) { // what was chosen has changed since
                readStepValues();
            }
        });
}

void AlignmentPage::showStepValues()
{
    const RunRecord* record = m_workspace.find(m_run->currentData().toString().toStdString());
    std::vector<viz::Curve> coverage;
    std::vector<viz::Curve> inside;
    if (m_stepValues && record) {
        const auto curve = [](const QString& name, const QColor& color, std::vector<QPointF> points) {
            viz::Curve result;
            result.id = result.label = name;
            result.color = color;
            result.points = std::move(points);
            return result;
        };
        std::map<std::int64_t, std::vector<QPointF>> bySample;
        std::map<std::int64_t, std::pair<double, int>> sums; // over the samples, by step
        std::map<std::pair<std::int64_t, std::int64_t>, double> ordered;
        for (const auto& [id, point] : m_stepValues->maps) {
            if (point.inside) {
                ordered[{point.sample, point.step}] = *point.inside;
            }
        }
        for (const auto& [key, value] : ordered) {
            bySample[key.first].emplace_back(static_cast<double>(key.second), value);
            auto& [sum, count] = sums[key.second];
            sum += value;
            ++count;
        }
        for (auto& [sample, points] : bySample) {
            inside.push_back(
                curve(tr("sample %1").arg(sample + 1), runColor(static_cast<int>(sample) + 1), std::move(points)));
            inside.back().dashed = true;
        }
        std::vector<QPointF> mean;
        for (const auto& [step, sum] : sums) {
            mean.emplace_back(static_cast<double>(step), sum.first / sum.second);
        }
        if (!mean.empty()) {
            inside.push_back(
                curve(tr("mean of %1 samples").arg(inside.size()), runColor(record->color), std::move(mean)));
            inside.back().strong = true;
        }
        std::vector<QPointF> shares;
        shares.reserve(m_stepValues->coverage.size());
        for (const store::MetricPoint& point : m_stepValues->coverage) {
            shares.emplace_back(static_cast<double>(point.step), point.value);
        }
        if (!shares.empty()) {
            coverage.push_back(curve(runTitle(*record), runColor(record->color), std::move(shares)));
        }
    }
    const config::AlignmentRow* alignment = record ? alignmentOf(record->row.id) : nullptr;
    const QString name = alignment ? QString::fromStdString(std::string(alignment->name)) : QString();
    m_coverageChart->setEmptyText(alignment && alignment->attends
                                      ? tr("Runs with method.alignment = %1 record no coverage of their batches: it "
                                           "does not change with the steps. "
                                           "The number above is that of the data.")
                                            .arg(name)
                                      : tr("No coverage is recorded yet."));
    m_insideChart->setEmptyText(
        alignment && !alignment->attends
            ? tr("Runs with method.alignment = %1 pair tokens and have no attention.").arg(name)
        : m_coverage && !m_coverage->holdsProbes()
            ? tr("Attention is recorded for samples of the validation data. Choose these to see it.")
        : m_coverage ? tr("No attention is recorded yet, or only of other tokens.")
                     : tr("The true chunks are known when the coverage is."));
    m_coverageChart->setCurves(std::move(coverage));
    m_insideChart->setCurves(std::move(inside));
}

// Beside the samples, at the step that is nearest to the one looked at.
void AlignmentPage::showInsideChunks()
{
    if (!m_stepValues) {
        m_lists->setInsideChunks({});
        return;
    }
    std::map<std::int64_t, double> bySample;
    std::map<std::int64_t, std::int64_t> apart;
    const std::int64_t step = m_left.map ? m_left.map->step : 0;
    for (const auto& [id, point] : m_stepValues->maps) {
        if (!point.inside) {
            continue;
        }
        const std::int64_t distance = std::abs(point.step - step);
        const auto known = apart.find(point.sample);
        if (known == apart.end() || distance < known->second) {
            apart[point.sample] = distance;
            bySample[point.sample] = *point.inside;
        }
    }
    m_lists->setInsideChunks(bySample);
}

} // namespace dskd::ui
