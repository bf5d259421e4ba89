// Coverage, tokens and what is recorded over the steps, on the alignment page. Choices and maps are in
// alignment_page.cpp.

#include "core/base/run_layout.h"
#include "core/config/schema/experiment_json.h"
#include "core/preflight/run_coverage.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/map_panel.h"
#include "ui/pages/alignment/step_charts.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/muted_label.h"

#include <QComboBox>
#include <QLabel>
#include <QSpinBox>
#include <algorithm>
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
    const bool pair = showsPair();
    const std::int64_t samples = pair ? std::max<std::int64_t>(m_samples->value(), m_pairLine) : m_samples->value();
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
    m_lists->clear();
    m_headlineNotes->setText({});
    m_headline->setText(run.empty() ? QString() : tr("coverage \u2026"));
    const config::AlignmentRow* alignment = alignmentOf(run);
    if (!alignment) {
        return;
    }
    m_legend->setAlignment(*alignment);
    m_outdated = std::make_shared<std::atomic<bool>>(false);
    const std::filesystem::path file = WorkspaceLayout{m_workspace.workspace()}.run(run).config();
    const auto known = pair ? std::optional(m_pair) : std::nullopt;
    m_measuring->run(
        this,
        [file, known, request = preflight::CoverageRequest{which, samples},
         outdated = m_outdated](const std::atomic<bool>&) -> Result<std::shared_ptr<const preflight::RunCoverage>> {
            if (*outdated) {
                return Failure{"Another run was chosen.", {}};
            }
            const auto experiment = known ? Result<config::Experiment>(*known) : config::loadExperiment(file);
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
    showPairLine();
}

// The sample that another page asked for, once: a person may then choose others.
void AlignmentPage::showPairLine()
{
    if (!showsPair() || std::exchange(m_showedLine, true)) {
        return;
    }
    for (const align::SampleCoverage& sample : m_coverage->report().samples) {
        if (sample.line == m_pairLine) {
            m_sample->setCurrentIndex(m_sample->findData(QString::number(sample.sample)));
            return;
        }
    }
    m_headlineNotes->setText(tr("Line %1 has no token within data.max_length \u00b7 ").arg(m_pairLine) +
                             m_headlineNotes->text());
    m_headlineNotes->setToolTip(plainHint(m_headlineNotes->text()));
}

void AlignmentPage::showTokens()
{
    const config::AlignmentRow* alignment = alignmentOf(m_run->currentData().toString().toStdString());
    const std::optional<store::HeatMapRow>& map = m_maps->maps().left;
    const std::optional<preflight::SampleRows>& rows = m_maps->maps().rows;
    const bool teacherAbove = teacherIsAbove(map);
    const QString above = teacherAbove ? tr("teacher") : tr("student");
    const QString below = teacherAbove ? tr("student") : tr("teacher");
    if (rows && alignment) {
        m_tokens->setTokens(rowTokens(*rows, teacherAbove, *alignment), rowTokens(*rows, !teacherAbove, *alignment),
                            above, below);
        if (map && chunksOf(*map, rows)) {
            m_tokens->setMap(toHeatMap(*map), teacherAbove ? rows->firstTeacher : rows->firstStudent,
                             teacherAbove ? rows->firstStudent : rows->firstTeacher);
        }
    } else if (map) {
        m_tokens->setMap(toHeatMap(*map), above, below);
    } else {
        m_tokens->clear();
    }
    m_legend->setVisible(rows.has_value());
    showTokenDetail();
}

void AlignmentPage::showTokenDetail()
{
    const auto place = m_tokens->selected();
    const std::optional<store::HeatMapRow>& map = m_maps->maps().left;
    const std::optional<preflight::SampleRows>& rows = m_maps->maps().rows;
    const config::AlignmentRow* alignment = alignmentOf(m_run->currentData().toString().toStdString());
    QString text;
    if (rows && map && !chunksOf(*map, rows)) {
        text = tr("The recorded map is of other tokens: the data or a tokenizer has changed since. Its chunks are not "
                  "known.");
    } else if (place && rows && alignment) {
        text =
            tokenDetail(*rows, place->upper == teacherIsAbove(map), static_cast<std::size_t>(place->token), *alignment);
    } else if (rows) {
        text = tr("Click a token to see its partner and the text that both stand for.");
    }
    m_tokenDetail->setText(text);
    m_tokenDetail->setToolTip(plainHint(text));
}

// What is recorded besides maps grows while a run trains.
void AlignmentPage::followRun()
{
    const RunRecord* record = m_workspace.find(m_run->currentData().toString().toStdString());
    if (record && jobs::isAlive(record->status.status)) {
        readStepValues();
    }
}

void AlignmentPage::readStepValues()
{
    const std::string run = m_run->currentData().toString().toStdString();
    m_steps->setSubject({showsPair() ? std::string() : run, m_map->currentData().toString().toStdString(),
                         alignmentOf(run), m_coverage});
    if (isVisible()) {
        m_steps->read();
    }
}

// Beside the samples, at the step that is nearest to the one looked at.
void AlignmentPage::showInsideChunks()
{
    const StepValues* values = m_steps->values();
    if (values == nullptr) {
        m_lists->setInsideChunks({});
        return;
    }
    std::map<std::int64_t, double> bySample;
    std::map<std::int64_t, std::int64_t> apart;
    const std::int64_t step = m_maps->maps().left ? m_maps->maps().left->step : 0;
    for (const auto& [id, point] : values->maps) {
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
