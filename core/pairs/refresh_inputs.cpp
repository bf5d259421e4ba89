#include "core/base/process.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/jobs/run_folder.h"
#include "core/pairs/input_kind.h"
#include "core/pairs/known_inputs.h"
#include "core/pairs/moved_inputs.h"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace dskd::pairs
{
namespace
{

namespace fs = std::filesystem;

constexpr const char* kLastRun = "inputs.last_run"; // whose inputs are in the tables, and those of all before it
constexpr int kLevelsOfPlaces = 3;                  // models--NAME/snapshots/HASH
constexpr int kLevelsBeside = 2;
constexpr std::size_t kMostEntries = 20'000;
constexpr double kSeenAgainAfter = 3600.0; // seconds; reading a list need not change the database

bool isCancelled(const std::atomic<bool>* cancelled)
{
    return cancelled != nullptr && *cancelled;
}

// ---- what runs were made of

store::ModelRow studentRow(const config::ModelRef& model)
{
    store::ModelRow row;
    row.path = model.model;
    row.tokenizer = model.tokenizer;
    row.student = true;
    return row;
}

store::ModelRow teacherRow(const config::ModelRef& model)
{
    store::ModelRow row = studentRow(model);
    row.student = false;
    row.teacher = true;
    return row;
}

store::DatasetRow dataRow(const std::string& file)
{
    store::DatasetRow row;
    row.path = file;
    return row;
}

class Inputs
{
public:
    explicit Inputs(store::WorkspaceDb& workspace) : m_workspace(workspace), m_table(workspace) {}

    void takeRuns(const std::atomic<bool>* cancelled)
    {
        const std::vector<store::RunRow> runs = m_workspace.runs();
        const std::string last = m_workspace.setting(kLastRun).value_or("");
        const auto taken =
            std::find_if(runs.begin(), runs.end(), [&](const store::RunRow& run) { return run.id == last; });
        auto run = taken == runs.end() ? runs.begin() : taken + 1;
        const bool any = run != runs.end();
        for (; run != runs.end() && !isCancelled(cancelled); ++run) {
            takeRun(*run);
        }
        if (any && run == runs.end()) {
            m_workspace.setSetting(kLastRun, runs.back().id);
        }
    }

private:
    void takeRun(const store::RunRow& row)
    {
        if (row.job != config::name(config::JobKind::Train)) {
            return; // evaluations read checkpoints, which are no models to begin with
        }
        const auto experiment = jobs::runConfig(m_workspace.layout().run(row.id));
        if (!experiment) {
            return; // its folder is away or damaged
        }
        take<ModelKind>(studentRow(experiment->student));
        if (config::needsTeacher(*experiment)) {
            take<ModelKind>(teacherRow(experiment->teacher));
        }
        if (config::needsProbeTeacher(*experiment)) {
            take<ModelKind>(teacherRow({.model = experiment->log.probeTeacher, .tokenizer = {}, .adapter = {}}));
        }
        take<DatasetKind>(dataRow(experiment->data.train));
        take<DatasetKind>(dataRow(experiment->data.validation));
    }

    // Adds an input that a run was made of, or what it is used for, once. `row`: its place as the run names it, so that
    // it is recognised.
    template <typename Kind>
    void take(const typename Kind::Row& row)
    {
        if (row.path.empty() || !m_done.insert(Kind::key(row)).second || m_table.isForgotten(row)) {
            return;
        }
        for (typename Kind::Row known : Kind::known(m_table)) {
            if (Kind::isOne(known, row)) {
                if (Kind::addUses(known, row)) {
                    (void)m_table.keep(known);
                }
                return;
            }
        }
        auto read = Kind::read(row);
        typename Kind::Row kept;
        if (read) {
            kept = *std::move(read);
        } else {
            kept.name = fs::path(row.path).filename().string();
            kept.problem = read.failure().what;
        }
        Kind::keepIdentity(kept, row);
        (void)m_table.keep(kept); // a new row of a path that no other has
    }

    store::WorkspaceDb& m_workspace;
    store::InputTable m_table;
    std::set<std::string> m_done;
};

// ---- what was moved

// The folder beside or above a place that is gone: at most two levels up, so that no whole disk is searched.
std::optional<fs::path> standingNeighbour(const fs::path& gone)
{
    std::error_code error;
    fs::path above = gone.parent_path();
    for (int level = 0; level < 2 && above.has_relative_path(); ++level, above = above.parent_path()) {
        if (fs::is_directory(above, error)) {
            return above;
        }
    }
    return std::nullopt;
}

// Where `fits` holds, the places that the person named first; a place of the same name wins within each.
template <typename Fits>
std::optional<fs::path> findMoved(const fs::path& gone, const std::vector<fs::path>& places, Entries entries,
                                  const std::atomic<bool>* cancelled, const Fits& fits)
{
    std::vector<std::pair<fs::path, int>> searched;
    searched.reserve(places.size() + 1);
    for (const fs::path& place : places) {
        searched.emplace_back(fs::absolute(place).lexically_normal(), kLevelsOfPlaces);
    }
    if (const auto beside = standingNeighbour(gone)) {
        searched.emplace_back(*beside, kLevelsBeside);
    }
    for (const auto& [folder, levels] : searched) {
        std::vector<fs::path> candidates = entriesBelow(folder, levels, entries, cancelled);
        if (entries == Entries::Folders && !places.empty()) {
            candidates.insert(candidates.begin(), folder); // the person may name the folder itself
        }
        std::stable_partition(candidates.begin(), candidates.end(),
                              [&](const fs::path& path) { return path.filename() == gone.filename(); });
        for (const fs::path& candidate : candidates) {
            if (!isCancelled(cancelled) && candidate != gone && fits(candidate)) {
                return candidate;
            }
        }
    }
    return std::nullopt;
}

template <typename Row>
bool isKnown(const std::vector<Row>& rows, const fs::path& path)
{
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.path == path.string(); });
}

