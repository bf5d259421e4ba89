#include "ui/feed/workspace_scan.h"

#include <algorithm>
#include <bit>

namespace dskd::ui
{
namespace
{

// A lock that lasts longer is reported; the next poll tries again.
constexpr std::chrono::milliseconds kPatience{200};
// A run that does not live is read once in so many polls.
constexpr std::size_t kTurns = 10;
// Counting the runs of an experiment reads the configurations of those it has: as many as fit into this time,
// at least one experiment, in a poll.
constexpr std::chrono::milliseconds kCounting{100};
constexpr const char* kColorSetting = "ui.colors";
constexpr const char* kLastState = " What is shown is the last state that could be read.";

bool same(const store::RunRow& a, const store::RunRow& b)
{
    return a.id == b.id && a.name == b.name && a.group == b.group && a.created == b.created && a.note == b.note &&
           a.tags == b.tags && a.trashed == b.trashed && a.configHash == b.configHash && a.seed == b.seed &&
           a.experiment == b.experiment && a.revision == b.revision;
}

bool same(const store::ExperimentRow& a, const store::ExperimentRow& b)
{
    return a.id == b.id && a.name == b.name && a.created == b.created && a.revision == b.revision && a.note == b.note &&
           a.tags == b.tags && a.archived == b.archived;
}

bool same(const store::QueueRow& a, const store::QueueRow& b)
{
    return a.position == b.position && a.runId == b.runId && a.state == b.state;
}

// The heartbeat's age always differs and shows only in the sentence of a stalled run.
bool same(const jobs::RunStatus& a, const jobs::RunStatus& b)
{
    const auto why = [](const jobs::RunStatus& status) { return status.failure ? status.failure->what : ""; };
    return a.status == b.status && a.sentence == b.sentence && a.step == b.step && a.totalSteps == b.totalSteps &&
           a.phase == b.phase && a.pid == b.pid && a.checkpoint == b.checkpoint && a.queuePosition == b.queuePosition &&
           a.resumable == b.resumable && why(a) == why(b);
}

bool same(const std::map<std::string, double>& a, const std::map<std::string, double>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && std::bit_cast<std::uint64_t>(x.second) == std::bit_cast<std::uint64_t>(y.second);
    });
}

bool same(const RunRecord& a, const RunRecord& b)
{
    return a.started == b.started && a.ended == b.ended && a.attemptStarted == b.attemptStarted && a.color == b.color &&
           same(a.row, b.row) && same(a.status, b.status) && same(a.latest, b.latest);
}

template <typename Row>
bool same(const std::vector<Row>& a, const std::vector<Row>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Row& x, const Row& y) { return same(x, y); });
}

} // namespace

WorkspaceScan::WorkspaceScan(std::filesystem::path workspace) : m_workspace(std::move(workspace)) {}

WorkspaceChanges WorkspaceScan::poll(const std::atomic<bool>& cancelled)
{
    WorkspaceChanges changes;
    std::string trouble;
    bool there = false;
    bool rowsDiffer = false;
    bool plansRead = false;
    const bool first = !m_read;
    try {
        there = store::WorkspaceDb::isWorkspace(m_workspace).value();
        if (!there) {
            throw Error("The workspace " + m_workspace.string() +
                        " cannot be read: it has no workspace.db, so it was moved or its disk is not mounted.");
        }
        rowsDiffer = readWorkspace(changes);
        if (!first) { // that is to show the runs soon
            plansRead = readPlans(cancelled);
        }
    } catch (const Error& error) {
        trouble = error.failure().what + kLastState;
        m_database.reset(); // what is opened again is the file that is there then
        m_due = true;
    }
    if (there) { // without the disk every run would look as if it had never started
        readRuns(rowsDiffer, changes, cancelled);
        if (countRuns() || plansRead) {
            changes.experiments = m_experiments;
        }
    }
    if (trouble != m_trouble) {
        changes.trouble = m_trouble = trouble;
    }
    changes.read = m_read;
    return changes;
}

