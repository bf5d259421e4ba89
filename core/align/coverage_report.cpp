#include "core/align/coverage_report.h"

#include "core/base/parallel.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace dskd::align
{
namespace
{

using dataset::Record;
using dataset::Sample;
using tokenizer::TokenId;
using tokenizer::Tokenizer;

// ETA and the published code pair by different rules; of other alignments there is one rule.
std::optional<config::Alignment> otherRule(const CoverageOptions& options)
{
    if (!options.withOtherRule) {
        return std::nullopt;
    }
    switch (options.alignment) {
    case config::Alignment::Eta: return config::Alignment::EtaPublished;
    case config::Alignment::EtaPublished: return config::Alignment::Eta;
    default: return std::nullopt;
    }
}

Sample answerAlone(const Tokenizer& tokenizer, const std::string& answer)
{
    tokenizer::Encoding encoding = encodeResponse(tokenizer, answer);
    Sample sample;
    sample.ids = std::move(encoding.ids);
    sample.responseOffsets = std::move(encoding.offsets);
    sample.endsWithEos = tokenizer.special().eos.has_value();
    return sample;
}

bool isSpaces(const Tokenizer& tokenizer, TokenId id)
{
    const std::string bytes = tokenizer.bytes(id);
    return !bytes.empty() && bytes.find_first_not_of(' ') == std::string::npos;
}

bool isScored(const Sample& sample, config::LossOn lossOn)
{
    return lossOn == config::LossOn::All ? sample.ids.size() > 1 : sample.rows() > 0;
}

struct Uncovered {
    TokenId id = 0;
    tokenizer::ByteSpan span;
};

// What is found of one record, apart from the others.
struct Found {
    SampleCoverage sample;
    std::vector<Uncovered> uncovered;
    std::int64_t coveredByOther = 0;
    std::int64_t spaceTokens = 0;
    bool scored = true;
    bool promptCut = false;
    bool answerCut = false;
};

std::int64_t numCovered(const MarkedAnswer& marked, config::Alignment alignment)
{
    const config::AlignmentRow& row = config::rowOf(alignment);
    return std::count_if(marked.student.begin(), marked.student.end(),
                         [&](const MarkedToken& token) { return isCovered(row, token.mark); });
}

void count(const MarkedToken& token, SampleCoverage& sample)
{
    switch (token.mark) {
    case Mark::Exact: ++sample.exact; break;
    case Mark::Chunk: ++sample.inChunk; break;
    case Mark::Unaligned: ++sample.unaligned; break;
    }
}

Found measureRecord(const Record& record, const Tokenizer& teacher, const Tokenizer& student,
                    const CoverageOptions& options)
{
    const AlignedRecord aligned = alignRecord(record, teacher, student, options);
    Found found;
    found.promptCut = aligned.teacher.promptCut || aligned.student.promptCut;
    found.answerCut = aligned.teacher.responseCut || aligned.student.responseCut;
    found.scored = options.wholeAnswers
                       ? !aligned.marked.student.empty()
                       : isScored(aligned.teacher, options.lossOn) && isScored(aligned.student, options.lossOn);
    const config::AlignmentRow& row = config::rowOf(options.alignment);
    found.sample.line = record.line;
    found.sample.teacherTokens = static_cast<std::int64_t>(aligned.marked.teacher.size());
    found.sample.studentTokens = static_cast<std::int64_t>(aligned.marked.student.size());
    found.sample.covered = numCovered(aligned.marked, options.alignment);
    for (const MarkedToken& token : aligned.marked.student) {
        count(token, found.sample);
        found.spaceTokens += isSpaces(student, token.id) ? 1 : 0;
        if (!isCovered(row, token.mark)) {
            found.uncovered.push_back({token.id, token.span});
        }
    }
    if (const auto other = otherRule(options)) {
        CoverageOptions published = options;
        published.alignment = *other;
        found.coveredByOther = numCovered(alignRecord(record, teacher, student, published).marked, *other);
    }
    return found;
}

// The most frequent ones, each class of a token for itself: "19" may be a number here and part of a word there.
std::vector<UncoveredToken> ranked(std::span<const Record> records, const std::vector<Found>& found,
                                   const Tokenizer& student, std::size_t most)
{
    TokenClassifier classifier;
    std::vector<std::string> texts(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string& answer = records[i].responses.front();
        if (isValidUtf8(answer)) { // others are counted as Special, rather than left out
            texts[i] = answer;
            classifier.count(texts[i]);
        }
    }
    std::map<std::pair<TokenId, TokenClass>, UncoveredToken> byToken;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!found[i].scored) {
            continue;
        }
        for (const Uncovered& token : found[i].uncovered) {
            const std::size_t end = std::min<std::size_t>(token.span.end, texts[i].size());
            const std::size_t begin = std::min<std::size_t>(token.span.begin, end);
            const TokenClass tokenClass =
                student.isSpecial(token.id) ? TokenClass::Special : classifier.classOf(texts[i], begin, end);
            auto [entry, isNew] = byToken.try_emplace({token.id, tokenClass});
            if (isNew) {
                entry->second = {token.id, tokenLabel(student, token.id), tokenClass, 0, found[i].sample.sample};
            }
            ++entry->second.count;
        }
    }
    std::vector<UncoveredToken> tokens;
    tokens.reserve(byToken.size());
    for (auto& [key, token] : byToken) {
        tokens.push_back(std::move(token));
    }
    std::sort(tokens.begin(), tokens.end(), [](const UncoveredToken& a, const UncoveredToken& b) {
        return std::tie(b.count, a.id, a.tokenClass) < std::tie(a.count, b.id, b.tokenClass);
    });
    tokens.resize(std::min(tokens.size(), most));
    return tokens;
}

} // namespace

