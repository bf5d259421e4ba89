#include "app/cli/terminal/console.h"
#include "core/store/experiment_table.h"
#include "core/text/columns.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <gmock/gmock.h>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;
using testing::Not;

TEST(TableWidth, IsThatOfTheTerminalElseOfColumnsElseUnlimited)
{
    EXPECT_EQ(tableWidth(100, nullptr), 100);
    EXPECT_EQ(tableWidth(100, "60"), 100) << "the terminal knows better";
    EXPECT_EQ(tableWidth(std::nullopt, "60"), 60) << "a pipe";
    EXPECT_EQ(tableWidth(std::nullopt, nullptr), 0) << "rows are not cut";
    for (const char* odd : {"", "wide", "60x", "-5"}) {
        EXPECT_EQ(tableWidth(std::nullopt, odd), 0) << odd;
    }
}

TEST_F(CliWithRuns, WhatTellsRunsApartIsNotCutBeforeTheirGroup)
{
    const std::string group = "a name of a group that is longer than anybody needs";
    ASSERT_EQ(run({"edit", "group:demo", "--group", group, "-w", w}), 0) << err.str();
    const auto runsIn = [&](int width) {
        std::ostringstream written;
        Console console{written, err};
        console.tableWidth = width;
        EXPECT_EQ(runCommandLine({"runs", "-w", w}, console), 0) << err.str();
        return written.str();
    };
    EXPECT_THAT(runsIn(0), HasSubstr(group)) << "a pipe gets it whole";
    const std::string narrow = runsIn(120);
    EXPECT_THAT(narrow, Not(HasSubstr(group)));
    for (const std::string& id : ids) {
        EXPECT_THAT(narrow, HasSubstr(id));
    }
}

TEST_F(CliWithRuns, TablesAreNoWiderThanTheTerminal)
{
    ASSERT_EQ(run({"edit", ids[0], "--name", std::string(90, 'n') + " of sft", "-w", w}), 0) << err.str();
    ASSERT_EQ(run({"edit", "group:demo", "--group", std::string(90, 'g'), "-w", w}), 0) << err.str();
    ASSERT_EQ(run({"experiment", "list", "-w", w}), 0) << err.str(); // they are made for the runs
    auto workspace = store::WorkspaceDb::open(w).value();
    store::ExperimentTable experiments(workspace);
    for (const store::ExperimentRow& row : experiments.all()) {
        ASSERT_TRUE(experiments.rename(row.id, std::string(80, 'e') + " of " + std::to_string(row.id)));
    }
    for (const std::string& id : ids) {
        ASSERT_TRUE(workspace.enqueue(id));
    }
    std::vector<std::string> compare{"compare"};
    compare.insert(compare.end(), ids.begin(), ids.end());
    const std::vector<std::vector<std::string>> all{
        {"runs"},
        {"runs", "--columns", "id,name,group,experiment,method,train.lr,loss"},
        {"runs", "--across-seeds"},
        {"experiment", "list"},
        {"experiment", "show", "#1"},
        {"queue", "list"},
        compare};
    for (const int width : {60, 80}) {
        for (std::vector<std::string> words : all) {
            words.insert(words.end(), {"-w", w});
            std::ostringstream written;
            Console console{written, err};
            console.tableWidth = width;
            ASSERT_EQ(runCommandLine(words, console), 0) << err.str();
            std::istringstream lines(written.str());
            int rows = 0;
            for (std::string line; std::getline(lines, line);) {
                // sentences end with a full stop; above the tables of an experiment stands its whole name
                const bool isTable = !line.empty() && !line.ends_with('.') && line.find("  ") != std::string::npos &&
                                     line.find(", created ") == std::string::npos;
                rows += isTable ? 1 : 0;
                EXPECT_TRUE(!isTable || text::displayWidth(line) <= width) << words[0] << ", " << width << ": " << line;
            }
            EXPECT_GT(rows, 1) << written.str();
        }
    }
}

} // namespace
} // namespace dskd::cli
