#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <gmock/gmock.h>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

class BenchCli : public Cli
{
protected:
    test::EnvironmentVariable worker{"DSKD_WORKER", test::program("fake_worker")};
};

TEST_F(BenchCli, PrintsBothSidesTheirRatiosAndTheMachine)
{
    ASSERT_EQ(run({"bench", "step", "--threads", "1"}), 0) << err.str();
    for (const char* text :
         {"A processor, 2 cores usable, 1 thread, device cpu, fp32", "10 scored tokens", "published",
          "0.500 s (0.500 to 0.500)", "2.00 s (2.00 to 2.00)", "cpu ratio", "gradients 2e-07 apart"}) {
        EXPECT_THAT(out.str(), HasSubstr(text));
    }
}

TEST_F(BenchCli, PrintsNoPeakThatCouldNotBeMeasured)
{
    ASSERT_EQ(run({"bench", "step"}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("1.0 MB"));
    ASSERT_EQ(run({"bench", "step", "--shape", "without-peaks"}), 0) << err.str();
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("1.0 MB")));
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("0 B")));
}

TEST_F(BenchCli, PassesTheWordsOn)
{
    ASSERT_EQ(run({"bench", "loss", "--shape", "r", "--distance", "all", "--space", "student", "--samples", "3",
                   "--length", "40", "--times", "7", "--chunk-rows", "64", "--precision", "bf16", "--json"}),
              0)
        << err.str();
    const nlohmann::json answer = json();
    EXPECT_EQ(answer["kind"], "loss");
    EXPECT_EQ(answer["shape"], "r");
    EXPECT_EQ(answer["distance"], "all");
    EXPECT_EQ(answer["space"], "student");
    EXPECT_EQ(answer["samples"], 3);
    EXPECT_EQ(answer["length"], 40);
    EXPECT_EQ(answer["times"], 7);
    EXPECT_EQ(answer["chunk_rows"], 64);
    EXPECT_EQ(answer["precision"], "bf16");
    ASSERT_EQ(run({"bench", "generate", "--json"}), 0);
    EXPECT_EQ(json()["samples"], 16);
    EXPECT_EQ(json()["length"], 128);
}

TEST_F(BenchCli, SaysWhyNothingIsMeasured)
{
    EXPECT_EQ(run({"bench", "step", "--shape", "none"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("There is no such shape."));
    EXPECT_EQ(run({"bench", "step", "--samples", "0"}), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"bench", "step", "--threads", "100000"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("--threads: must be a number >= 0 and <= 1024, not 100000."));
    EXPECT_EQ(run({"bench", "step", "--threads", "1024"}), 0) << err.str();
    for (const std::string typed : {"0x10", "010", "0b11", "00", "+0x1"}) {
        EXPECT_EQ(run({"bench", "step", "--samples", typed}), toInt(ExitCode::Usage)) << typed;
        EXPECT_THAT(err.str(), HasSubstr("--samples: must be a decimal number without zeros before it, not " + typed));
    }
    EXPECT_EQ(run({"bench"}), toInt(ExitCode::Usage));
}

} // namespace
} // namespace dskd::cli
