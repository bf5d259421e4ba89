#include "core/store/workspace_state.h"

#include "core/base/nearest_name.h"
#include "core/store/journal.h"

#include <utility>
#include <vector>

namespace dskd::store
{

WorkspaceDb::State::State(const std::filesystem::path& root, Database::Access access,
                          std::chrono::milliseconds patience)
    : layout{root}, database(layout.database(), access, patience)
{
    useJournal(database, journalFor(root));
    database.execute("PRAGMA foreign_keys = ON");
}

WorkspaceDb::State::State(const std::filesystem::path& root, ReadAccess access)
    : layout{root}, database(std::move(access.database)), whyReadOnly(whyUnwritable(layout.database()))
{
    if (!access.warning.empty()) {
        whyReadOnly = access.warning;
    } else if (whyReadOnly.empty()) {
        whyReadOnly = "Its folder cannot be written.";
    }
}

Result<void> WorkspaceDb::State::update(const std::string& id, const std::string& assignment,
                                        const std::string& value) const
{
    database.prepare("UPDATE runs SET " + assignment + " WHERE id = ?").bind(1, value).bind(2, id).run();
    return database.changes() == 1 ? Result<void>() : unknownRun(id);
}

Failure WorkspaceDb::State::unknownRun(const std::string& text) const
{
    Statement trashed = database.prepare("SELECT id FROM runs WHERE trashed IS NOT NULL AND (id = ?1 OR name = ?1) "
                                         "ORDER BY trashed DESC LIMIT 1");
    if (trashed.bind(1, text).step()) {
        return {"The run " + text + " is in the trash.", "`dskd restore " + trashed.text(0) + "` brings it back.",
                FailureKind::NotFound};
    }
    return unknownAmong(text,
                        "SELECT id FROM runs WHERE trashed IS NULL UNION SELECT name FROM runs WHERE trashed IS NULL",
                        layout.root, "`dskd runs`");
}

Failure WorkspaceDb::State::notInTrash(const std::string& text) const
{
    return unknownAmong(text,
                        "SELECT id FROM runs WHERE trashed IS NOT NULL UNION "
                        "SELECT name FROM runs WHERE trashed IS NOT NULL",
                        layout.trash(), "`dskd runs --trash`");
}

Failure WorkspaceDb::State::unknownAmong(const std::string& text, std::string_view names,
                                         const std::filesystem::path& place, const std::string& list) const
{
    std::vector<std::string> known;
    Statement row = database.prepare(names);
    while (row.step()) {
        known.push_back(row.text(0));
    }
    const std::string near = nearestName(text, known);
    return {"There is no run " + text + " in " + place.string() + ".",
            near.empty() ? list + " lists the runs." : "Did you mean " + near + "?", FailureKind::NotFound};
}

} // namespace dskd::store