void WorkspaceScan::readRuns(bool rowsDiffer, WorkspaceChanges& changes, const std::atomic<bool>& cancelled)
{
    if (!m_summaries) {
        m_summaries.emplace(WorkspaceLayout{m_workspace});
    }
    for (std::size_t place = 0; place < m_rows.size(); ++place) {
        if (cancelled) {
            return;
        }
        const store::RunRow& row = m_rows[place];
        Tracked& run = m_runs.at(row.id);
        const bool itsTurn = place % kTurns == m_round % kTurns;
        const bool due = !run.read || jobs::isAlive(run.summary.status.status) ||
                         (itsTurn && (!run.settled || run.trace != run.files.trace()));
        if (due) {
            readRun(row.id, run);
        }
        if (!due && !rowsDiffer) {
            continue;
        }
        RunRecord record = recordOf(row, run);
        if (!same(record, run.shown)) {
            run.shown = record;
            changes.records.emplace_back(place, std::move(record));
        }
    }
    if (m_summaries->added() >= jobs::kWorthSaving) {
        (void)m_summaries->save(); // on a disk that cannot be written the runs are read again next time
    }
    ++m_round;
    if (m_newList) {
        changes.runs.emplace();
        for (const store::RunRow& row : m_rows) {
            changes.runs->push_back(m_runs.at(row.id).shown);
        }
        changes.records.clear();
        m_newList = false;
    }
}

bool WorkspaceScan::readWorkspace(WorkspaceChanges& changes)
{
    if (!m_database) {
        m_database.emplace(store::WorkspaceDb::open(m_workspace, kPatience).value());
    }
    m_due = m_database->changed() || m_due;
    if (!m_due) {
        if (!m_colorsStored) {
            bindColors(m_rows, m_trash);
        }
        return false;
    }
    std::vector<store::RunRow> rows = m_database->runs();
    std::vector<store::RunRow> trash = m_database->runs(true);
    std::vector<store::QueueRow> queue = m_database->queue();
    std::vector<store::ExperimentRow> experiments = store::ExperimentTable(*m_database).all();
    bindColors(rows, trash);
    takeRows(std::move(rows));
    if (takeExperiments(std::move(experiments)) || !m_read) {
        changes.experiments = m_experiments;
    }
    if (!m_read || !same(trash, m_trash)) {
        changes.trash = m_trash = std::move(trash);
    }
    if (!m_read || !same(queue, m_queue)) {
        m_queueOf.clear();
        for (const store::QueueRow& entry : queue) {
            m_queueOf[entry.runId] = entry;
        }
        changes.queue = m_queue = std::move(queue);
    }
    m_due = false;
    m_read = true;
    return true;
}

void WorkspaceScan::takeRows(std::vector<store::RunRow> rows)
{
    const bool otherRuns = !std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                       [](const auto& a, const auto& b) { return a.id == b.id; });
    if (otherRuns || !m_read) {
        m_newList = true;
        std::unordered_map<std::string, Tracked> kept;
        for (const store::RunRow& row : rows) {
            if (auto known = m_runs.extract(row.id)) {
                kept.insert(std::move(known));
            } else {
                kept.try_emplace(row.id, WorkspaceLayout{m_workspace}.run(row.id));
            }
        }
        m_runs = std::move(kept);
    }
    m_rows = std::move(rows);
}

bool WorkspaceScan::takeExperiments(std::vector<store::ExperimentRow> rows)
{
    std::map<std::int64_t, std::vector<std::string>> runsOf;
    for (const store::RunRow& run : m_rows) {
        if (run.experiment) {
            runsOf[*run.experiment].push_back(run.id);
        }
    }
    std::vector<ExperimentRecord> fresh;
    bool differ = rows.size() != m_experiments.size();
    for (store::ExperimentRow& row : rows) {
        const auto known = std::find_if(m_experiments.begin(), m_experiments.end(),
                                        [&](const ExperimentRecord& record) { return record.row.id == row.id; });
        const bool there = known != m_experiments.end();
        // Another name, note or tag makes no run missing.
        const bool counted = there && known->row.revision == row.revision && m_runsOf[row.id] == runsOf[row.id];
        differ = differ || !counted || !same(known->row, row);
        ExperimentRecord& record = fresh.emplace_back();
        if (counted) {
            record.progress = known->progress;
            record.trouble = known->trouble;
        } else {
            m_plans.erase(row.id);
        }
        record.row = std::move(row);
    }
    m_experiments = std::move(fresh);
    m_runsOf = std::move(runsOf);
    return differ;
}

