#pragma once

// What models and data sets differ in when they are taken up, looked at and looked for. Used inside this room only.

#include "core/base/result.h"
#include "core/pairs/moved_inputs.h"
#include "core/store/input_table.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dskd::pairs
{

struct ModelKind {
    using Row = store::ModelRow;
    static constexpr Entries kPlaces = Entries::Folders;

    static std::vector<Row> known(store::InputTable& table) { return table.models(); }
    static std::string key(const Row& row); // equal of rows that are one input for one use
    static bool isOne(const Row& a, const Row& b) { return a.path == b.path && a.tokenizer == b.tokenizer; }
    static bool isThere(const Row& row);
    static std::string stamp(const Row& row);
    static Result<Row> read(const Row& row);
    // Whether a folder has the content that the row had. Family and size first: they cost a small file, the hash the
    // whole folder.
    static bool holds(const std::filesystem::path& folder, const Row& row);
    // What is not read from the folder: id, place as the row names it, and what it is used for.
    static void keepIdentity(Row& now, const Row& row);
    // What `row` is used for too; false where that is known.
    static bool addUses(Row& known, const Row& row);
};

struct DatasetKind {
    using Row = store::DatasetRow;
    static constexpr Entries kPlaces = Entries::Files;

    static std::vector<Row> known(store::InputTable& table) { return table.datasets(); }
    static std::string key(const Row& row) { return row.path; }
    static bool isOne(const Row& a, const Row& b) { return a.path == b.path; }
    static bool isThere(const Row& row);
    static std::string stamp(const Row& row);
    static Result<Row> read(const Row& row);
    static bool holds(const std::filesystem::path& file, const Row& row); // the size first
    static void keepIdentity(Row& now, const Row& row);
    static bool addUses(Row& /*known*/, const Row& /*row*/) { return false; }
};

} // namespace dskd::pairs
