#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/jobs/evidence.h"
#include "tests/support/job_fixture.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

class Stop : public test::JobTest
{
protected:
    // The sentence about the run, and the exit code.
    std::pair<std::string, int> stop(const std::string& id, std::vector<std::string> more = {})
    {
        std::vector<std::string> words{"stop", id, "--json", "-w", (folder / "w").string()};
        words.insert(words.end(), more.begin(), more.end());
        std::ostringstream out;
        std::ostringstream err;
        Console console{out, err};
        const int code = runCommandLine(words, console);
        return {nlohmann::json::parse(out.str()).at(0).at("sentence").get<std::string>(), code};
    }
};

TEST_F(Stop, DoesNotSayThatItKilledWhatHadEnded)
{
    const std::string id = newRun("steps=2 lingers");
    launch(id);
    ASSERT_EQ(waitForEnd(id).status, jobs::Status::Done);
    const auto [refused, failed] = stop(id);
    EXPECT_EQ(failed, toInt(ExitCode::Failed));
    EXPECT_THAT(refused, HasSubstr("No worker is running"));
    const auto [sentence, code] = stop(id, {"--now"});
    EXPECT_EQ(code, toInt(ExitCode::Done)) << "a process that hangs at its end can be got rid of";
    EXPECT_THAT(sentence, HasSubstr("had ended already"));
    EXPECT_FALSE(jobs::readLaunch(layout(id))->killed);
    EXPECT_EQ(jobs::readStatus(workspace, id).status, jobs::Status::Done);
}

TEST_F(Stop, SaysWhatAKillLoses)
{
    const std::string id = newRun("end=hang");
    launch(id);
    waitFor(id, jobs::Status::Running);
    EXPECT_THAT(stop(id, {"--now"}).first, HasSubstr("what came after the last checkpoint is lost"));
    EXPECT_TRUE(jobs::readLaunch(layout(id))->killed);
    EXPECT_EQ(waitForEnd(id).status, jobs::Status::Stopped);
}

} // namespace
} // namespace dskd::cli
