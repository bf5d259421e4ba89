#pragma once

// How much of the student's answer tokens an alignment gives a partner (marked_answer.h, isCovered): over a data set,
// sample by sample, and which tokens it leaves out. Without weights, before any training.

#include "core/align/coverage.h"
#include "core/align/marked_answer.h"
#include "core/align/token_class.h"
#include "core/config/schema/alignment.h"
#include "core/config/schema/data_config.h"
#include "core/dataset/record.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dskd::align
{

struct SampleCoverage {
    std::int64_t sample = 0; // from 0 among those that training uses: as recorded maps number them
    std::int64_t record = 0; // its place in the records
    std::int64_t line = 0;   // of the data file
    std::int64_t teacherTokens = 0;
    std::int64_t studentTokens = 0;
    std::int64_t covered = 0; // student tokens
    // The student's tokens by their marks.
    std::int64_t exact = 0;
    std::int64_t inChunk = 0;
    std::int64_t unaligned = 0;

    [[nodiscard]] double share() const { return shareOf(covered, studentTokens); }
};

// A student token that often has no partner.
struct UncoveredToken {
    tokenizer::TokenId id = 0;
    std::string text; // tokenLabel
    TokenClass tokenClass = TokenClass::Word;
    std::int64_t count = 0;  // without a partner
    std::int64_t sample = 0; // the first one with it
};

// What another rule for the same alignment reaches: ETA as published beside ETA, and the other way round.
struct OtherRule {
    config::Alignment alignment = config::Alignment::EtaPublished;
    CoverageStatistics coverage;
};

struct CoverageReport {
    config::Alignment alignment = config::Alignment::Eta;
    CoverageStatistics coverage;
    std::optional<OtherRule> other;
    std::vector<SampleCoverage> samples;   // worst first; of equal ones the earlier
    std::vector<UncoveredToken> uncovered; // most frequent first
    std::int64_t teacherTokens = 0;
    std::int64_t spaceTokens = 0; // the student's that are spaces alone: ETA on bytes never pairs them
    std::int64_t unscored = 0;    // samples of which the cut leaves nothing to learn
    std::int64_t cutPrompts = 0;  // samples that lost something on either side
    std::int64_t cutAnswers = 0;

    // The student's tokens by their marks, over all samples.
    [[nodiscard]] std::int64_t exact() const;
    [[nodiscard]] std::int64_t inChunk() const;
};

struct CoverageOptions {
    config::Alignment alignment = config::Alignment::Eta;
    const MinimumEdits* edits = nullptr; // of the two tokenizers; only MinED, which needs them
    config::DataConfig data;             // how samples are cut
    config::LossOn lossOn = config::LossOn::Response;
    bool wholeAnswers = false; // nothing is cut; not with MinED, whose time grows with the square of the length
    // CoverageReport::other is measured too, which costs as much again.
    bool withOtherRule = true;
    // Entries of CoverageReport::uncovered; 0: tokens without a partner are not looked at.
    std::size_t mostUncovered = 200;
    const std::atomic<bool>* cancelled = nullptr; // may turn true at any time: the report is then incomplete
};

// Exact pairs in whole answers and nothing besides: how well two tokenizers go together, whatever a method makes of it.
[[nodiscard]] CoverageOptions exactPairsOnly(const std::atomic<bool>* cancelled);

// REQUIRES: records that the chat templates of both sides can write (dataset::keepRenderable). On several threads.
// Throws Error when a tokenizer refuses a text.
[[nodiscard]] CoverageReport measureCoverage(std::span<const dataset::Record> records,
                                             const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student,
                                             const CoverageOptions& options);

// Why two equal tokenizers do not reach 100 % with ETA on bytes: "Spaces do not count: 4 student tokens are spaces
// alone and have no partner, whatever the teacher's tokens are". Empty for none.
[[nodiscard]] std::string spacesSentence(std::int64_t spaceTokens);

// The two tokenizations of one record, as measureCoverage sees them.
struct AlignedRecord {
    dataset::Sample teacher; // without its prompt where whole answers are looked at
    dataset::Sample student;
    MarkedAnswer marked;
};
[[nodiscard]] AlignedRecord alignRecord(const dataset::Record& record, const tokenizer::Tokenizer& teacher,
                                        const tokenizer::Tokenizer& student, const CoverageOptions& options);

} // namespace dskd::align