std::int64_t CoverageReport::exact() const
{
    std::int64_t sum = 0;
    for (const SampleCoverage& sample : samples) {
        sum += sample.exact;
    }
    return sum;
}

std::int64_t CoverageReport::inChunk() const
{
    std::int64_t sum = 0;
    for (const SampleCoverage& sample : samples) {
        sum += sample.inChunk;
    }
    return sum;
}

CoverageOptions exactPairsOnly(const std::atomic<bool>* cancelled)
{
    CoverageOptions options;
    options.alignment = config::Alignment::Eta;
    options.wholeAnswers = true;
    options.withOtherRule = false;
    options.mostUncovered = 0;
    options.cancelled = cancelled;
    return options;
}

AlignedRecord alignRecord(const Record& record, const Tokenizer& teacher, const Tokenizer& student,
                          const CoverageOptions& options)
{
    const std::string& answer = record.responses.front();
    const bool whole = options.wholeAnswers && !config::rowOf(options.alignment).matchesSpellings;
    AlignedRecord aligned;
    aligned.teacher = whole ? answerAlone(teacher, answer) : dataset::makeSample(record, teacher, options.data);
    aligned.student = whole ? answerAlone(student, answer) : dataset::makeSample(record, student, options.data);
    const tokenizer::Encoding teacherAnswer = answerOf(aligned.teacher);
    const tokenizer::Encoding studentAnswer = answerOf(aligned.student);
    AnswerPair pair{{teacher, teacherAnswer}, {student, studentAnswer}, answer};
    if (config::rowOf(options.alignment).matchesSpellings) {
        pair.teacherInputs = aligned.teacher.inputs();
        pair.studentInputs = aligned.student.inputs();
    }
    aligned.marked = markAnswer(pair, options.alignment, options.edits);
    return aligned;
}

CoverageReport measureCoverage(std::span<const Record> records, const Tokenizer& teacher, const Tokenizer& student,
                               const CoverageOptions& options)
{
    std::vector<Found> found(records.size());
    inParallel(records.size(),
               [&](const Block& block) {
                   for (std::size_t i = block.begin; i < block.end; ++i) {
                       found[i] = measureRecord(records[i], teacher, student, options);
                   }
               },
               {0, options.cancelled});
    CoverageReport report;
    report.alignment = options.alignment;
    if (const auto other = otherRule(options)) {
        report.other = OtherRule{*other, {}};
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        Found& one = found[i];
        report.cutPrompts += one.promptCut ? 1 : 0;
        report.cutAnswers += one.answerCut ? 1 : 0;
        if (!one.scored) {
            ++report.unscored;
            continue;
        }
        one.sample.sample = static_cast<std::int64_t>(report.samples.size());
        one.sample.record = static_cast<std::int64_t>(i);
        report.samples.push_back(one.sample);
        report.teacherTokens += one.sample.teacherTokens;
        report.spaceTokens += one.spaceTokens;
        report.coverage.add(one.sample.covered, one.sample.studentTokens);
        if (report.other) {
            report.other->coverage.add(one.coveredByOther, one.sample.studentTokens);
        }
    }
    if (options.mostUncovered > 0) {
        report.uncovered = ranked(records, found, student, options.mostUncovered);
    }
    std::stable_sort(report.samples.begin(), report.samples.end(),
                     [](const SampleCoverage& a, const SampleCoverage& b) { return a.share() < b.share(); });
    return report;
}

std::string spacesSentence(std::int64_t spaceTokens)
{
    if (spaceTokens == 0) {
        return {};
    }
    return "Spaces do not count: " + std::to_string(spaceTokens) +
           (spaceTokens == 1 ? " student token is spaces alone and has" : " student tokens are spaces alone and have") +
           " no partner, whatever the teacher's tokens are";
}

} // namespace dskd::align
