// `dskd align`: how much of the student's answer tokens an alignment gives a partner: of two tokenizers and a data
// file, before any training, or of a run, with what its recorded maps hold. No model weights are read.

#include "app/cli/command_line.h"
#include "app/cli/commands/align_report.h"
#include "app/cli/commands/commands.h"
#include "app/cli/number_range.h"
#include "core/align/spelling_map_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/dataset/conversation.h"
#include "core/dataset/record.h"
#include "core/jobs/run_folder.h"
#include "core/preflight/run_coverage.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"

#include <algorithm>
#include <map>
#include <optional>

namespace dskd::cli
{
namespace
{

struct AlignOptions : CommonOptions {
    std::string run;     // in place of all that follows but limit
    std::string teacher; // folders that hold a tokenizer
    std::string student;
    std::string data;           // JSONL; the first answer of every record is aligned
    std::string promptTemplate; // data.template; a chat template is each side's own, and decides what ends an answer
    std::string method = nameOf(config::rowOf(config::Alignment::Eta));
    std::int64_t limit = 0; // first N records; 0: all
    bool training = false;  // of a run: its training data
    ListedRows listed;
};

// Every alignment that gives tokens of two tokenizations partners.
std::vector<std::string> methodNames()
{
    std::vector<std::string> names;
    for (const config::AlignmentRow& row : config::kAlignments) {
        if (row.attends || row.pairsRows || row.matchesSpellings) {
            names.push_back(nameOf(row));
        }
    }
    return names;
}

const config::AlignmentRow& alignmentNamed(const std::string& name)
{
    return *std::find_if(std::begin(config::kAlignments), std::end(config::kAlignments),
                         [&](const config::AlignmentRow& row) { return nameOf(row) == name; });
}

// The map of the pair, with a sentence when it has to be looked for.
std::optional<align::MinimumEdits> findEdits(const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student,
                                             Console& console)
{
    align::MinimumEdits::Options options;
    options.cacheFolder = align::spellingMapFolder();
    bool announced = false;
    options.search.progress = [&](double share) {
        if (!announced && share > 0.0) { // not for a short search
            console.err << "Looking for the nearest spellings, once for these vocabularies ...\n";
            announced = true;
        }
    };
    return align::MinimumEdits::find(teacher, student, align::SpellingRule::Text, options);
}

void show(const MeasuredAlignment& measured, const AlignOptions& options, Console& console)
{
    if (options.json) {
        printJson(console.out, toJson(measured, options.listed));
    } else {
        print(measured, options.listed, console);
    }
}

std::vector<MapInChunks> mapsOf(const RunLayout& run, const preflight::RunCoverage& coverage)
{
    std::vector<MapInChunks> maps;
    std::map<std::int64_t, std::optional<preflight::SampleRows>> samples;
    store::RunReader reader = store::RunReader::open(run).value();
    for (const store::HeatMapRow& row : reader.heatMaps()) {
        const auto [sample, isNew] = samples.try_emplace(row.sample);
        if (isNew) {
            sample->second = coverage.rows(row.sample);
        }
        MapInChunks inside{row.name, row.sample, row.step, std::nullopt};
        const auto map = reader.heatMap(row.id);
        if (map) {
            inside.rows = {map->rowTokens.size(), map->wholeRows};
            inside.columns = {map->columnTokens.size(), map->wholeColumns};
        }
        const auto chunks = map && sample->second
                                ? preflight::chunksOf({map->name, map->rowTokens, map->columnTokens}, *sample->second)
                                : std::nullopt;
        if (chunks) {
            inside.inside = align::attentionInsideChunks(map->values, chunks->rows, chunks->columns).mean();
        }
        maps.push_back(std::move(inside));
    }
    return maps;
}

// Of a run: its own alignment, tokenizers and data, cut as it cuts them.
ExitCode alignRun(const AlignOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = workspace.findRun(options.run).value();
    const RunLayout run = workspace.layout().run(id);
    const config::Experiment experiment = jobs::runConfig(run).value();
    const std::atomic<bool> never{false};
    const auto data = options.training ? preflight::CoverageData::Training : preflight::CoverageData::Validation;
    const auto coverage = preflight::RunCoverage::measure(experiment, {data, options.limit}, never).value();
    if (!coverage->remark().empty()) {
        console.err << text::terminalLine(coverage->remark()) << "\n";
    }
    MeasuredAlignment measured;
    measured.alignment = config::rowOf(experiment.method.alignment);
    measured.method = nameOf(measured.alignment);
    measured.vocabularies = align::compareVocabularies(coverage->teacher(), coverage->student());
    measured.report = coverage->report();
    measured.brokenLines = coverage->brokenLines();
    measured.edits = coverage->edits() ? &*coverage->edits() : nullptr;
    measured.lengths = experiment.data;
    measured.cut = true;
    measured.run = id;
    if (coverage->holdsProbes()) {
        measured.maps = mapsOf(run, *coverage);
    }
    show(measured, options, console);
    return ExitCode::Done;
}

// Of two tokenizers and a file. MinED looks at prompts as well and takes time that grows with the square of the length,
// so that its samples are cut as training cuts them by default; when some are, their number is printed ("cut" of the
// JSON). Others look at whole answers.
ExitCode alignFolders(const AlignOptions& options, Console& console)
{
    if (options.teacher.empty() || options.student.empty() || options.data.empty()) {
        throw Error("--teacher, --student and --data are needed.", "Or name a run with --run.", FailureKind::Usage);
    }
    config::Experiment experiment;
    if (!options.promptTemplate.empty()) {
        orThrow(config::setField(experiment, "data.template", options.promptTemplate), FailureKind::Usage);
    }
    const auto teacher = orThrow(dataset::loadPromptTokenizer(options.teacher, experiment.data), FailureKind::BadModel);
    const auto student = orThrow(dataset::loadPromptTokenizer(options.student, experiment.data), FailureKind::BadModel);
    dataset::RecordFile data =
        orThrow(dataset::readRecords(options.data, experiment.data, options.limit), FailureKind::BadData);
    for (const auto* side : {&*teacher, &*student}) {
        orThrow(dataset::keepRenderable(data, *side), FailureKind::BadData);
    }
    for (const dataset::BrokenLine& line : data.broken) {
        console.err << text::terminalLine(data.path.string() + ", line " + std::to_string(line.line) +
                                          " is skipped: " + line.why)
                    << "\n";
    }
    for (const std::string& sentence : data.leftOut()) {
        console.err << text::terminalLine(data.path.string() + ": " + sentence) << "\n";
    }
    MeasuredAlignment measured;
    measured.method = options.method;
    measured.alignment = alignmentNamed(options.method);
    measured.vocabularies = align::compareVocabularies(*teacher, *student);
    measured.brokenLines = data.broken.size();
    measured.lengths = experiment.data;
    const std::optional<align::MinimumEdits> edits =
        measured.alignment.matchesSpellings ? findEdits(*teacher, *student, console) : std::nullopt;
    measured.edits = edits ? &*edits : nullptr;
    measured.cut = edits.has_value();
    align::CoverageOptions how;
    how.alignment = measured.alignment.value;
    how.edits = measured.edits;
    how.data = experiment.data;
    how.wholeAnswers = !measured.cut;
    measured.report = align::measureCoverage(data.records, *teacher, *student, how);
    show(measured, options, console);
    return ExitCode::Done;
}

// Prints how much of the student's tokens is aligned, with --json as {"samples":...,"coverage":{...},...}.
ExitCode runAlign(const AlignOptions& options, Console& console)
{
    return options.run.empty() ? alignFolders(options, console) : alignRun(options, console);
}

} // namespace

void addAlign(CommandLine& line)
{
    line.add<AlignOptions>(
        "align", "Measure how much of a student's tokens an alignment reaches",
        "dskd align --teacher models/teacher --student models/student --data data/dev.jsonl",
        [](CLI::App& command, AlignOptions& o) {
            CLI::Option* run =
                command
                    .add_option("--run", o.run,
                                "A run: its tokenizers, data and alignment, and how much of the attention "
                                "that it recorded is inside the true chunks")
                    ->type_name("RUN");
            CLI::Option* training = command.add_flag("--training", o.training, "Of a run its training data");
            training->needs(run);
            for (CLI::Option* folder :
                 {command.add_option("--teacher", o.teacher, "Folder with the teacher's tokenizer"),
                  command.add_option("--student", o.student, "Folder with the student's tokenizer"),
                  command.add_option("--data", o.data, "JSONL file whose answers are aligned")}) {
                folder->excludes(run);
            }
            const std::vector<std::string> names = methodNames();
            command
                .add_option("--method", o.method,
                            "eta-bytes (default), eta-published as the reference code does it, mined (fewest edits), "
                            "or another alignment: " +
                                CLI::detail::join(names, ", "))
                ->check(CLI::IsMember(names))
                ->option_text("NAME")
                ->excludes(run);
            command
                .add_option(
                    "--template", o.promptTemplate,
                    "data.template: a chat template defines what ends an answer, and which records it can write")
                ->type_name("NAME")
                ->excludes(run);
            command.add_option("--limit", o.limit, "Only the first N records")->type_name("N")->check(atLeast(0));
            command.add_option("--worst", o.listed.worst, "List the N samples that are aligned worst")
                ->type_name("N")
                ->check(atLeast(0));
            command.add_flag("--unaligned", o.listed.unaligned,
                             "List the tokens without a partner, by frequency and class");
        },
        runAlign);
}

} // namespace dskd::cli
