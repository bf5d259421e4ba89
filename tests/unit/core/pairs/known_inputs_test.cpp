#include "core/pairs/known_inputs.h"

#include "core/jobs/run_folder.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace dskd::pairs
{
namespace
{

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A workspace beside models and data of its own, copies of the demo's, so that they can be moved.
class KnownInputs : public testing::Test
{
protected:
    KnownInputs()
    {
        fs::create_directories(m_models);
        for (const char* name : {"student-llama", "student-gpt2"}) {
            fs::copy(m_demo / name, m_models / name, fs::copy_options::recursive);
        }
        fs::create_directories(m_data);
        std::ofstream(m_data / "train.jsonl") << R"({"instruction": "i", "output": "one two"})"
                                              << "\n{broken\n"
                                              << R"({"instruction": "i", "output": "three"})"
                                              << "\n";
    }

    store::ModelRow only()
    {
        const auto rows = store::InputTable(workspace).models();
        EXPECT_EQ(rows.size(), 1u);
        return rows.empty() ? store::ModelRow() : rows.front();
    }

    test::TemporaryFolder folder;
    const fs::path m_demo = fs::path(test::sourceDir()) / "resources" / "demo";
    const fs::path m_models = folder / "models";
    const fs::path m_data = folder / "data";
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
};

TEST_F(KnownInputs, SayWhatAFolderHoldsWithoutWeights)
{
    const store::ModelRow row = readModel(m_models / "student-llama").value();
    EXPECT_EQ(row.path, (m_models / "student-llama").string());
    EXPECT_EQ(row.name, "student-llama");
    EXPECT_EQ(row.family, "llama");
    EXPECT_EQ(row.kind, kWithoutWeights);
    EXPECT_EQ(row.headRows, 4096);
    EXPECT_GT(row.vocabulary, 4000);
    EXPECT_LE(row.vocabulary, 4096);
    EXPECT_EQ(row.parameters, 4096 * 96 + 3 * (4 * 96 * 96 + 3 * 96 * 256 + 2 * 96) + 96) << "its head is tied";
    EXPECT_EQ(row.specialTokens.at("bos"), "<s>");
    EXPECT_EQ(row.specialTokens.at("eos"), "</s>");
    EXPECT_EQ(row.chatTemplate, "");
    EXPECT_THAT(row.hash, SizeIs(16));
    EXPECT_GT(row.seen, 0.0);
    EXPECT_EQ(readModel(m_demo / "teacher").value().kind, kWithWeights);
    EXPECT_EQ(readModel((m_models / "student-llama").string() + "/").value().path, row.path) << "a slash at the end";
}

TEST_F(KnownInputs, RefuseWhatIsNoModelWithASentence)
{
    EXPECT_EQ(readModel(m_models / "none").failure().kind, FailureKind::NotFound);
    EXPECT_THAT(readModel(m_data / "train.jsonl").failure().what, HasSubstr("is not a folder"));
    EXPECT_EQ(readModel(m_data).failure().kind, FailureKind::BadModel);
    fs::remove(m_models / "student-gpt2" / "tokenizer.json");
    EXPECT_EQ(readModel(m_models / "student-gpt2").failure().kind, FailureKind::BadModel);
    EXPECT_TRUE(readModel(m_models / "student-gpt2", m_models / "student-llama")) << "with another tokenizer";
}

TEST_F(KnownInputs, HashTheContentAndNotThePlace)
{
    const std::string hash = readModel(m_models / "student-llama").value().hash;
    fs::copy(m_models / "student-llama", m_models / "copy", fs::copy_options::recursive);
    EXPECT_EQ(readModel(m_models / "copy").value().hash, hash);
    std::ofstream(m_models / "copy" / "config.json", std::ios::app) << " ";
    EXPECT_NE(readModel(m_models / "copy").value().hash, hash);
    EXPECT_NE(readModel(m_models / "student-gpt2").value().hash, hash);
}

TEST_F(KnownInputs, SayWhatADataFileHolds)
{
    const store::DatasetRow row = readDataset(m_data / "train.jsonl").value();
    EXPECT_EQ(row.name, "train.jsonl");
    EXPECT_EQ(row.kind, "alpaca");
    EXPECT_EQ(row.records, 2);
    EXPECT_EQ(row.broken, 1);
    EXPECT_EQ(row.bytes, static_cast<std::int64_t>(fs::file_size(m_data / "train.jsonl")));
    EXPECT_EQ(readDataset(m_data / "none.jsonl").failure().kind, FailureKind::NotFound);
}

TEST_F(KnownInputs, AddsUpWhatAModelMayBe)
{
    EXPECT_TRUE(addModel(workspace, m_models / "student-llama", {}, Side::Student).value().student);
    EXPECT_FALSE(only().teacher);
    EXPECT_TRUE(addModel(workspace, m_models / "student-llama", {}, Side::Teacher).value().student);
    EXPECT_TRUE(only().teacher);
}

TEST_F(KnownInputs, TakeUpWhatRunsWereMadeOf)
{
    config::Experiment experiment;
    experiment.student.model = (m_models / "student-llama").string();
    experiment.teacher.model = (m_models / "student-gpt2").string();
    experiment.method.alignment = config::Alignment::Eta;
    experiment.data.train = (m_data / "train.jsonl").string();
    experiment.data.validation = (m_data / "gone.jsonl").string();
    (void)jobs::createRun(workspace, experiment).value();
    EXPECT_THAT(refreshInputs(workspace), ElementsAre(HasSubstr("gone.jsonl is not there.")));
    store::InputTable table(workspace);
    const auto models = table.models();
    ASSERT_THAT(models, SizeIs(2));
    EXPECT_EQ(models[0].name, "student-gpt2");
    EXPECT_TRUE(models[0].teacher);
    EXPECT_FALSE(models[0].student);
    EXPECT_TRUE(models[1].student);
    EXPECT_FALSE(models[1].teacher);
    const auto data = table.datasets();
    ASSERT_THAT(data, SizeIs(2));
    EXPECT_EQ(data[0].name, "gone.jsonl");
    EXPECT_NE(data[0].problem, "");
    EXPECT_EQ(data[1].records, 2);

    ASSERT_TRUE(table.forgetModel(models[0].id));
    (void)jobs::createRun(workspace, experiment).value();
    (void)refreshInputs(workspace);
    EXPECT_THAT(table.models(), SizeIs(1)) << "what a person forgot is not brought back by a run";
    experiment.teacher.model = experiment.student.model;
    (void)jobs::createRun(workspace, experiment).value();
    (void)refreshInputs(workspace);
    EXPECT_TRUE(only().teacher) << "it is a teacher too now";
}

TEST_F(KnownInputs, AreFoundAgainWhereTheyWereMovedTo)
{
    ASSERT_TRUE(addModel(workspace, m_models / "student-llama"));
    ASSERT_TRUE(addDataset(workspace, m_data / "train.jsonl"));
    const std::int64_t id = only().id;
    EXPECT_THAT(refreshInputs(workspace), IsEmpty());
    fs::create_directories(m_models / "small");
    fs::rename(m_models / "student-llama", m_models / "small" / "tiny");
    fs::rename(m_data / "train.jsonl", m_data / "dolly.jsonl");
    EXPECT_THAT(refreshInputs(workspace),
                ElementsAre(AllOf(HasSubstr("student-llama was moved to"), HasSubstr("small/tiny")),
                            AllOf(HasSubstr("train.jsonl was moved to"), HasSubstr("dolly.jsonl"))));
    EXPECT_EQ(only().path, (m_models / "small" / "tiny").string());
    EXPECT_EQ(only().id, id);
    EXPECT_EQ(only().problem, "");
    EXPECT_THAT(refreshInputs(workspace), IsEmpty());
}

TEST_F(KnownInputs, AreFoundInThePlaceOfOneThatWasForgotten)
{
    const fs::path there = m_models / "again";
    fs::copy(m_models / "student-llama", there, fs::copy_options::recursive);
    ASSERT_TRUE(addModel(workspace, there));
    ASSERT_TRUE(store::InputTable(workspace).forgetModel(only().id));
    ASSERT_TRUE(addModel(workspace, m_models / "student-llama"));
    fs::remove_all(m_models / "student-llama");
    EXPECT_THAT(refreshInputs(workspace), ElementsAre(HasSubstr("was moved to")));
    EXPECT_EQ(only().path, there.string());
    EXPECT_THAT(refreshInputs(workspace), IsEmpty()) << "it is said once";
}

TEST_F(KnownInputs, AreFoundInAPlaceThatThePersonNames)
{
    ASSERT_TRUE(addModel(workspace, m_models / "student-llama"));
    const test::TemporaryFolder elsewhere;
    fs::create_directories(elsewhere / "hub");
    fs::copy(m_models / "student-llama", elsewhere.path() / "hub" / "llama", fs::copy_options::recursive);
    fs::remove_all(m_models / "student-llama");
    EXPECT_THAT(refreshInputs(workspace), ElementsAre(HasSubstr("its content was found nowhere")));
    EXPECT_NE(only().problem, "");
    EXPECT_THAT(refreshInputs(workspace, {elsewhere.path()}), ElementsAre(HasSubstr("was moved to")));
    EXPECT_EQ(only().path, (elsewhere.path() / "hub" / "llama").string());
    EXPECT_EQ(only().problem, "");
}

TEST_F(KnownInputs, AreNotTakenForOthersOfTheSameArchitecture)
{
    ASSERT_TRUE(addModel(workspace, m_models / "student-llama"));
    fs::rename(m_models / "student-llama", m_models / "other");
    std::ofstream(m_models / "other" / "tokenizer_config.json", std::ios::app) << "\n";
    EXPECT_THAT(refreshInputs(workspace), ElementsAre(HasSubstr("its content was found nowhere")));
    EXPECT_EQ(only().path, (m_models / "student-llama").string());
}

TEST_F(KnownInputs, SayWhenTheyHaveChangedInTheirPlace)
{
    const std::string before = addModel(workspace, m_models / "student-llama").value().hash;
    std::ofstream(m_models / "student-llama" / "config.json", std::ios::app) << " ";
    EXPECT_THAT(refreshInputs(workspace), ElementsAre(HasSubstr("has changed since")));
    EXPECT_NE(only().hash, before);
    std::ofstream(m_models / "student-llama" / "config.json") << "{";
    EXPECT_THAT(refreshInputs(workspace), SizeIs(1));
    EXPECT_NE(only().problem, "");
}

} // namespace
} // namespace dskd::pairs
