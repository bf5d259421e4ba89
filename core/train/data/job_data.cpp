#include "core/train/data/job_data.h"

#include "core/align/spelling_map_file.h"
#include "core/align/vocabulary.h"
#include "core/base/parallel.h"
#include "core/base/result.h"
#include "core/batch/packed_rows.h"
#include "core/config/methods/method_traits.h"
#include "core/dataset/conversation.h"
#include "core/preflight/rules.h"
#include "core/train/answers/teacher_answers.h"

#include <set>
#include <string>
#include <utility>

namespace dskd::train
{
namespace
{

// Leaves out what a chat template of either side cannot write. A teacher that answers first reads the data without the
// student and knows its answers by their number, so nothing may be missing where each side has its own template.
void keepRenderable(dataset::RecordFile& records, const config::DataConfig& config, const Tokenizers& tokenizers)
{
    const std::size_t before = records.broken.size();
    orThrow(dataset::keepRenderable(records, *tokenizers.student), FailureKind::BadData);
    if (!tokenizers.shared()) {
        orThrow(dataset::keepRenderable(records, *tokenizers.teacher), FailureKind::BadData);
    }
    const std::size_t leftOut = records.broken.size() - before;
    if (leftOut > 0 && config.answers == config::AnswerSource::Teacher &&
        config.promptTemplate == config::Template::Chat) {
        throw Error(records.path.string() + ": a chat template cannot write " + std::to_string(leftOut) +
                        " of the records, but with data.answers teacher both models must read all of them. " +
                        records.brokenLines(1).front(),
                    "Take these records out of the file, or set data.template to a template that can write them.",
                    FailureKind::BadData);
    }
}

// A tokenizer refuses a text that has a token without a row in the model's embedding, or takes too long.
dataset::Sample sampleOf(const dataset::Record& record, const tokenizer::Tokenizer& tokenizer,
                         const config::DataConfig& config, const std::string& file)
{
    try {
        return dataset::makeSample(record, tokenizer, config);
    } catch (const Error& error) {
        throw Error(file + ", line " + std::to_string(record.line) + ": " + error.failure().what, error.failure().hint,
                    FailureKind::BadData);
    }
}

} // namespace

Tokenizers loadTokenizers(const config::Experiment& experiment)
{
    Tokenizers tokenizers;
    tokenizers.studentFolder = preflight::tokenizerFolder(experiment.student);
    tokenizers.student = orThrow(preflight::loadTokenizer(experiment.student, experiment.data), FailureKind::BadModel);
    if (!experiment.teacher.model.empty()) {
        tokenizers.teacherFolder = preflight::tokenizerFolder(experiment.teacher);
        tokenizers.teacher =
            orThrow(preflight::loadTokenizer(experiment.teacher, experiment.data), FailureKind::BadModel);
        if (align::sameVocabulary(*tokenizers.teacher, *tokenizers.student) &&
            dataset::sameTemplate(*tokenizers.teacher, *tokenizers.student)) {
            tokenizers.teacher = tokenizers.student;
        }
    }
    return tokenizers;
}

bool matchSpellings(Tokenizers& tokenizers, const config::MethodConfig& method, Observer& observer,
                    const std::atomic<bool>* stop)
{
    if (!config::matchesSpellings(method)) {
        return true;
    }
    align::MinimumEdits::Options options;
    options.search.cancelled = stop;
    options.cacheFolder = align::spellingMapFolder();
    bool reported = false;
    options.search.progress = [&](double share) {
        if (!reported && share > 0.0) { // short searches are not reported
            observer.onEvent(0, "data", "Looks for the nearest spellings, once for these vocabularies.");
            reported = true;
        }
    };
    auto found =
        align::MinimumEdits::find(*tokenizers.teacher, *tokenizers.student, preflight::spellingRule(method), options);
    if (!found) {
        return false;
    }
    tokenizers.edits = std::make_shared<const align::MinimumEdits>(std::move(*found));
    const align::SpellingMap& map = tokenizers.edits->map();
    observer.onEvent(0, "data",
                     std::to_string(map.exact) + " of the teacher's " + std::to_string(map.studentFromTeacher.size()) +
                         " tokens are spelled like one of the student's, the others go to the nearest; " +
                         std::to_string(tokenizers.edits->matched().student.size()) + " of the student's " +
                         std::to_string(tokenizers.student->size()) + " tokens are matched" +
                         (tokenizers.edits->wasKept() ? " (kept from an earlier run)." : "."));
    return true;
}

std::vector<Example> loadExamples(const std::string& file, std::int64_t limit, const config::DataConfig& config,
                                  const Tokenizers& tokenizers, Observer& observer, config::Alignment alignment,
                                  const std::filesystem::path& teacherAnswers)
{
    dataset::RecordFile records = orThrow(dataset::readRecords(file, config, limit), FailureKind::BadData);
    keepRenderable(records, config, tokenizers);
    dataset::renderPrompts(records, *tokenizers.student);
    for (const std::string& sentence : records.brokenLines()) {
        observer.onEvent(0, "data", sentence);
    }
    for (const std::string& sentence : records.leftOut()) {
        observer.onEvent(0, "warning", records.path.string() + ": " + sentence);
    }
    if (!teacherAnswers.empty()) {
        useTeacherAnswers(teacherAnswers, records.records, observer);
    }
    std::vector<Example> examples(records.records.size());
    inParallel(examples.size(), [&](const Block& block) {
        for (std::size_t i = block.begin; i < block.end; ++i) {
            Example& example = examples[i];
            example.record = std::move(records.records[i]);
            example.student = sampleOf(example.record, *tokenizers.student, config, file);
            if (tokenizers.teacher == nullptr) {
                continue;
            }
            example.teacher =
                tokenizers.shared() ? example.student : sampleOf(example.record, *tokenizers.teacher, config, file);
            example.alignment =
                alignRows({*tokenizers.teacher, example.teacher}, {*tokenizers.student, example.student},
                          example.record.responses.front(), alignment, tokenizers.edits.get());
        }
    });
    return examples;
}

std::vector<Example> forProbeTeacher(std::vector<Example> examples, const std::string& file,
                                     const config::DataConfig& config, const Tokenizers& tokenizers, Observer& observer)
{
    const std::size_t before = examples.size();
    dataset::RecordFile writable;
    writable.path = file;
    for (const Example& example : examples) {
        writable.records.push_back(example.record);
    }
    (void)dataset::keepRenderable(writable, *tokenizers.teacher); // fails where none is left, which is reported below
    std::set<std::int64_t> lines;
    for (const dataset::Record& record : writable.records) {
        lines.insert(record.line);
    }
    std::erase_if(examples, [&](Example& example) {
        if (!lines.contains(example.record.line)) {
            return true;
        }
        example.teacher =
            tokenizers.shared() ? example.student : sampleOf(example.record, *tokenizers.teacher, config, file);
        return batch::numScoredRows(example.teacher, config.lossOn) == 0;
    });
    if (examples.size() < before) {
        observer.onEvent(0, "warning",
                         file + ": the teacher of the probes (log.probe_teacher) cannot read " +
                             std::to_string(before - examples.size()) + " of the " + std::to_string(before) +
                             " probe samples, which are left out of them: its chat template cannot write them, or no "
                             "response token remains within data.max_length tokens.");
    }
    return examples;
}

void dropUnscored(std::vector<Example>& examples, const std::string& file, config::LossOn lossOn, bool withTeacher,
                  Observer& observer)
{
    const std::size_t dropped = std::erase_if(examples, [&](const Example& example) {
        return batch::numScoredRows(example.student, lossOn) == 0 ||
               (withTeacher && batch::numScoredRows(example.teacher, lossOn) == 0);
    });
    if (dropped > 0) {
        observer.onEvent(0, "warning",
                         file + ": " + std::to_string(dropped) +
                             " samples were left out because no response token remains within "
                             "data.max_length tokens.");
    }
}

} // namespace dskd::train
