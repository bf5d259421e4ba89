#pragma once

// A feed over the workspace of JobTest, whose queue runner and worker are programs of the build tree.

#include "tests/support/job_fixture.h"
#include "tests/support/paths.h"
#include "tests/ui/feed/event_loop.h"
#include "ui/feed/workspace_feed.h"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace dskd::ui
{

// In rollback mode, because there a writer holds up readers.
class RollbackJournal
{
protected:
    RollbackJournal() { setenv("DSKD_JOURNAL", "rollback", 1); }
    ~RollbackJournal() { unsetenv("DSKD_JOURNAL"); }
};

class WorkspaceFeedTest : public RollbackJournal, public test::JobTest
{
protected:
    WorkspaceFeedTest()
    {
        setenv("DSKD", test::program("dskd").c_str(), 1);
        setenv("DSKD_WORKER", test::program("fake_worker").c_str(), 1);
    }
    ~WorkspaceFeedTest() override
    {
        unsetenv("DSKD");
        unsetenv("DSKD_WORKER");
    }
    [[nodiscard]] std::filesystem::path root() const { return workspace.layout().root; }
    static bool becomes(const WorkspaceFeed& feed, const std::string& run, jobs::Status status)
    {
        return test::spinUntil([&] { return feed.find(run) != nullptr && feed.find(run)->status.status == status; });
    }
    static bool load(const WorkspaceFeed& feed)
    {
        return test::spinUntil([&] { return feed.loaded(); });
    }
};

} // namespace dskd::ui
