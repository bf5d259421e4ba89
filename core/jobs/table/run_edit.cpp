#include "core/jobs/table/run_edit.h"

#include "core/store/chosen_names.h"

#include <algorithm>
#include <set>

namespace dskd::jobs
{
namespace
{

// One tag as it is stored; a comma would be read as the end of it.
Result<std::string> tagOf(const std::string& text)
{
    const Result<std::vector<std::string>> tags = parseTags(text);
    if (!tags) {
        return tags.failure();
    }
    if (tags->size() != 1) {
        return Failure{"\"" + text + "\" is not one tag.", "A tag has letters in it and no comma.", FailureKind::Usage};
    }
    return tags->front();
}

Result<void> checkNames(const store::RunRow& row, const RunEdit& edit)
{
    if (edit.restores) {
        return {};
    }
    if (edit.name && *edit.name != row.name) {
        if (Result<void> named = store::checkName(*edit.name, store::Named::Run); !named) {
            return named;
        }
    }
    return edit.group && *edit.group != row.group ? store::checkName(*edit.group, store::Named::Group) : Result<void>();
}

} // namespace

Result<std::vector<std::string>> parseTags(std::string_view text)
{
    constexpr std::string_view kSpaces = " \t\n\r";
    std::set<std::string> tags;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view tag = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        tag.remove_prefix(std::min(tag.find_first_not_of(kSpaces), tag.size()));
        tag = tag.substr(0, tag.find_last_not_of(kSpaces) + 1);
        if (std::any_of(tag.begin(), tag.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
            return Failure{"A tag holds a control character.", "Tags are words, with commas between them.",
                           FailureKind::Usage};
        }
        if (!tag.empty()) {
            tags.emplace(tag);
        }
    }
    return std::vector<std::string>(tags.begin(), tags.end());
}

Result<void> editRun(store::WorkspaceDb& workspace, const std::string& runId, const RunEdit& edit)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    if (Result<void> named = checkNames(*row, edit); !named) {
        return named;
    }
    std::set<std::string> tags(row->tags.begin(), row->tags.end());
    if (edit.tags) {
        tags = {edit.tags->begin(), edit.tags->end()};
    }
    for (const std::string& text : edit.addedTags) {
        const Result<std::string> tag = tagOf(text);
        if (!tag) {
            return tag.failure();
        }
        tags.insert(*tag);
    }
    for (const std::string& tag : edit.removedTags) {
        tags.erase(tag);
    }
    for (const std::string& tag : row->tags) {
        if (!tags.contains(tag)) {
            workspace.removeTag(runId, tag).value();
        }
    }
    for (const std::string& tag : tags) {
        workspace.addTag(runId, tag).value(); // one that it has already stays
    }
    if (edit.name) {
        workspace.rename(runId, *edit.name).value();
    }
    if (edit.group) {
        workspace.setGroup(runId, *edit.group).value();
    }
    if (edit.note) {
        workspace.setNote(runId, *edit.note).value();
    }
    return {};
}

RunEdit currentOf(const store::RunRow& run, const RunEdit& edit)
{
    RunEdit current;
    current.restores = true;
    if (edit.name) {
        current.name = run.name;
    }
    if (edit.group) {
        current.group = run.group;
    }
    if (edit.note) {
        current.note = run.note;
    }
    if (edit.tags || !edit.addedTags.empty() || !edit.removedTags.empty()) {
        current.tags = run.tags;
    }
    return current;
}

} // namespace dskd::jobs
