#include "core/config/schema/experiment_json.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <utility>

namespace dskd::config
{
namespace
{

using testing::HasSubstr;

Experiment parsed(std::string_view json)
{
    return parseExperiment(json, "/base").value();
}

std::string problem(std::string_view json)
{
    const auto result = parseExperiment(json, "/base");
    return result ? "accepted" : result.failure().text();
}

TEST(ExperimentJson, TakesDefaultsForWhatIsNotThere)
{
    EXPECT_EQ(toJson(parsed("{}")), toJson(Experiment{}));
}

TEST(ExperimentJson, ReadsBackWhatItWrote)
{
    Experiment e;
    e.name = "Größe \"x\"";
    e.seed = 18446744073709551615u;
    e.student.model = "/m/student";
    e.student.init = StudentInit::Random;
    e.method.space = Space::Different;
    e.method.distance = Distance::Srkl;
    e.method.temperatureSquared = true;
    e.train.lr = 0.1;
    e.train.minLr = 1e-300;
    e.train.steps = 12345678901234;
    const Experiment again = parsed(toText(e));
    EXPECT_EQ(toJson(again), toJson(e));
    EXPECT_EQ(again.seed, e.seed);
    EXPECT_EQ(again.train.minLr, 1e-300);
    EXPECT_EQ(parsed(toJson(e).dump()).name, e.name);
}

TEST(ExperimentJson, WritesTheKeysInTheOrderOfTheReference)
{
    const std::string text = toText(Experiment{});
    EXPECT_LT(text.find("\"version\""), text.find("\"student\""));
    EXPECT_LT(text.find("\"student\""), text.find("\"data\""));
    EXPECT_LT(text.find("\"batch_size\""), text.find("\"accumulation\""));
}

TEST(ExperimentJson, ResolvesPathsAgainstItsFile)
{
    const Experiment e = parsed(R"({"student": {"model": "../models/s", "tokenizer": "/abs/t"},
                                    "data": {"train": "a/./b.jsonl"}, "evaluate": {"output": "o.jsonl"}})");
    EXPECT_EQ(e.student.model, "/models/s");
    EXPECT_EQ(e.student.tokenizer, "/abs/t");
    EXPECT_EQ(e.data.train, "/base/a/b.jsonl");
    EXPECT_EQ(e.evaluate.output, "/base/o.jsonl");
    EXPECT_EQ(e.teacher.model, "") << "an empty path stays empty";
}

TEST(ExperimentJson, RefusesUnknownKeysAndSuggestsTheNearest)
{
    EXPECT_EQ(problem(R"({"method": {"tempratur": 2}})"),
              "There is no field method.tempratur; did you mean method.temperature?");
    EXPECT_EQ(problem(R"({"learning": 2})"), "There is no field learning.");
    EXPECT_EQ(problem(R"({"kd_rate": 0.5})"), "There is no field kd_rate; did you mean method.kd_rate?");
    EXPECT_THAT(problem(R"({"train": {"lr": {"peak": 1}}})"),
                HasSubstr("train.lr is {\"peak\":1}, but must be a number"));
    EXPECT_EQ(problem(R"({"train": 3})"), "train is 3, but must be an object in braces.");
    EXPECT_THAT(problem(R"({"method": "dskd"})"),
                AllOf(HasSubstr("`dskd methods NAME` lists"), HasSubstr("`dskd config` set them by the name")));
}

TEST(ExperimentJson, NamesFieldValueAndWhatIsAllowed)
{
    EXPECT_EQ(problem(R"({"train": {"batch_size": 0}})"), "train.batch_size is 0, but must be a whole number >= 1.");
    EXPECT_EQ(problem(R"({"train": {"batch_size": 2.5}})"),
              "train.batch_size is 2.5, but must be a whole number >= 1.");
    EXPECT_EQ(problem(R"({"method": {"space": "duel"}})"),
              "method.space is \"duel\", but must be one of diff | student | teacher | dual.");
    EXPECT_EQ(problem(R"({"method": {"temperature": 0}})"), "method.temperature is 0, but must be a number > 0.0.");
    EXPECT_EQ(problem(R"({"method": {"correctness_mask": 1}})"),
              "method.correctness_mask is 1, but must be true or false.");
    EXPECT_EQ(problem(R"({"seed": -1})"), "seed is -1, but must be a whole number >= 0.");
    EXPECT_EQ(problem(R"({"train": {"steps": 1e3}})"), "accepted");
    EXPECT_THAT(problem(R"({"train": {"steps": 1e300}})"), HasSubstr("whole number"));
    EXPECT_THAT(problem(R"({"name": null})"), HasSubstr("name is null, but must be a text"));
}

TEST(ExperimentJson, ReportsAllProblemsAtOnce)
{
    const std::string text = problem(R"({"seed": "ten", "trian": {}, "data": {"max_length": 1}})");
    EXPECT_THAT(text, HasSubstr("3 problems"));
    EXPECT_THAT(text, HasSubstr("seed is \"ten\""));
    EXPECT_THAT(text, HasSubstr("trian"));
    EXPECT_THAT(text, HasSubstr("data.max_length is 1"));
}

TEST(ExperimentJson, RefusesANewerVersionWithOneSentence)
{
    EXPECT_EQ(
        problem(R"({"version": 2, "new_thing": 1})"),
        "version is 2, but this program reads configurations up to version 1. Use a newer version of the program.");
    EXPECT_THAT(problem(R"({"version": 0})"), HasSubstr("version is 0"));
}

TEST(ExperimentJson, SurvivesTextThatIsNoConfiguration)
{
    EXPECT_THAT(problem(""), HasSubstr("not valid JSON"));
    EXPECT_THAT(problem("{\"a\": 1,\n \"b\" 2}"), HasSubstr("line 2"));
    EXPECT_THAT(problem("[1]"), HasSubstr("object in braces"));
    EXPECT_THAT(problem("{\"name\": \"\xff\"}"), HasSubstr("not valid JSON"));
    EXPECT_THAT(problem(R"({"student": [1, 2]})"), HasSubstr("student is [1,2]"));
    EXPECT_THAT(problem(R"({"a.b": 1})"), HasSubstr("has a dot in it"));
    EXPECT_THAT(problem(R"({"train.lr": 1})"), HasSubstr("\"train.lr\" has a dot in it"));
    EXPECT_THAT(problem(R"({"seed": 1, "seed": 2})"), HasSubstr("\"seed\" stands twice"));
    EXPECT_THAT(problem(std::string(100'000, '[')), HasSubstr("not valid JSON"));
}

TEST(ExperimentJson, NamesTheFileThatIsWrong)
{
    const test::TemporaryFolder folder;
    ASSERT_TRUE(writeFileAtomically(folder / "bad.json", R"({"seed": true})"));
    const auto bad = loadExperiment(folder / "bad.json");
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.failure().what, testing::StartsWith((folder / "bad.json").string()));
    EXPECT_FALSE(loadExperiment(folder / "missing.json"));
    ASSERT_TRUE(writeFileAtomically(folder / "good.json", R"({"data": {"train": "t.jsonl"}})"));
    EXPECT_EQ(loadExperiment(folder / "good.json").value().data.train, (folder / "t.jsonl").string());
}

TEST(ExperimentJson, SaysWhatIsInThePlaceOfTheFile)
{
    using namespace std::string_view_literals;
    const test::TemporaryFolder folder;
    const auto refused = [](const std::filesystem::path& file, const std::string& what) {
        const auto read = loadExperiment(file);
        ASSERT_FALSE(read) << what;
        EXPECT_EQ(read.failure().what, file.string() + what);
        EXPECT_EQ(read.failure().kind, FailureKind::Usage) << what;
    };
    const std::filesystem::path file = folder / "experiment.json";
    const std::pair<std::string_view, std::string> kinds[] = {
        {"version https://git-lfs.github.com/spec/v1\n"sv, " is a Git LFS pointer, not the file itself."},
        {"\x1f\x8b\x08\0"sv, " is compressed with gzip."},
        {"\xff\xfe{\0}\0"sv, " is text in UTF-16, not UTF-8."},
        {"PAR1\x15\x04"sv, " is a Parquet table."},
    };
    for (const auto& [bytes, what] : kinds) {
        ASSERT_TRUE(writeFileAtomically(file, bytes));
        refused(file, what);
    }
    refused(folder.path(), " is a folder, not a file.");
    refused("/dev/null", " is a device, not a file.");
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    refused(folder / "pipe", " is a named pipe, not a file.");
    EXPECT_EQ(loadExperiment(folder / "missing.json").failure().kind, FailureKind::NotFound);
}

TEST(SetField, TakesTextOfTheFieldsType)
{
    Experiment e;
    ASSERT_TRUE(setField(e, "train.lr", "1e-3"));
    ASSERT_TRUE(setField(e, "space", "student"));
    ASSERT_TRUE(setField(e, "method.correctness_mask", "no"));
    ASSERT_TRUE(setField(e, "seed", "18446744073709551615"));
    ASSERT_TRUE(setField(e, "name", "12"));
    ASSERT_TRUE(setField(e, "data.train", "x.jsonl"));
    ASSERT_TRUE(setField(e, "clip_norm", ".5"));
    EXPECT_EQ(e.train.lr, 1e-3);
    EXPECT_EQ(e.method.space, Space::Student);
    EXPECT_FALSE(e.method.correctnessMask);
    EXPECT_EQ(e.seed, 18446744073709551615u);
    EXPECT_EQ(e.name, "12");
    EXPECT_EQ(e.data.train, (std::filesystem::current_path() / "x.jsonl").string());
    EXPECT_EQ(e.train.clipNorm, 0.5);
}

TEST(SetField, RefusesWithFieldTextAndWhatIsAllowed)
{
    Experiment e;
    EXPECT_EQ(setField(e, "train.lr", "fast").failure().what, "train.lr is \"fast\", but must be a number >= 0.0.");
    for (const std::string typed : {"nan", "inf", "-inf", "1e999"}) { // JSON would write null
        EXPECT_EQ(setField(e, "train.lr", typed).failure().what,
                  "train.lr is \"" + typed + "\", but must be a number >= 0.0.");
    }
    EXPECT_FALSE(setField(e, "train.lr", ""));
    EXPECT_FALSE(setField(e, "name", "\xff\xfe"));
    EXPECT_THAT(setField(e, "lr", "1").failure().text(), HasSubstr("projector.lr, train.lr"));
    EXPECT_THAT(setField(e, "method.distanc", "kl").failure().what, HasSubstr("did you mean method.distance?"));
    EXPECT_THAT(setField(e, "methd", "dskd").failure().what, HasSubstr("did you mean method?"));
    EXPECT_EQ(toJson(e), toJson(Experiment{}));
}

TEST(ResolveField, TakesFullNamesAndUnambiguousTails)
{
    EXPECT_EQ(resolveField("train.lr").value(), "train.lr");
    EXPECT_EQ(resolveField("kd_rate").value(), "method.kd_rate");
    EXPECT_EQ(resolveField("seed").value(), "seed");
    EXPECT_EQ(shortField("method.kd_rate"), "kd_rate");
    EXPECT_EQ(shortField("train.lr"), "train.lr") << "the projector has one too";
    EXPECT_EQ(fieldValue(Experiment{}, "method.space"), "dual");
    EXPECT_THROW((void)fieldValue(Experiment{}, "space"), Error);
}

} // namespace
} // namespace dskd::config
