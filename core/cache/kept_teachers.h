#pragma once

// The teachers of which a workspace keeps rows: a folder for each below WorkspaceLayout::teacherRows(), named by what
// the rows depend on. Besides the rows (row_store.h) it has teacher.json, which names the teacher.

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/cache/row_store.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cache
{

// What rows depend on besides the sample. Two teachers with the same fields but the first two have the same rows.
struct TeacherIdentity {
    std::string model;              // its folder, and ...
    std::string adapter;            // ... that of the adapter; empty: none. For people only
    std::string device;             // "CPU, 2 threads, float32": others round differently
    std::string program;            // what computes them: "LibTorch 2.11.0, AVX512"
    std::vector<std::string> files; // hashes of configuration, weights and adapter
};

// The workspace that a run lies in; nothing for a run elsewhere.
[[nodiscard]] std::optional<WorkspaceLayout> workspaceOf(const RunLayout& run);

// The rows of a teacher, which may be none yet. Fails where the workspace cannot be written.
[[nodiscard]] Result<RowStore> openTeacherRows(const WorkspaceLayout& workspace, const TeacherIdentity& teacher);

struct KeptTeacher {
    std::string key; // the folder's name
    TeacherIdentity teacher;
    std::uint64_t samples = 0;
    std::uint64_t bytes = 0; // on the disk
    double changed = 0.0;    // seconds since 1970
};
// The last changed first. A folder that cannot be read is listed with its size and without fields.
[[nodiscard]] std::vector<KeptTeacher> keptTeachers(const WorkspaceLayout& workspace);

// Deletes the rows of the teacher of this key and returns the bytes. Runs that use them compute anew what they need,
// and keep no more rows. Fails, and deletes nothing, while another process is writing rows: deleted under it, they
// would take their room until it ends.
Result<std::uint64_t> forgetTeacher(const WorkspaceLayout& workspace, const std::string& key);
// What it fails with where nothing is kept under the key.
[[nodiscard]] Failure unknownTeacher(const WorkspaceLayout& workspace, const std::string& key);

} // namespace dskd::cache
