#include "app/cli/terminal/progress.h"

#include "core/jobs/evidence.h"
#include "core/metrics/metric_table.h"
#include "core/metrics/run_phases.h"
#include "core/text/columns.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace dskd::cli
{

namespace
{

// What a line has room for, widest first. Step, state, loss and the time that is left stay in all of them.
struct LineForm {
    int label = 0; // columns
    int bar = 0;   // cells; 0: none
    bool speed = true;
};
constexpr LineForm kForms[] = {{22, 20, true}, {22, 8, true}, {22, 8, false}, {22, 0, false}, {10, 0, false}};
constexpr auto kLineInterval = std::chrono::seconds(5);

std::string bar(double fraction, int width, bool utf8)
{
    const double cells = std::clamp(fraction, 0.0, 1.0) * width;
    const int full = static_cast<int>(cells);
    std::string result;
    if (!utf8) {
        result.assign(static_cast<std::size_t>(full), '#');
        return "[" + result + std::string(static_cast<std::size_t>(width - full), '.') + "]";
    }
    static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    for (int i = 0; i < full; ++i) {
        result += "█";
    }
    int used = full;
    if (const int eighths = static_cast<int>((cells - full) * 8); eighths > 0 && full < width) {
        result += kEighths[eighths];
        ++used;
    }
    for (; used < width; ++used) {
        result += "·";
    }
    return result;
}

std::string padded(std::string text, int width)
{
    const int missing = width - text::displayWidth(text);
    return missing > 0 ? text + std::string(static_cast<std::size_t>(missing), ' ') : text;
}

Tone toneOf(jobs::Status status)
{
    switch (status) {
    case jobs::Status::Done: return Tone::Good;
    case jobs::Status::Stopped:
    case jobs::Status::Stalled: return Tone::Warn;
    case jobs::Status::Failed:
    case jobs::Status::Crashed:
    case jobs::Status::OutOfMemory: return Tone::Bad;
    default: return Tone::Plain;
    }
}

std::string lineOf(const ProgressFacts& facts, const LineForm& form, bool utf8)
{
    std::string line = padded(text::elide(text::terminalLine(facts.label), form.label, !utf8), form.label);
    const bool running = jobs::isAlive(facts.status);
    if (facts.totalSteps > 0) {
        const double fraction = static_cast<double>(facts.step) / static_cast<double>(facts.totalSteps);
        if (form.bar > 0) {
            line += " " + bar(facts.status == jobs::Status::Done ? 1.0 : fraction, form.bar, utf8);
        }
        line += " " + std::to_string(facts.step) + "/" + std::to_string(facts.totalSteps);
    }
    if (facts.status != jobs::Status::Running) {
        line += "  " + std::string(jobs::name(facts.status));
    } else if (!facts.phase.empty() && facts.phase != metrics::kTrainingPhase) {
        line += "  " + text::terminalLine(facts.phase);
    }
    if (facts.loss) {
        line += "  loss " + text::number(*facts.loss);
    }
    if (running && form.speed && facts.tokensPerSecond) {
        line += "  " + text::count(*facts.tokensPerSecond) + " tok/s";
    }
    if (running && facts.secondsLeft) { // of one that has ended nothing is left
        line += "  eta " + text::duration(*facts.secondsLeft);
    }
    return line;
}

} // namespace

std::string progressLine(const ProgressFacts& facts, const Console& console)
{
    std::string line;
    for (const LineForm& form : kForms) {
        line = lineOf(facts, form, console.utf8);
        if (text::displayWidth(line) < console.width) {
            return line;
        }
    }
    return text::elide(line, console.width - 1, !console.utf8);
}

std::vector<std::string> warningsOf(const RunLayout& run, store::RunReader& reader, std::int64_t& after)
{
    std::vector<store::EventRow> events = reader.eventsAfter(after);
    if (events.empty()) {
        return {};
    }
    after = events.back().id;
    std::erase_if(events, [](const store::EventRow& event) { return event.kind != store::kWarningEvent; });
    double since = 0;
    if (!events.empty()) { // a worker that was just launched has not reported its attempt yet
        const std::optional<jobs::Launch> launch = jobs::readLaunch(run);
        const std::vector<store::AttemptRow> attempts = reader.attempts();
        since = std::max(launch ? launch->time : 0, attempts.empty() ? 0 : attempts.back().started);
    }
    std::vector<std::string> warnings;
    for (const store::EventRow& event : events) {
        if (event.time >= since) {
            warnings.push_back(event.message);
        }
    }
    return warnings;
}

std::vector<std::string> warningsOf(const RunLayout& run, store::RunReader& reader)
{
    std::int64_t after = 0;
    return warningsOf(run, reader, after);
}

ProgressView::ProgressView(Console& console, std::filesystem::path workspace)
    : m_console(console), m_workspace(std::move(workspace))
{
}

ProgressView::~ProgressView()
{
    m_console.err.flush();
}

void ProgressView::setLabel(const std::string& runId, std::string label)
{
    m_labels[runId] = std::move(label);
}

ProgressView::Entry& ProgressView::entry(const std::string& runId)
{
    const auto found =
        std::find_if(m_running.begin(), m_running.end(), [&](const Entry& e) { return e.runId == runId; });
    if (found != m_running.end()) {
        return *found;
    }
    Entry& added = m_running.emplace_back();
    added.runId = runId;
    const auto label = m_labels.find(runId);
    added.facts.label = label == m_labels.end() ? runId : label->second;
    return added;
}

void ProgressView::read(Entry& entry, const jobs::RunStatus& status)
{
    ProgressFacts& facts = entry.facts;
    facts.status = status.status;
    facts.phase = status.phase;
    facts.step = status.step;
    facts.totalSteps = status.totalSteps;
    if (!entry.reader) {
        if (auto reader = store::RunReader::open(WorkspaceLayout{m_workspace}.run(entry.runId))) {
            entry.reader.emplace(std::move(*reader));
        }
    }
    if (entry.reader && entry.reader->changed()) {
        const auto latest = entry.reader->latest();
        if (const auto point = latest.find(std::string(metrics::kLoss)); point != latest.end()) {
            facts.loss = point->second.value;
        }
        if (const auto point = latest.find(std::string(metrics::kTokensPerSecond)); point != latest.end()) {
            facts.tokensPerSecond = point->second.value;
        }
    }
    if (entry.firstStep < 0 && facts.step > 0) {
        entry.firstStep = facts.step;
        entry.firstTime = Clock::now();
    }
    facts.secondsLeft.reset();
    if (entry.firstStep >= 0 && facts.step > entry.firstStep && facts.totalSteps > facts.step) {
        const double elapsed = std::chrono::duration<double>(Clock::now() - entry.firstTime).count();
        facts.secondsLeft = elapsed / static_cast<double>(facts.step - entry.firstStep) *
                            static_cast<double>(facts.totalSteps - facts.step);
    }
}

void ProgressView::printWarnings(Entry& entry)
{
    erase();
    if (!entry.reader) {
        return;
    }
    for (const std::string& warning :
         warningsOf(WorkspaceLayout{m_workspace}.run(entry.runId), *entry.reader, entry.lastEvent)) {
        const std::string whose = m_running.size() > 1 ? entry.facts.label + ": " : "";
        m_console.err << m_console.paint("Warning: ", Tone::Warn) << text::terminal(whose + warning) << '\n';
    }
}

void ProgressView::erase()
{
    if (m_linesDrawn > 0) {
        m_console.err << "\033[" << m_linesDrawn << "A\r\033[J";
        m_linesDrawn = 0;
    }
}

void ProgressView::draw()
{
    for (const Entry& e : m_running) {
        m_console.err << progressLine(e.facts, m_console) << '\n';
        ++m_linesDrawn;
    }
    m_console.err.flush();
}

void ProgressView::update(const std::string& runId, const jobs::RunStatus& status)
{
    Entry& e = entry(runId);
    read(e, status);
    printWarnings(e);
    if (m_console.live) {
        draw();
    } else if (Clock::now() - e.shown >= kLineInterval) {
        e.shown = Clock::now();
        m_console.err << progressLine(e.facts, m_console) << '\n';
        m_console.err.flush();
    }
}

void ProgressView::finish(const std::string& runId, const jobs::RunStatus& status)
{
    Entry& e = entry(runId);
    read(e, status);
    printWarnings(e);
    m_console.err << m_console.paint(progressLine(e.facts, m_console), toneOf(status.status)) << '\n';
    if (status.failure) {
        m_console.err << "  " << text::terminal(status.failure->what) << '\n';
        if (!status.failure->hint.empty()) {
            m_console.err << "  " << text::terminal(status.failure->hint) << '\n';
        }
    }
    std::erase_if(m_running, [&](const Entry& other) { return other.runId == runId; });
    if (m_console.live) {
        draw();
    }
}

void ProgressView::printLine(const std::string& line)
{
    erase();
    m_console.err << text::terminal(line) << '\n';
    if (m_console.live) {
        draw();
    }
}

} // namespace dskd::cli
