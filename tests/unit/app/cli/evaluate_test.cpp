// `dskd eval` and `dskd generate`, on a fake worker.

#include "app/cli/field_sets.h"
#include "core/base/failure.h"
#include "tests/unit/app/cli/following_fixture.h"

#include <string>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(Following, AnswersThatAreStillBeingGeneratedWhenNobodyWatchesAreNotDone)
{
    EXPECT_EQ(runUntilTerminated({"generate", modelFolder("end=hang"), "--prompt", "Hello"}), toInt(ExitCode::Detached))
        << err.str();
    EXPECT_TRUE(json()["detached"]);
    EXPECT_FALSE(json()["run"].get<std::string>().empty());
}

TEST_F(Following, AnEvaluationThatNobodyWatchesIsNotSaidToMakeACheckpoint)
{
    EXPECT_EQ(runUntilTerminated({"eval", modelFolder("end=hang"), "--data", demo + "/data/train.jsonl"}),
              toInt(ExitCode::Detached))
        << err.str();
    const std::string id = json()["run"];
    EXPECT_THAT(err.str(),
                testing::AllOf(HasSubstr("the worker goes on"), HasSubstr("\"dskd stop " + id + "\" ends it."),
                               testing::Not(HasSubstr("checkpoint"))));
    waitFor(id, jobs::Status::Running);
    EXPECT_EQ(run({"stop", id}), 0) << err.str();
    EXPECT_THAT(out.str() + err.str(), testing::Not(HasSubstr("checkpoint")));
}

TEST_F(Following, AnEvaluationPrintsTitlesAndKeepsTheIdsInJson)
{
    const std::vector<std::string> words = {"eval", modelFolder("steps=1 score=validation.loss"), "--data",
                                            demo + "/data/train.jsonl"};
    EXPECT_EQ(run(words), toInt(ExitCode::Done)) << err.str();
    EXPECT_EQ(json()["metrics"]["validation.loss"], 0.5);
    std::vector<std::string> forPeople = words;
    forPeople.insert(forPeople.end(), {"-w", w});
    out.str("");
    Console console{out, err};
    EXPECT_EQ(runCommandLine(forPeople, console), toInt(ExitCode::Done)) << err.str();
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("validation loss"), testing::Not(HasSubstr("validation.loss"))));
}

TEST_F(Following, WhereAnswersCannotGoIsSaidBeforeTheyAreComputed)
{
    const std::string data = demo + "/data/train.jsonl";
    const auto refused = [&](const std::string& to, ExitCode code, const std::string& why) {
        EXPECT_EQ(run({"eval", modelFolder("m"), "--data", data, "--to", to}), toInt(code)) << to;
        EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("--to (evaluate.output)"), HasSubstr(to), HasSubstr(why)));
    };
    refused(folder.path().string(), ExitCode::Usage, "is a folder, not a file");
    refused(data, ExitCode::Usage, "which is the data that is read");
    refused((folder / "none" / "answers.jsonl").string(), ExitCode::NotFound,
            "there is no folder " + (folder / "none").string());
    EXPECT_TRUE(workspace.runs().empty()) << "no run was made";
    EXPECT_EQ(run({"eval", modelFolder("m"), "--data", data, "--to", folder / "answers.jsonl"}), 0) << err.str();
}

TEST_F(Following, AnEvaluationNamesTheOptionsThatWereGiven)
{
    const std::string none = folder / "none.jsonl";
    EXPECT_EQ(run({"eval", modelFolder("m"), "--data", none}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("--data (evaluate.data) names " + none + ", which does not exist."));
    EXPECT_EQ(run({"generate", modelFolder("m")}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(),
                testing::AllOf(HasSubstr("--prompt (evaluate.prompt)"), HasSubstr("--data (evaluate.data)")));
    EXPECT_EQ(run({"generate", modelFolder("m"), "--prompt", "Hello", "--max-new-tokens", "0"}),
              toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("--max-new-tokens (validation.max_new_tokens)"));
}

TEST(FieldOptions, AreNamedWhereTheFieldStandsAlone)
{
    const Failure plain{"evaluate.data: /x/evaluate.data is no evaluate.data.", "See evaluate.data.limit.", {}};
    const Failure named = namingOptions(plain, {{"evaluate.data", "--data"}});
    EXPECT_EQ(named.what, "--data (evaluate.data): /x/evaluate.data is no --data (evaluate.data).");
    EXPECT_EQ(named.hint, "See evaluate.data.limit.");
}

TEST_F(Following, AnswersAndRunsExplainASetAlike)
{
    EXPECT_EQ(run({"generate", modelFolder("m"), "--prompt", "Hello", "--set", "train.lr"}), toInt(ExitCode::Usage));
    EXPECT_THAT(out.str() + err.str(), HasSubstr("has no \\\"=\\\""));
    EXPECT_EQ(run({"generate", modelFolder("m"), "--prompt", "Hello", "--set", "no.such=1"}), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"generate", folder / "none", "--prompt", "Hello"}), toInt(ExitCode::NotFound));
}

} // namespace
} // namespace dskd::cli