std::string movedSentence(const std::string& before, const fs::path& now)
{
    return before + " was moved to " + now.string() + ": it has the same content.";
}

// Why a row cannot be used whose place is gone.
template <typename Row>
std::string missingSentence(const Row& row)
{
    return row.path + " is not there" +
           (row.hash.empty() ? "." : " any more, and its content was found nowhere that was looked in.");
}

class Refresh
{
public:
    Refresh(store::WorkspaceDb& workspace, const std::vector<fs::path>& places, const std::atomic<bool>* cancelled)
        : m_table(workspace), m_keeps(workspace.whyReadOnly().empty()), m_places(places), m_cancelled(cancelled)
    {
    }

    std::vector<std::string> run()
    {
        lookAtAll<ModelKind>();
        lookAtAll<DatasetKind>();
        return std::move(m_sentences);
    }

private:
    template <typename Kind>
    void lookAtAll()
    {
        const std::vector<typename Kind::Row> all = Kind::known(m_table);
        for (const typename Kind::Row& row : all) {
            if (!isCancelled(m_cancelled)) {
                look<Kind>(row, all);
            }
        }
    }

    template <typename Kind>
    void look(typename Kind::Row row, const std::vector<typename Kind::Row>& all)
    {
        if (!Kind::isThere(row)) {
            const auto isMoved = [&](const fs::path& place) { return !isKnown(all, place) && Kind::holds(place, row); };
            const auto found =
                row.hash.empty() ? std::nullopt : findMoved(row.path, m_places, Kind::kPlaces, m_cancelled, isMoved);
            if (!found) {
                setProblem(row, missingSentence(row));
                return;
            }
            m_sentences.push_back(movedSentence(row.path, *found));
            row.path = found->string();
            row.stamp.clear();
        }
        if (row.stamp == Kind::stamp(row) && row.problem.empty()) {
            keepSeen(row);
            return;
        }
        auto now = Kind::read(row);
        if (!now) {
            row.stamp.clear();
            setProblem(row, now.failure().what);
            return;
        }
        if (!row.hash.empty() && row.hash != now->hash) {
            m_sentences.push_back(row.path + " has changed since it was last looked at.");
        }
        Kind::keepIdentity(*now, row);
        keep(*now);
    }

    template <typename Row>
    void setProblem(Row& row, const std::string& sentence)
    {
        m_sentences.push_back(sentence);
        if (std::exchange(row.problem, sentence) != sentence) {
            keep(row);
        }
    }

    template <typename Row>
    void keepSeen(Row& row)
    {
        if (const double now = unixTime(); now - row.seen > kSeenAgainAfter) {
            row.seen = now;
            keep(row);
        }
    }

    template <typename Row>
    void keep(const Row& row)
    {
        if (m_keeps) {
            // It is known, at its own path or at one that no other known row had when the look began. Where two were
            // moved onto one another, the second stays as it was, and the next refresh marks it as missing.
            (void)m_table.keep(row);
        }
    }

    store::InputTable m_table;
    bool m_keeps; // the workspace can be written
    const std::vector<fs::path>& m_places;
    const std::atomic<bool>* m_cancelled;
    std::vector<std::string> m_sentences;
};

} // namespace

std::vector<fs::path> entriesBelow(const fs::path& folder, int levels, Entries entries,
                                   const std::atomic<bool>* cancelled)
{
    std::vector<fs::path> found;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
    const fs::recursive_directory_iterator end;
    for (std::size_t looked = 0; !error && entry != end && looked < kMostEntries && !isCancelled(cancelled); ++looked) {
        const bool hidden = entry->path().filename().string().starts_with('.');
        std::error_code ignored;
        const bool isFolder = entry->is_directory(ignored);
        if (!hidden && (entries == Entries::Folders ? isFolder : entry->is_regular_file(ignored))) {
            found.push_back(entry->path());
        }
        if (isFolder && (hidden || entry.depth() + 1 >= levels)) {
            entry.disable_recursion_pending();
        }
        entry.increment(error);
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> refreshInputs(store::WorkspaceDb& workspace, const std::vector<fs::path>& places,
                                       const std::atomic<bool>* cancelled)
{
    if (workspace.whyReadOnly().empty()) {
        Inputs(workspace).takeRuns(cancelled);
    }
    return Refresh(workspace, places, cancelled).run();
}

} // namespace dskd::pairs
