#include "core/train/data/row_alignment.h"

#include "core/align/chunks.h"
#include "core/base/utf8.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>

namespace dskd::train
{
namespace
{

using config::Alignment;

// Row r of a sample predicts response token r + firstToken: without a prompt nothing predicts the first token.
std::int64_t firstToken(const dataset::Sample& sample)
{
    return sample.promptLength > 0 ? 0 : 1;
}

tokenizer::Encoding responseOf(const dataset::Sample& sample)
{
    tokenizer::Encoding encoding;
    encoding.ids.assign(sample.ids.begin() + sample.promptLength, sample.ids.end());
    encoding.offsets = sample.responseOffsets;
    return encoding;
}

std::vector<align::TokenPair> exactPairs(const SampleSide& teacher, const SampleSide& student,
                                         std::string_view response, align::Method method)
{
    const tokenizer::Encoding teacherTokens = responseOf(teacher.sample);
    const tokenizer::Encoding studentTokens = responseOf(student.sample);
    std::vector<align::TokenPair> pairs =
        align::alignTokens({teacher.tokenizer, teacherTokens}, {student.tokenizer, studentTokens}, response, method);
    for (align::TokenPair& pair : pairs) {
        pair.teacherRow -= static_cast<std::int32_t>(firstToken(teacher.sample));
        pair.studentRow -= static_cast<std::int32_t>(firstToken(student.sample));
    }
    std::erase_if(pairs, [&](const align::TokenPair& pair) {
        return pair.teacherRow < 0 || pair.studentRow < 0 || pair.teacherRow >= teacher.sample.rows() ||
               pair.studentRow >= student.sample.rows();
    });
    return pairs;
}

// The offsets behind the response tokens that rows read.
std::vector<std::uint32_t> endsOfInputs(const dataset::Sample& sample)
{
    std::vector<std::uint32_t> ends;
    const std::int64_t read = sample.rows() - (sample.promptLength > 0 ? 1 : 0);
    for (std::int64_t i = 0; i < read; ++i) {
        ends.push_back(sample.responseOffsets[static_cast<std::size_t>(i)].end);
    }
    return ends;
}

void readChunks(const dataset::Sample& teacher, const dataset::Sample& student, RowAlignment& alignment)
{
    align::Chunks chunks = align::commonChunks(endsOfInputs(teacher), endsOfInputs(student));
    constexpr std::int64_t kPrompt = -1; // the row that reads the prompt's last token
    if (teacher.promptLength > 0) {
        chunks.teacher.insert(chunks.teacher.begin(), kPrompt);
    }
    if (student.promptLength > 0) {
        chunks.student.insert(chunks.student.begin(), kPrompt);
    }
    alignment.teacherChunks = std::move(chunks.teacher);
    alignment.studentChunks = std::move(chunks.student);
}

// The end of the text behind every position of a padded sample, as the published collator has it. It counts
// characters; only their order and equality matter here.
std::vector<std::int64_t> paddedEnds(const PromptedSample& side, std::string_view response, std::int64_t length)
{
    const dataset::Sample& sample = side.sample;
    assert(std::ssize(sample.promptOffsets) == sample.promptLength);
    std::vector<std::int64_t> ends;
    const std::size_t read = sample.ids.size() - 1; // the last token predicts nothing
    for (std::size_t i = 0; i < std::min(read, sample.promptOffsets.size()); ++i) {
        ends.push_back(static_cast<std::int64_t>(codePointEnd(side.prompt, sample.promptOffsets[i].end)));
    }
    for (std::size_t i = 0; ends.size() < read; ++i) {
        ends.push_back(static_cast<std::int64_t>(codePointEnd(response, sample.responseOffsets[i].end)));
    }
    ends.resize(std::max(read, static_cast<std::size_t>(length)), -1);
    return ends;
}

// Takes the chunks of a padded sample apart: those of its rows, and the others.
void split(const std::vector<std::int64_t>& all, const dataset::Sample& sample, std::vector<std::int64_t>& rows,
           std::vector<std::int64_t>& others)
{
    const auto first = all.begin() + sample.firstRow();
    const auto behind = first + sample.rows();
    rows.assign(first, behind);
    others.assign(all.begin(), first);
    others.insert(others.end(), behind, all.end());
}

at::Tensor onDevice(const std::vector<std::int64_t>& numbers, at::Device device)
{
    return at::tensor(numbers, at::kLong).to(device);
}

} // namespace

RowAlignment alignRows(const SampleSide& teacher, const SampleSide& student, std::string_view response,
                       Alignment alignment, const align::MinimumEdits* edits)
{
    RowAlignment result;
    switch (alignment) {
    case Alignment::None:
    case Alignment::Cma: break;
    case Alignment::MinEd:
        TORCH_CHECK(edits != nullptr, "MinED needs the map of the two vocabularies");
        result.pairs = edits->align(teacher.sample.inputs(), student.sample.inputs());
        break;
    case Alignment::Eta: result.pairs = exactPairs(teacher, student, response, align::Method::EtaBytes); break;
    case Alignment::EtaPublished:
        result.pairs = exactPairs(teacher, student, response, align::Method::EtaPublished);
        break;
    case Alignment::Position:
        for (std::int32_t row = 0; row < std::min(teacher.sample.rows(), student.sample.rows()); ++row) {
            result.pairs.push_back({row, row});
        }
        break;
    case Alignment::Cla:
    case Alignment::Clp: readChunks(teacher.sample, student.sample, result); break;
    }
    return result;
}

std::vector<align::TokenPair> exactPartners(const SampleSide& teacher, const SampleSide& student,
                                            std::string_view response)
{
    const bool shared = &teacher.tokenizer == &student.tokenizer;
    return alignRows(teacher, student, response, shared ? Alignment::Position : Alignment::Eta).pairs;
}

void chunkAsPublished(const PromptedSample& teacher, const PromptedSample& student, std::string_view response,
                      std::int64_t length, RowAlignment& alignment)
{
    const align::Chunks chunks =
        align::publishedChunks(paddedEnds(teacher, response, length), paddedEnds(student, response, length));
    split(chunks.teacher, teacher.sample, alignment.teacherChunks, alignment.teacherOutsideChunks);
    split(chunks.student, student.sample, alignment.studentChunks, alignment.studentOutsideChunks);
}

void setAlignment(batch::StepRows& rows, const std::vector<const RowAlignment*>& samples, Alignment alignment,
                  at::Device device)
{
    const bool chunked = config::rowOf(alignment).withinChunks;
    if (alignment == Alignment::None) {
        return;
    }
    std::vector<std::int64_t> student;
    std::vector<std::int64_t> teacher;
    std::vector<std::int64_t> studentOutside;
    std::vector<std::int64_t> teacherOutside;
    std::vector<std::int64_t> studentChunks;
    std::vector<std::int64_t> teacherChunks;
    std::int64_t studentBegin = 0;
    std::int64_t teacherBegin = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const RowAlignment& sample = *samples[i];
        if (chunked) {
            const auto append = [](std::vector<std::int64_t>& all, const std::vector<std::int64_t>& more) {
                all.insert(all.end(), more.begin(), more.end());
            };
            append(studentChunks, sample.studentChunks);
            append(teacherChunks, sample.teacherChunks);
            append(studentOutside, sample.studentOutsideChunks);
            append(teacherOutside, sample.teacherOutsideChunks);
        }
        for (const align::TokenPair& pair : sample.pairs) {
            student.push_back(studentBegin + pair.studentRow);
            teacher.push_back(teacherBegin + pair.teacherRow);
        }
        studentBegin += rows.student.rowsPerSample[i];
        teacherBegin += rows.teacher.rowsPerSample[i];
    }
    if (chunked) {
        rows.student.chunks = onDevice(studentChunks, device);
        rows.teacher.chunks = onDevice(teacherChunks, device);
        if (rows.student.outside && rows.teacher.outside) {
            rows.student.outside->chunks = onDevice(studentOutside, device);
            rows.teacher.outside->chunks = onDevice(teacherOutside, device);
        }
    }
    rows.pairs = {onDevice(student, device), onDevice(teacher, device)};
}

} // namespace dskd::train
