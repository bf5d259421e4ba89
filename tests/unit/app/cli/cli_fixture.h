#pragma once

#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace dskd::cli
{

// Commands as a person types them, with what they print.
class Cli : public testing::Test
{
protected:
    int run(std::vector<std::string> words)
    {
        out.str("");
        err.str("");
        Console console{out, err};
        console.width = 120;
        console.tableWidth = 120;
        return runCommandLine(std::move(words), console);
    }
    nlohmann::json json() { return nlohmann::json::parse(out.str()); }

    std::ostringstream out;
    std::ostringstream err;
    test::TemporaryFolder folder;
};

// In a workspace `w` with the sample runs.
class CliWithRuns : public Cli
{
protected:
    CliWithRuns()
    {
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        ids = test::fillSampleWorkspace(workspace, "", 50);
    }
    std::string w = folder / "w";
    std::vector<std::string> ids;
};

} // namespace dskd::cli
