#include "core/store/run_writer.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> wordsAt(const std::string& text, const nlohmann::json& spans)
{
    std::vector<std::string> words;
    for (const auto& span : spans) {
        words.push_back(
            text.substr(span[0].get<std::size_t>(), span[1].get<std::size_t>() - span[0].get<std::size_t>()));
    }
    return words;
}

TEST_F(CliWithRuns, ShowsAnswersSideBySideWithTheWordsThatDiffer)
{
    auto writer = store::RunWriter::open(WorkspaceLayout{w}.run(ids[0])).value();
    const std::string prompt = "### Instruction:\nWho wrote Faust?";
    const std::string reference = "Red, orange and yellow are three of them.";
    writer->addBaselineAnswer({store::ModelSide::Student, {0, 0, 0, prompt, reference, "no idea", 0.0}});
    (void)writer->flush().value();
    writer.reset();

    ASSERT_EQ(run({"samples", ids[0], ids[3], "-w", w, "--json"}), 0) << err.str();
    ASSERT_EQ(json()["samples"].size(), 2U) << "two prompts, although both are called sample 0";
    const nlohmann::json faust = json()["samples"][1];
    EXPECT_EQ(faust["prompt"], prompt);
    EXPECT_EQ(faust["reference"], reference);
    ASSERT_EQ(faust["answers"].size(), 3U);
    EXPECT_EQ(faust["answers"][0]["of"], "untrained");
    EXPECT_EQ(faust["answers"][0]["model"], "/models/student");
    const nlohmann::json sft = faust["answers"][1];
    EXPECT_EQ(sft["of"], "run");
    EXPECT_EQ(sft["run"], ids[0]);
    EXPECT_EQ(sft["step"], 50);
    EXPECT_DOUBLE_EQ(sft["rouge_l"].get<double>(), 0.31);
    EXPECT_EQ(sft["words_in_common"], 1);
    EXPECT_THAT(wordsAt(sft["answer"], sft["not_in_reference"]),
                testing::ElementsAre("The", "answer", "of", "sft", "is", "blue"));
    EXPECT_THAT(wordsAt(reference, sft["not_in_answer"]),
                testing::ElementsAre("orange", "and", "yellow", "are", "three", "of", "them"));
    EXPECT_EQ(faust["answers"][2]["run"], ids[3]);
}

TEST_F(CliWithRuns, PrintsAnswersWithMarksWhereTheTerminalHasThem)
{
    ASSERT_EQ(run({"samples", ids[0], "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("ROUGE-L 31.0 %, 6 of 7 words not in the reference, 7 of its 8 missing\n"
                                     "The answer of sft is: red, blue.\n"));
    EXPECT_THAT(out.str(), Not(HasSubstr("\033")));

    std::ostringstream coloured;
    Console console{coloured, err};
    console.colors = true;
    ASSERT_EQ(runCommandLine({"samples", ids[0], "-w", w}, console), 0) << err.str();
    EXPECT_THAT(coloured.str(), HasSubstr("\033[4msft\033[0m \033[4mis\033[0m: red, \033[4mblue\033[0m."));
    EXPECT_THAT(coloured.str(), HasSubstr("Red, \033[9morange\033[0m"));
}

TEST_F(CliWithRuns, SaysWhichSamplesAndStepsThereAre)
{
    EXPECT_EQ(run({"samples", ids[0], "-w", w, "--step", "7"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("It has: 50."));
    EXPECT_EQ(run({"samples", ids[0], "-w", w, "--sample", "9"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("has answered sample 9"));
    ASSERT_EQ(run({"samples", ids[0], "-w", w, "--sample", "0", "--json"}), 0) << err.str();
    EXPECT_EQ(json()["samples"].size(), 2U);
}

TEST_F(CliWithRuns, NamesThePathOfARunWithoutItsFolderBesideTheAnswersOfTheOthers)
{
    const std::filesystem::path gone = WorkspaceLayout{w}.run(ids[3]).root;
    std::filesystem::rename(gone, folder / "away");
    ASSERT_EQ(run({"samples", ids[0], ids[3], "-w", w}), 0) << err.str();
    EXPECT_THAT(err.str(), HasSubstr(gone.string()));
    EXPECT_THAT(out.str(), HasSubstr("The answer of sft is"));
    EXPECT_EQ(run({"samples", ids[3], "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr(gone.string()));
}

} // namespace
} // namespace dskd::cli
