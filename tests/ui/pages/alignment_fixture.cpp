#include "tests/ui/pages/alignment_fixture.h"

#include "core/base/regular_file.h"
#include "core/config/schema/choices.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "tests/support/paths.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace dskd::ui
{

void AlignmentCoverageTest::SetUp()
{
    std::filesystem::create_directories(m_folder / "workspace");
    makeModel("teacher", "llama2", "llama");
    makeModel("student", "gpt2", "gpt2");
    std::ofstream(m_folder / "validation.jsonl")
        << nlohmann::json{{"instruction", "i"}, {"output", "one two three"}} << '\n'
        << nlohmann::json{{"instruction", "i"}, {"output", "2024, 2025 and 2026"}} << '\n'
        << nlohmann::json{{"instruction", "i"}, {"output", "the cat is on the mat"}} << '\n';
    m_workspace = std::make_unique<store::WorkspaceDb>(store::WorkspaceDb::create(m_folder / "workspace").value());
    for (const config::Alignment alignment :
         {config::Alignment::Cma, config::Alignment::Eta, config::Alignment::MinEd}) {
        m_ids[alignment] = makeRun(alignment, m_folder / "teacher");
    }
}

void AlignmentCoverageTest::makeModel(const std::string& name, const std::string& tokenizer, const std::string& model)
{
    const std::filesystem::path golden = test::goldenDir();
    std::filesystem::create_directories(m_folder / name);
    std::filesystem::copy(golden / "tokenizer" / tokenizer / "tokenizer.json", m_folder / name);
    nlohmann::json config = nlohmann::json::parse(readTextFile(golden / "model" / model / "config.json").value());
    config["vocab_size"] = 200'000; // a row for every token
    std::ofstream(std::filesystem::path(m_folder / name) / "config.json") << config;
}

std::string AlignmentCoverageTest::makeRun(config::Alignment alignment, const std::string& teacher)
{
    config::Experiment experiment;
    experiment.name = std::string(config::rowOf(alignment).name);
    experiment.student.model = m_folder / "student";
    experiment.teacher.model = teacher;
    experiment.data.train = m_folder / "validation.jsonl";
    experiment.data.validation = m_folder / "validation.jsonl";
    experiment.method.alignment = alignment;
    if (config::rowOf(alignment).spaces == config::SpacesOf::Different) {
        experiment.method.space = config::Space::Different;
    }
    return jobs::createRun(*m_workspace, experiment).value();
}

std::filesystem::path AlignmentCoverageTest::folderOf(config::Alignment alignment) const
{
    return m_workspace->layout().run(m_ids.at(alignment)).root;
}

config::Experiment AlignmentCoverageTest::experimentOf(config::Alignment alignment) const
{
    return jobs::runConfig({folderOf(alignment)}).value();
}

std::shared_ptr<const preflight::RunCoverage> AlignmentCoverageTest::measure(config::Alignment alignment) const
{
    return preflight::RunCoverage::measure(experimentOf(alignment), {}, m_never).value();
}

store::HeatMapRow AlignmentCoverageTest::map(config::Alignment alignment, std::int64_t step, bool insideChunks) const
{
    const preflight::SampleRows rows = measure(alignment)->rows(0).value();
    store::HeatMapRow map;
    map.name = std::string(config::rowOf(alignment).name) + ".t2s";
    map.step = step;
    map.rowTokens = rows.studentRowLabels;
    map.columnTokens = rows.teacherRowLabels;
    const auto columns = map.columnTokens.size();
    map.values.assign(map.rowTokens.size() * columns, insideChunks ? 0.0F : 1.0F / static_cast<float>(columns));
    for (std::size_t row = 0; insideChunks && row < map.rowTokens.size(); ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            if (rows.chunks.student[row] == rows.chunks.teacher[column]) {
                map.values[row * columns + column] = 1.0F;
            }
        }
    }
    return map;
}

void AlignmentCoverageTest::record(config::Alignment alignment, const std::vector<store::HeatMapRow>& maps)
{
    auto writer = store::RunWriter::open(m_workspace->layout().run(m_ids.at(alignment))).value();
    writer->beginAttempt(std::nullopt).value();
    writer->setPlan({kSteps, kSteps}).value();
    for (const store::HeatMapRow& map : maps) {
        writer->addHeatMap(map);
    }
    writer->addMetrics(50, 500, {{"align_ratio", 0.75}});
    writer->addMetrics(kSteps, 1000, {{"align_ratio", 0.5}});
    writer->endAttempt(0, "Finished.").value();
}

void AlignmentCoverageTest::open(const std::vector<config::Alignment>& alignments)
{
    m_feed = std::make_unique<WorkspaceFeed>(m_workspace->layout().root);
    m_background = std::make_unique<Background>(QStringLiteral("test"));
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_feed->loaded() && m_feed->runs().size() == m_ids.size(); }));
    m_page = std::make_unique<AlignmentPage>(*m_feed, *m_background);
    m_page->resize(1100, 620);
    m_page->show();
    std::vector<std::string> ids;
    for (const config::Alignment alignment : alignments) {
        ids.push_back(m_ids.at(alignment));
    }
    m_page->setRuns(ids, ids);
    ASSERT_TRUE(QTest::qWaitFor([this] {
        return text("coverage").startsWith("coverage ") && text("coverage").contains('%');
    })) << text("coverage").toStdString()
        << text("coverageNotes").toStdString();
}

} // namespace dskd::ui
