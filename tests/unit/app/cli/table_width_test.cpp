#include "app/cli/terminal/console.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <gmock/gmock.h>
#include <optional>

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

} // namespace
} // namespace dskd::cli