bool WorkspaceScan::readPlans(const std::atomic<bool>& cancelled)
{
    const auto began = std::chrono::steady_clock::now();
    bool read = false;
    for (ExperimentRecord& experiment : m_experiments) {
        if (m_plans.contains(experiment.row.id) || !experiment.trouble.empty()) {
            continue;
        }
        if (cancelled || (read && std::chrono::steady_clock::now() - began > kCounting)) {
            break;
        }
        if (auto state = jobs::readPlanState(*m_database, experiment.row, m_rows)) {
            m_plans.insert_or_assign(experiment.row.id, *std::move(state));
        } else {
            experiment.trouble = state.failure().what;
        }
        read = true;
    }
    return read;
}

bool WorkspaceScan::countRuns()
{
    const auto statusOf = [this](const std::string& id) { return m_runs.at(id).shown.status.status; };
    bool differ = false;
    for (ExperimentRecord& experiment : m_experiments) {
        const auto plan = m_plans.find(experiment.row.id);
        if (plan == m_plans.end()) {
            continue;
        }
        const jobs::PlanProgress progress = jobs::progressOf(plan->second, statusOf);
        differ = differ || experiment.progress != progress;
        experiment.progress = progress;
    }
    return differ;
}

void WorkspaceScan::bindColors(const std::vector<store::RunRow>& rows, const std::vector<store::RunRow>& trash)
{
    const bool complete =
        std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return m_colors.knows(row.id); });
    if (complete && m_colorsStored) {
        return;
    }
    if (const auto stored = m_database->setting(kColorSetting)) {
        m_colors = RunColors(*stored); // another window may have given some meanwhile
    }
    m_colorsStored = !m_colors.assign(rows, trash);
    if (m_colorsStored) {
        return;
    }
    try {
        m_database->setSetting(kColorSetting, m_colors.toJson());
        m_colorsStored = true;
    } catch (const Error&) {
        // Locked or read-only: the same runs get the same colours next time, and storing them is tried again.
    }
}

void WorkspaceScan::readRun(const std::string& id, Tracked& run)
{
    const RunLayout layout = WorkspaceLayout{m_workspace}.run(id);
    run.trace = run.files.trace(); // before reading, so that what comes meanwhile is seen next time
    run.settled = isSettled(run.trace);
    if (!run.read && run.settled) {
        if (std::optional<jobs::RunSummary> known = m_summaries->find(id, run.trace)) {
            run.summary = *std::move(known);
            run.read = true;
            return;
        }
    }
    run.read = true;
    try {
        if (!run.reader) {
            run.reader.emplace(store::RunReader::open(layout).value());
        }
        const bool changed = run.reader->changed();
        jobs::RunSummary summary = jobs::readSummary(layout, *run.reader, changed);
        if (!changed) {
            summary.latest = std::move(run.summary.latest);
        }
        run.summary = std::move(summary);
        m_summaries->remember(id, run.trace, run.summary);
    } catch (const Error&) {
        run.settled = false; // damaged, or locked for seconds: again when its turn comes
        run.reader.reset();
        run.summary.status = jobs::readStatus(layout); // says which
    }
    if (!jobs::isAlive(run.summary.status.status)) {
        run.reader.reset();
    }
}

RunRecord WorkspaceScan::recordOf(const store::RunRow& row, const Tracked& run) const
{
    const auto entry = m_queueOf.find(row.id);
    const store::QueueRow* queued = entry == m_queueOf.end() ? nullptr : &entry->second;
    return {row,
            jobs::withQueue(run.summary.status, queued),
            run.summary.latest,
            run.summary.started,
            run.summary.ended,
            run.summary.attemptStarted,
            run.summary.attemptStep,
            m_colors.of(row.id)};
}

} // namespace dskd::ui
