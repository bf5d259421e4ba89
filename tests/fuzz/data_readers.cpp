// Records of training data, experiments, and the database of a run with its copy for charts.

#include "tests/fuzz/readers.h"

#include "core/base/random_stream.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/dataset/record.h"
#include "core/jobs/experiment_file.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/series_bytes.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/target.h"
#include "tests/support/paths.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace dskd::fuzz
{
namespace
{

constexpr std::array<std::string_view, 1> kRecordFiles = {"records.jsonl"};
constexpr std::array<std::string_view, 1> kExperimentFiles = {"experiment.json"};
constexpr std::size_t kPointsOfBlock = 3;
constexpr std::uint64_t kEndOfBlocks = 1000;

// run.db as a finished run leaves it.
std::string wholeRunDatabase()
{
    const RunLayout run{unpacked({}, {})};
    const auto writer = store::RunWriter::open(run, {.journal = store::Journal::Rollback}).value();
    writer->beginAttempt(std::nullopt).value();
    writer->setPlan({2, 1}).value();
    writer->setInfo("device", "cpu").value();
    for (int step = 1; step <= 2; ++step) {
        writer->addMetrics(step, step * 100, {{"loss", 2.0 / step}, {"validation.loss", 3.0}});
    }
    store::HeatMapRow map;
    map.step = 1;
    map.name = "cma.t2s";
    map.rowTokens = {"a", "b"};
    map.columnTokens = {"c"};
    map.values = {0.25F, 0.75F};
    writer->addHeatMap(map);
    writer->addAnswer({0, 2, 0, "prompt", "reference", "answer", 0.5});
    writer->addEvent(2, "done", "Finished.");
    writer->heartbeat(2, "saving").value();
    writer->endAttempt(0, "Finished.").value();
    return readTextFile(run.database()).value();
}

void readEverything(store::RunReader& reader)
{
    (void)reader.metricsAfter(0);
    for (const std::string& name : reader.metricNames()) {
        (void)reader.series(name);
    }
    (void)reader.latest();
    for (const store::HeatMapRow& row : reader.heatMaps()) {
        const auto map = reader.heatMap(row.id);
        require(!map || map->values.size() == map->rowTokens.size() * map->columnTokens.size(),
                "a map has a value in every cell");
    }
    (void)reader.answers();
    (void)reader.eventsAfter();
    (void)reader.attempts();
    (void)reader.heartbeat();
    (void)reader.plan();
    (void)reader.info();
}

} // namespace

void readRecordLines(std::string_view jsonl)
{
    const std::string input = "=== records.jsonl\n" + std::string(jsonl);
    const std::filesystem::path file = unpacked(input, kRecordFiles) / kRecordFiles[0];
    const auto records = dataset::readRecords(file, config::DataConfig{});
    if (!readOrRefused(records)) {
        return;
    }
    for (const dataset::Record& record : records->records) {
        require(!record.responses.empty(), "a record has an answer");
    }
    for (const dataset::BrokenLine& line : records->broken) {
        require(!line.why.empty(), "a line that is passed over says why");
    }
    (void)records->brokenLines();
    (void)records->leftOut();
}

std::vector<std::string> recordSeeds()
{
    return {R"({"prompt": "Hi", "completion": "Hello"})"
            "\n"
            R"({"question": "2+2?", "answer": "4"})",
            R"({"instruction": "Add.", "input": "1 2", "output": "3"})",
            R"({"instruction": "Name it.", "context": "A rose.", "response": ["Rose", "A rose"], "category": "qa"})",
            R"({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, )"
            R"({"role": "assistant", "content": "Hello"}]})"};
}

void readExperiment(std::string_view json)
{
    const auto experiment = config::parseExperiment(json, "/");
    if (readOrRefused(experiment)) {
        (void)config::validate(*experiment);
        const auto again = config::parseExperiment(config::toText(*experiment), "/");
        require(again.ok() && config::toText(*again) == config::toText(*experiment),
                "an experiment that was written is read as itself");
    }
}

std::vector<std::string> experimentSeeds()
{
    config::Experiment everything;
    everything.student.model = "/models/student";
    everything.teacher.model = "/models/teacher";
    everything.data.train = "/data/train.jsonl";
    std::vector<std::string> texts = {config::toText(everything)};
    for (const auto& entry : std::filesystem::directory_iterator(test::sourceDir() + "/experiments/demo")) {
        if (entry.path().extension() == ".json") {
            texts.push_back(readTextFile(entry.path()).value());
        }
    }
    return texts;
}

void readExperimentFile(std::string_view json)
{
    const std::string input = "=== experiment.json\n" + std::string(json);
    const auto read = jobs::readExperimentFile(unpacked(input, kExperimentFiles) / kExperimentFiles[0]);
    if (readOrRefused(read)) {
        (void)config::expand(read->plan);
        const std::string text = jobs::toText(*read);
        const std::string again = "=== experiment.json\n" + text;
        const auto second = jobs::readExperimentFile(unpacked(again, kExperimentFiles) / kExperimentFiles[0]);
        require(second.ok() && jobs::toText(*second) == text, "an experiment that was exported is read as itself");
    }
}

std::vector<std::string> experimentFileSeeds()
{
    jobs::ExperimentFile whole{"ablation", "a note", {"paper"}, {}};
    whole.plan.base.student.model = "/models/student";
    whole.plan.base.teacher.model = "/models/teacher";
    whole.plan.base.data.train = "/data/train.jsonl";
    whole.plan.axes = {{"method.space", {"diff", "dual"}}};
    whole.plan.fixed = {{"train.lr", "0.001"}};
    whole.plan.excluded = {{{"method.space", "diff"}}};
    whole.plan.seeds = {10, 20};
    return {jobs::toText(whole), config::toText(whole.plan), config::toText(whole.plan.base)};
}

void readRunDatabase(std::string_view changes)
{
    static const std::string whole = wholeRunDatabase();
    std::string database = whole;
    for (std::size_t i = 0; i + 3 < changes.size(); i += 4) {
        std::size_t place = 0;
        for (std::size_t byte = i; byte < i + 3; ++byte) {
            place = place * 256 + static_cast<unsigned char>(changes[byte]);
        }
        database[place % database.size()] = changes[i + 3];
    }
    const RunLayout run{unpacked({}, {})};
    std::ofstream(run.database(), std::ios::binary) << database;
    require(!jobs::readStatus(run).sentence.empty(), "a status is a sentence");
    auto reader = store::RunReader::open(run);
    if (readOrRefused(reader)) {
        readEverything(*reader); // throws Error where the damage lies deeper
    }
}

std::vector<std::string> runDatabaseSeeds()
{
    std::vector<std::string> inputs = {""};
    RandomStream random(1, "run.db");
    for (std::size_t numChanges = 1; numChanges <= 16; ++numChanges) {
        std::string changes(4 * numChanges, '\0');
        std::generate(changes.begin(), changes.end(), [&] { return static_cast<char>(random.below(256)); });
        inputs.push_back(std::move(changes));
    }
    return inputs;
}

void readSeriesFile(std::string_view bytes)
{
    store::MetricColumns points;
    if (store::pointsFrom(bytes, kPointsOfBlock, points)) {
        require(points.size() == kPointsOfBlock && points.tokens.size() == kPointsOfBlock &&
                    points.times.size() == kPointsOfBlock && points.values.size() == kPointsOfBlock,
                "a block has its points in every column");
    } else {
        require(points.size() == 0, "of a damaged block nothing is taken");
    }
    if (const auto directory = store::directoryFrom(bytes, kEndOfBlocks)) {
        for (const auto& [name, blocks] : directory->metrics) {
            for (const store::SeriesBlock& block : blocks) {
                require(block.offset <= kEndOfBlocks && block.bytes <= kEndOfBlocks - block.offset,
                        "a block lies in the file");
            }
        }
    }
}

std::vector<std::string> seriesFileSeeds()
{
    std::vector<std::string> inputs;
    for (const std::int64_t token :
         {std::int64_t{20}, std::int64_t{1'000}, std::int64_t{1'000'000'000'000}}) { // each kind of column
        store::MetricColumns points;
        points.add({1, 1, 10, 100.0, 2.5});
        points.add({2, 2, token, 101.0, 2.25});
        points.add({3, 3, 30 + token, 102.0, 2.0});
        inputs.push_back(store::bytesOf(points));
    }
    store::SeriesDirectory directory;
    directory.attempts.push_back({1, 42, 7, -1, 100.0});
    directory.lastId = 3;
    directory.points = 3;
    store::SeriesBlock block;
    block.bytes = inputs.front().size();
    block.firstStep = 1;
    block.lastStep = 3;
    block.bucket.count = 3;
    block.nonFinite[0] = store::MetricPoint{2, 2, 20, 101.0, 0.0};
    directory.metrics["loss"].push_back(block);
    inputs.push_back(store::bytesOf(directory));
    return inputs;
}

} // namespace dskd::fuzz
