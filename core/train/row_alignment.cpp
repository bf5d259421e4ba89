#include "core/train/row_alignment.h"

#include "core/align/chunks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>

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

void setAlignment(distill::StepRows& rows, const std::vector<const RowAlignment*>& samples, Alignment alignment,
                  at::Device device)
{
    const bool chunked = alignment == Alignment::Cla || alignment == Alignment::Clp;
    if (alignment == Alignment::None) {
        return;
    }
    std::vector<std::int64_t> student;
    std::vector<std::int64_t> teacher;
    std::vector<std::int64_t> studentChunks;
    std::vector<std::int64_t> teacherChunks;
    std::int64_t studentBegin = 0;
    std::int64_t teacherBegin = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const RowAlignment& sample = *samples[i];
        if (chunked) {
            studentChunks.insert(studentChunks.end(), sample.studentChunks.begin(), sample.studentChunks.end());
            teacherChunks.insert(teacherChunks.end(), sample.teacherChunks.begin(), sample.teacherChunks.end());
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
    }
    rows.pairs = {onDevice(student, device), onDevice(teacher, device)};
}

} // namespace dskd::train
