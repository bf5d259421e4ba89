#include "app/worker/run_reporter.h"

#include <iostream>
#include <utility>
#include <vector>

namespace dskd::worker
{
namespace
{

store::ModelSide rowOf(train::Side side)
{
    return side == train::Side::Student ? store::ModelSide::Student : store::ModelSide::Teacher;
}

train::Side sideOf(store::ModelSide side)
{
    return side == store::ModelSide::Student ? train::Side::Student : train::Side::Teacher;
}

store::AnswerRow rowOf(const train::GeneratedAnswer& answer, std::int64_t step)
{
    store::AnswerRow row;
    row.step = step;
    row.sample = answer.sample;
    row.prompt = answer.prompt;
    row.reference = answer.reference;
    row.answer = answer.answer;
    row.rougeL = answer.rougeL;
    return row;
}

} // namespace

void RunReporter::onMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values)
{
    m_writer.addMetrics(step, tokens, values);
    advance(step, "");
}

void RunReporter::onHeatMap(std::int64_t step, const train::HeatMap& map)
{
    store::HeatMapRow row;
    row.step = step;
    row.name = map.name;
    row.sample = map.sample;
    row.rowTokens = map.rowTokens;
    row.columnTokens = map.columnTokens;
    row.values = map.values;
    row.wholeRows = map.wholeRows;
    row.wholeColumns = map.wholeColumns;
    m_writer.addHeatMap(std::move(row));
}

void RunReporter::onAnswers(std::int64_t step, const std::vector<train::GeneratedAnswer>& answers)
{
    for (const train::GeneratedAnswer& answer : answers) {
        m_writer.addAnswer(rowOf(answer, step));
    }
}

void RunReporter::onBaselineAnswers(train::Side of, const std::vector<train::GeneratedAnswer>& answers)
{
    for (const train::GeneratedAnswer& answer : answers) {
        m_writer.addBaselineAnswer({rowOf(of), rowOf(answer, 0)});
    }
}

void RunReporter::onStructure(std::int64_t step, const std::vector<train::SampleStructure>& samples)
{
    for (const train::SampleStructure& sample : samples) {
        m_writer.addStructure({0, step, sample.sample, sample.rows, sample.cosine, sample.product, sample.cosineMean,
                               sample.productMean, sample.productRows});
    }
}

void RunReporter::onSpaceAxes(const train::SpaceAxes& axes)
{
    m_writer.addSpaceAxes({0, axes.step, rowOf(axes.space), axes.center, axes.first, axes.second, axes.explained});
}

void RunReporter::onSpacePoints(std::int64_t step, const std::vector<train::SpacePoint>& points)
{
    std::vector<store::SpacePointRow> rows;
    rows.reserve(points.size());
    for (const train::SpacePoint& point : points) {
        rows.push_back(
            {0, step, rowOf(point.space), rowOf(point.side), point.sample, point.row, point.token, point.x, point.y});
    }
    m_writer.addSpacePoints(std::move(rows));
}

std::vector<train::SpaceAxes> RunReporter::keptAxes() const
{
    std::vector<train::SpaceAxes> kept;
    const Result<std::vector<store::SpaceAxesRow>> rows = m_writer.spaceAxes();
    if (!rows) { // no reason not to train
        m_writer.addEvent(0, store::kWarningEvent,
                          "The axes of the pictures so far could not be read, so that new ones are fitted: " +
                              rows.failure().what);
        return kept;
    }
    for (const store::SpaceAxesRow& row : *rows) {
        kept.push_back({row.step, sideOf(row.space), row.center, row.first, row.second, row.explained});
    }
    return kept;
}

void RunReporter::onCheckpoint(std::int64_t step, const std::string& folder)
{
    m_folder.check().value();
    m_writer.addEvent(step, "checkpoint", folder);
    (void)m_writer.flush().value();
}

void RunReporter::onEvent(std::int64_t step, const std::string& kind, const std::string& message)
{
    m_writer.addEvent(step, kind, message);
    if (kind == store::kWarningEvent) {
        std::cerr << "Warning: " << message << std::endl; // worker.log
    }
    if (kind == "device") {
        (void)m_writer.setInfo(kind, message); // the event says it already, should this fail
    }
}

void RunReporter::onPhase(std::int64_t step, const std::string& phase)
{
    advance(step, phase);
    if (phase == metrics::kSavingPhase) {
        m_folder.check().value();
        (void)m_writer.flushToDisk()
            .value(); // a resume from this checkpoint must find the rows of every step before it
    }
}

void RunReporter::onPlan(std::int64_t totalSteps, std::int64_t stepsPerEpoch)
{
    m_writer.setPlan({totalSteps, stepsPerEpoch}).value();
}

RunReporter::Progress RunReporter::progress() const
{
    const std::lock_guard lock(m_mutex);
    return m_progress;
}

void RunReporter::advance(std::int64_t step, const std::string& phase)
{
    const std::lock_guard lock(m_mutex);
    m_progress.step = std::max(m_progress.step, step);
    if (!phase.empty()) {
        m_progress.phase = phase;
    }
}

} // namespace dskd::worker
