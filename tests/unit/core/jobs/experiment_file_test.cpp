#include "core/jobs/experiment_file.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ExperimentFiles : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    store::ExperimentTable table{workspace};
    const std::filesystem::path file = folder / "ablation.json";

    static config::Plan plan()
    {
        config::Plan made;
        made.base.student.model = "/s";
        made.base.teacher.model = "/t";
        made.base.data.train = "/d.jsonl";
        made.base.train.lr = 0.25;
        made.axes = {{"method.space", {"diff", "dual"}}};
        made.excluded = {{{"method.space", "diff"}}};
        made.seeds = {3, 4};
        return made;
    }
    void write(const std::string& text) const { std::ofstream(file) << text; }
    [[nodiscard]] std::string refusal() const
    {
        const auto read = readExperimentFile(file);
        EXPECT_FALSE(read);
        return read ? std::string() : read.failure().what;
    }
};

TEST_F(ExperimentFiles, CarryAnExperimentIntoAnotherWorkspace)
{
    auto row = saveExperiment(workspace, "ablation", plan()).value();
    ASSERT_TRUE(table.setNote(row.id, "for table 2"));
    ASSERT_TRUE(table.setTags(row.id, {"paper", "dual"}));
    row = table.find("ablation").value();
    ASSERT_TRUE(exportExperiment(workspace, row, file, Overwrite::No));

    auto other = store::WorkspaceDb::create(folder / "other").value();
    const auto imported = importExperiment(other, readExperimentFile(file).value()).value();
    EXPECT_EQ(imported.name, "ablation");
    EXPECT_EQ(imported.note, "for table 2");
    EXPECT_THAT(imported.tags, ElementsAre("dual", "paper"));
    EXPECT_EQ(imported.revision, 1);
    EXPECT_THAT(config::changes(plan(), planOf(other, imported).value()), IsEmpty());
    EXPECT_THAT(planOf(other, imported).value().seeds, ElementsAre(3u, 4u));
}

TEST_F(ExperimentFiles, AnImportLeavesTheExperimentOfThatNameAlone)
{
    const auto row = saveExperiment(workspace, "ablation", plan()).value();
    ASSERT_TRUE(exportExperiment(workspace, row, file, Overwrite::No));
    EXPECT_EQ(importExperiment(workspace, readExperimentFile(file).value()).value().name, "ablation 2");
    EXPECT_EQ(table.find("ablation").value().revision, 1);
}

TEST_F(ExperimentFiles, OverwriteAFileOnlyWhenTold)
{
    const auto row = saveExperiment(workspace, "ablation", plan()).value();
    write("mine");
    EXPECT_EQ(exportExperiment(workspace, row, file, Overwrite::No).failure().kind, FailureKind::Usage);
    std::stringstream kept;
    kept << std::ifstream(file).rdbuf();
    EXPECT_EQ(kept.str(), "mine");
    ASSERT_TRUE(exportExperiment(workspace, row, file, Overwrite::Yes));
    EXPECT_EQ(readExperimentFile(file).value().name, "ablation");
}

TEST_F(ExperimentFiles, APlanAndAConfigurationAreReadToo)
{
    write(config::toText(plan()));
    auto read = readExperimentFile(file).value();
    EXPECT_EQ(read.name, "ablation") << "the file's name";
    EXPECT_THAT(read.plan.seeds, ElementsAre(3u, 4u));

    config::Experiment configuration = plan().base;
    configuration.name = "mine";
    write(config::toJson(configuration).dump());
    read = readExperimentFile(file).value();
    EXPECT_EQ(read.name, "mine");
    EXPECT_EQ(read.plan.base.train.lr, 0.25);
    EXPECT_THAT(read.plan.axes, IsEmpty());
}

TEST_F(ExperimentFiles, SayWhatIsWrongWithThem)
{
    EXPECT_EQ(readExperimentFile(folder / "none.json").failure().kind, FailureKind::NotFound);
    nlohmann::json good = nlohmann::json::parse(toText({"a", "", {}, plan()}));
    nlohmann::json bad = good;
    bad["seeds"] = 3;
    write(bad.dump());
    EXPECT_THAT(refusal(), HasSubstr("unknown key \"seeds\""));
    bad = good;
    bad["tags"] = 3;
    write(bad.dump());
    EXPECT_THAT(refusal(), HasSubstr("tags"));
    bad = good;
    bad["version"] = 99;
    write(bad.dump());
    EXPECT_THAT(refusal(), HasSubstr("version"));
    bad = good;
    bad["plan"]["configuration"]["train"]["lr"] = "fast";
    write(bad.dump());
    EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("train.lr"), HasSubstr(file.string())));
    good["name"] = "";
    write(good.dump());
    EXPECT_EQ(importExperiment(workspace, readExperimentFile(file).value()).failure().kind, FailureKind::Usage);
    EXPECT_THAT(table.all(), IsEmpty());
}

} // namespace
} // namespace dskd::jobs
