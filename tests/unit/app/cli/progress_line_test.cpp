#include "app/cli/terminal/progress.h"
#include "core/text/columns.h"
#include "core/text/numbers.h"

#include <gmock/gmock.h>
#include <sstream>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST(ProgressLine, FitsAnyWidthAndStaysAsciiWithoutUtf8)
{
    std::ostringstream sink;
    Console console{sink, sink};
    const ProgressFacts facts{"dual · kl", jobs::Status::Running, "training", 412, 600, 2.713, 18234.0, 100.0};
    for (const int width : {40, 80, 200}) {
        console.width = width;
        EXPECT_LT(text::displayWidth(progressLine(facts, console)), width);
    }
    EXPECT_THAT(progressLine(facts, console), HasSubstr("412/600  loss 2.713  18.2k tok/s  eta 1 m 40 s"));
}

TEST(ProgressLine, CutsNeitherStepNorLossNorTheTimeThatIsLeft)
{
    std::ostringstream sink;
    Console console{sink, sink};
    const ProgressFacts facts{
        "20261123-051200-dskd-cma-rkl-s10", jobs::Status::Stalled, "training", 41234, 60000, 2.71345, 18234.0, 12345.0};
    for (const bool utf8 : {false, true}) {
        console.utf8 = utf8;
        for (const int width : {60, 80, 100, 120}) {
            console.width = width;
            const std::string line = progressLine(facts, console);
            EXPECT_LT(text::displayWidth(line), width);
            EXPECT_THAT(line, HasSubstr(" 41234/60000  stalled  loss " + text::number(*facts.loss))) << width;
            EXPECT_TRUE(line.ends_with("  eta " + text::duration(*facts.secondsLeft))) << line;
        }
    }
    EXPECT_THAT(progressLine(facts, console), testing::AllOf(HasSubstr("█"), HasSubstr("tok/s")))
        << "where there is room";
}

TEST(ProgressLine, SaysNoRemainingTimeOfARunThatHasEnded)
{
    std::ostringstream sink;
    Console console{sink, sink};
    console.width = 120;
    ProgressFacts facts{"dual", jobs::Status::Running, "training", 412, 600, 2.713, 18234.0, 100.0};
    const std::string left = text::duration(*facts.secondsLeft);
    EXPECT_THAT(progressLine(facts, console), HasSubstr(left));
    for (const jobs::Status ended : {jobs::Status::Failed, jobs::Status::Stopped, jobs::Status::Crashed}) {
        facts.status = ended;
        EXPECT_THAT(progressLine(facts, console), testing::Not(HasSubstr(left)));
    }
}

TEST(ProgressLine, SaysOn80ColumnsHowFarTheAnswersOfAnEvaluationAre)
{
    std::ostringstream sink;
    Console console{sink, sink};
    console.width = 80;
    const std::string phase = "answers 12 of 50, 310 tok/s, about 40 s left";
    const ProgressFacts facts{"evaluation", jobs::Status::Running, phase, 12, 50, {}, {}, {}};
    EXPECT_THAT(progressLine(facts, console), HasSubstr(" 12/50  " + phase));
}

} // namespace
} // namespace dskd::cli
