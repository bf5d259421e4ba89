#pragma once

// What a teacher and a student have in common before any training: how much of their vocabularies, and how many of the
// student's answer tokens the exact alignment (core/align/exact_alignment.h, ETA) pairs with one of the teacher's on a
// data set. Needs tokenizers and configurations, no weights.

#include "core/align/coverage.h"
#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/store/input_table.h"
#include "core/store/workspace_db.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::pairs
{

struct SampleCoverage {
    std::int64_t line = 0;          // of the data file, from 1
    std::int64_t alignedTokens = 0; // of the student's
    std::int64_t studentTokens = 0; // of the answer, its end among them
    std::string answer;             // its beginning
    [[nodiscard]] double share() const
    {
        return static_cast<double>(alignedTokens) / static_cast<double>(studentTokens);
    }
    bool operator==(const SampleCoverage&) const = default;
};

struct PairAnalysis {
    bool sameVocabulary = false; // every id is the same token: rows compare one to one, without an alignment
    std::int64_t teacherVocabulary = 0;
    std::int64_t studentVocabulary = 0;
    std::int64_t overlap = 0; // tokens of the teacher that have a partner (align::compareVocabularies)

    // Over the samples, each counted once however long it is (align::CoverageStatistics).
    std::int64_t samples = 0;
    std::int64_t leftOut = 0; // records whose answer the student's tokenizer makes no token of
    std::int64_t studentTokens = 0;
    std::int64_t alignedTokens = 0;
    std::int64_t spaceTokens = 0; // the student's that are spaces alone: never aligned
    double mean = 0.0;
    double min = 0.0;
    double max = 0.0;
    std::array<std::int64_t, align::kCoverageBins> histogram{}; // samples by coverage, in twentieths
    std::vector<SampleCoverage> worst;                          // the least covered first

    // Of the teacher's vocabulary.
    [[nodiscard]] double overlapShare() const { return align::shareOf(overlap, teacherVocabulary); }
    bool operator==(const PairAnalysis&) const = default;
};

// Why one vocabulary is covered by less than 100 %: a sentence (align::spacesSentence). Empty where no student token is
// spaces alone.
[[nodiscard]] std::string spacesSentence(const PairAnalysis& analysis);

// As JSON text, and back; nothing of a text that is none.
[[nodiscard]] std::string toText(const PairAnalysis& analysis);
[[nodiscard]] std::optional<PairAnalysis> parseAnalysis(std::string_view text);

struct PairOptions {
    std::int64_t samples = 200; // the first N records of the file, as the preflight takes them
    config::Template promptTemplate = config::Template::Alpaca; // a chat template decides what ends an answer
};

inline constexpr std::size_t kWorstSamples = 10; // that an analysis names

// One cell of teachers x students.
struct PairCell {
    store::ModelRow teacher;
    store::ModelRow student;
    std::optional<PairAnalysis> analysis;
    std::string problem; // why there is none: a sentence
    bool kept = false;   // found in the workspace rather than computed
};

// Teachers x students on `data`, row by row. Analyses are kept in the workspace by the hashes of both models and of the
// data and by the options; what is kept is not computed again. `onCell` gets each cell as soon as it is computed, on
// the caller's thread. Once `cancelled` the cells so far are returned. Fails when the data cannot be read; what is
// wrong with a model is the problem of its cells. Any thread; reads files, writes workspace.db.
Result<std::vector<PairCell>> analysePairs(store::WorkspaceDb& workspace, const std::vector<store::ModelRow>& teachers,
                                           const std::vector<store::ModelRow>& students, const store::DatasetRow& data,
                                           const PairOptions& options,
                                           const std::function<void(const PairCell&)>& onCell = nullptr,
                                           const std::atomic<bool>* cancelled = nullptr);

// The beginning of an experiment with this pair on this data: ETA where the vocabularies differ, random weights where
// the student's folder has none.
[[nodiscard]] config::Experiment experimentOf(const PairCell& cell, const store::DatasetRow& data);

// The data set that a person means, else the only one, else the one with the most records; NotFound where none is
// known.
Result<store::DatasetRow> chooseDataset(store::WorkspaceDb& workspace, const std::string& text = {});

} // namespace dskd::pairs
